"""What the unmodified mlflow sees of two endpoints by its scoring client and its deployments client; one line of JSON."""

import json
import os
import sys
import tempfile

import pandas as pd
from mlflow.deployments import get_deploy_client
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

URL = os.environ["ATRIUM_URL"]
FRAME = pd.DataFrame([{"a": 1.0, "b": 0.5, "n": 1.0}, {"a": 2.5, "b": 0.0, "n": 3.0}])


def main():
    host, port = URL.removeprefix("http://").split(":")
    found = {}
    # The scoring client sends no token by itself; requests, below it, takes what ~/.netrc says.
    with tempfile.NamedTemporaryFile("w", suffix=".netrc") as netrc:
        netrc.write(f"machine {host} login atrium password {os.environ['ATRIUM_TOKEN']}\n")
        netrc.flush()
        os.environ["NETRC"] = netrc.name
        for name in sys.argv[1:]:
            client = ScoringServerClient(host, f"{port}/serving/{name}")
            client.wait_server_ready(timeout=10)
            found[f"{name} version"] = client.get_version()
            found[f"{name} frame"] = flat(client.invoke(FRAME).get_predictions())
            found[f"{name} array"] = refusal(client, FRAME.to_numpy())
        del os.environ["NETRC"]
    deployments = get_deploy_client(URL)
    found["endpoints"] = sorted(one.name for one in deployments.list_endpoints())
    found["endpoint"] = deployments.get_endpoint(sys.argv[1]).endpoint_url
    for name in sys.argv[1:]:
        split = FRAME.to_dict(orient="split")
        inputs = {"dataframe_split": {"columns": split["columns"], "data": split["data"]}}
        found[f"{name} deployments"] = flat(pd.DataFrame(deployments.predict(endpoint=name, inputs=inputs)["predictions"]))
    print(json.dumps(found))


def flat(frame):
    return [float(value) for value in frame.to_numpy().ravel()]


def refusal(client, array):
    """A model of named columns takes an array where its one input is a matrix, and refuses it in words where not."""
    try:
        return flat(client.invoke(array).get_predictions())
    except Exception as error:
        return str(error)


if __name__ == "__main__":
    main()
