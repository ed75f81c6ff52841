"""What the unmodified tritonclient sees of two endpoints; its findings go out as one line of JSON."""

import json
import os
import sys

import numpy as np
import tritonclient.http as triton

URL = os.environ["ATRIUM_URL"].removeprefix("http://")
HEADERS = {"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"}
ROWS = np.array([[1, 0.5, 1], [2.5, 0, 3]])


def main():
    client = triton.InferenceServerClient(URL)
    onnx, pyfunc = sys.argv[1:3]
    found = {
        "live": client.is_server_live(headers=HEADERS),
        "ready": client.is_model_ready(onnx, headers=HEADERS),
        "server": client.get_server_metadata(headers=HEADERS)["extensions"],
        "index": sorted({one["name"] for one in client.get_model_repository_index(headers=HEADERS)}),
        "inputs": client.get_model_metadata(onnx, headers=HEADERS)["inputs"],
        "columns": [one["name"] for one in client.get_model_metadata(pyfunc, headers=HEADERS)["inputs"]],
    }
    name = found["inputs"][0]["name"]
    for form in ("json", "binary", "gzip"):
        found[form] = ask(client, onnx, [(name, ROWS.astype("f4"), "FP32")], form)
    columns = [("a", ROWS[:, :1], "FP64"), ("b", ROWS[:, 1:2], "FP64"), ("n", ROWS[:, 2:], "FP64")]
    for form in ("json", "binary"):
        found[f"pyfunc {form}"] = ask(client, pyfunc, columns, form)
    found["answered"] = client.get_inference_statistics(onnx, headers=HEADERS)["model_stats"][0]["inference_count"]
    try:
        ask(client, "nothing", columns, "json")
    except triton.InferenceServerException as error:
        found["unknown"] = [error.status(), error.message()]
    print(json.dumps(found))


def ask(client, model, given, form):
    inputs = []
    for name, values, datatype in given:
        values = np.ascontiguousarray(values)
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=form != "json")
        inputs.append(tensor)
    packed = {"request_compression_algorithm": "gzip", "response_compression_algorithm": "gzip"}
    metadata = client.get_model_metadata(model, headers=HEADERS)
    outputs = [
        triton.InferRequestedOutput(metadata["outputs"][0]["name"], binary_data=form != "json"),
    ]
    answer = client.infer(
        model, inputs, outputs=outputs, headers=dict(HEADERS), **(packed if form == "gzip" else {})
    )
    return answer.as_numpy(metadata["outputs"][0]["name"]).ravel().tolist()


if __name__ == "__main__":
    main()
