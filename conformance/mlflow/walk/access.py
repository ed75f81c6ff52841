"""What only Atrium has: tokens, projects as workspaces, ids that stay in their project, the audit trail."""

import contextlib
import os
import time
from collections.abc import Iterator

import mlflow
import requests
from mlflow import MlflowClient

from .here import API, REQUEST_TIMEOUT_S, Here
from .runner import atrium_check, equal, holds, refused

ATRIUM = "/api/atrium/v1"
VARIABLES = (
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_WORKSPACE",
)
TOKEN_LIFE_MS = 2000  # The shortest that leaves time for one request on a busy machine.


@contextlib.contextmanager
def environment(**given: str) -> Iterator[None]:
    """The client reads its credentials from the environment at each request."""
    before = {name: os.environ.pop(name, None) for name in VARIABLES}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def bare(here: Here, **headers: str) -> requests.Response:
    return requests.get(
        f"{here.url}{API}/experiments/get",
        params={"experiment_id": "0"},
        headers=headers,
        timeout=REQUEST_TIMEOUT_S,
    )


def project(here: Here) -> str:
    """The slug of a second project."""

    def make() -> str:
        slug = here.name("other")
        answer = here.send("POST", f"{ATRIUM}/projects", json={"slug": slug})
        equal(answer.status, 201, of=f"creating a project said {answer.text}")
        return slug

    return here.once("a second project", make)


def new_token(here: Here, life_ms: int = 3_600_000) -> dict:
    body = {"name": here.name("token"), "expiresMs": int(time.time() * 1000) + life_ms}
    answer = here.send("POST", f"{ATRIUM}/tokens", json=body)
    equal(answer.status, 201, of=f"creating a token said {answer.text}")
    return answer.body


@atrium_check
def no_token_is_401(here: Here) -> None:
    answer = bare(here)
    equal(answer.status_code, 401, of="status")
    holds("www-authenticate" in answer.headers, "the answer says how to sign in")


@atrium_check
def a_wrong_token_is_401(here: Here) -> None:
    equal(bare(here, Authorization="Bearer no-such-token").status_code, 401)
    equal(bare(here, Authorization="Basic bm86c3VjaA==").status_code, 401)


@atrium_check
def the_client_without_a_token_is_refused(here: Here) -> None:
    with environment(), refused("UNAUTHENTICATED", "…"):
        MlflowClient(here.url).get_experiment("0")


@atrium_check
def the_client_signs_in_by_token(here: Here) -> None:
    with environment(MLFLOW_TRACKING_TOKEN=new_token(here)["secret"]):
        equal(MlflowClient(here.url).get_experiment("0").name, "Default")


@atrium_check
def the_client_signs_in_by_user_name_and_token_as_password(here: Here) -> None:
    secret = new_token(here)["secret"]
    with environment(MLFLOW_TRACKING_USERNAME="anyone", MLFLOW_TRACKING_PASSWORD=secret):
        equal(MlflowClient(here.url).get_experiment("0").name, "Default")


@atrium_check
def an_expired_token_is_401(here: Here) -> None:
    secret = new_token(here, TOKEN_LIFE_MS)["secret"]
    equal(bare(here, Authorization=f"Bearer {secret}").status_code, 200, of="while it lives")
    time.sleep(TOKEN_LIFE_MS / 1000 + 0.5)
    equal(bare(here, Authorization=f"Bearer {secret}").status_code, 401, of="afterwards")


@atrium_check
def a_revoked_token_is_401_at_once(here: Here) -> None:
    made = new_token(here)
    here.send("DELETE", f"{ATRIUM}/tokens/{made['token']['id']}")
    equal(bare(here, Authorization=f"Bearer {made['secret']}").status_code, 401)


@atrium_check
def a_prefix_in_the_address_chooses_the_project(here: Here) -> None:
    client = MlflowClient(f"{here.url}/p/{project(here)}")
    name = here.name("in the other project")
    made = client.create_experiment(name)
    equal(client.get_experiment(made).name, name)
    equal(here.client.get_experiment_by_name(name), None, of="in the first project")


@atrium_check
def artifacts_work_below_the_prefix(here: Here) -> None:
    url = f"{here.url}/p/{project(here)}"
    client = MlflowClient(url)
    mlflow.set_tracking_uri(url)
    try:
        run = client.create_run(client.create_experiment(here.name()))
        client.log_text(run.info.run_id, "other", "a.txt")
        equal(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt"), "other")
    finally:
        mlflow.set_tracking_uri(here.url)


@atrium_check
def every_project_has_its_own_default_experiment(here: Here) -> None:
    client = MlflowClient(f"{here.url}/p/{project(here)}")
    run = client.create_run("0")
    equal(client.get_experiment("0").name, "Default")
    equal([each.info.run_id for each in here.client.search_runs(["0"], f"run_id = '{run.info.run_id}'")], [])


@atrium_check
def one_name_may_be_used_in_two_projects(here: Here) -> None:
    other = MlflowClient(f"{here.url}/p/{project(here)}")
    experiment, model = here.name("shared"), here.name("shared model")
    for client in (here.client, other):
        client.create_experiment(experiment)
        client.create_registered_model(model)


@atrium_check
def set_workspace_chooses_the_project(here: Here) -> None:
    slug, name = project(here), here.name("in the workspace")
    with environment(MLFLOW_TRACKING_TOKEN=here.token or ""):
        mlflow.set_workspace(slug)
        try:
            made = mlflow.set_experiment(name)
            equal(made.name, name)
        finally:
            mlflow.set_workspace(None)
    equal(here.client.get_experiment_by_name(name), None, of="in the first project")
    other = MlflowClient(f"{here.url}/p/{slug}")
    equal(other.get_experiment_by_name(name).experiment_id, made.experiment_id)


@atrium_check
def the_workspace_header_chooses_the_project(here: Here) -> None:
    name = here.name("by header")
    headers = {"X-MLFLOW-WORKSPACE": project(here)}
    made = here.send("POST", f"{API}/experiments/create", json={"name": name}, headers=headers)
    equal(made.status, 200, of="status")
    equal(here.client.get_experiment_by_name(name), None, of="in the first project")


@atrium_check
def an_unknown_project_is_404(here: Here) -> None:
    for answer in (
        here.send("GET", f"/p/no-such-project{API}/experiments/get", params={"experiment_id": "0"}),
        here.send(
            "GET",
            f"{API}/experiments/get",
            params={"experiment_id": "0"},
            headers={"X-MLFLOW-WORKSPACE": "no-such"},
        ),
    ):
        equal(answer.status, 404)


@atrium_check
def ids_of_another_project_are_404(here: Here) -> None:
    other = MlflowClient(f"{here.url}/p/{project(here)}")
    run = here.run()
    experiment, run_id = run.info.experiment_id, run.info.run_id
    here.client.log_text(run_id, "secret", "a.txt")
    model_id = here.client.create_logged_model(experiment).model_id
    name = here.client.create_registered_model(here.name("hidden")).name
    for attempt in (
        lambda: other.get_experiment(experiment),
        lambda: other.get_run(run_id),
        lambda: other.log_metric(run_id, "m", 1),
        lambda: other.set_tag(run_id, "t", "1"),
        lambda: other.delete_run(run_id),
        lambda: other.create_run(experiment),
        lambda: other.get_logged_model(model_id),
        lambda: other.get_registered_model(name),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST", "…"):
            attempt()
    equal(other.search_runs([experiment]), [], of="runs found")
    equal(here.client.get_run(run_id).info.lifecycle_stage, "active", of="untouched")


@atrium_check
def files_of_another_project_are_not_found(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "secret", "a.txt")
    place = f"{run.info.experiment_id}/{run.info.run_id}/artifacts"
    root = f"/p/{project(here)}/api/2.0/mlflow-artifacts/artifacts"
    equal(here.send("GET", f"{root}/{place}/a.txt").status, 404, of="get")
    equal(here.send("GET", root, params={"path": place}).body.get("files"), None, of="list")
    holds(here.send("PUT", f"{root}/{place}/a.txt", data=b"mine").status >= 400, "put is refused")
    equal(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt"), "secret")


@atrium_check
def a_file_of_an_unknown_run_is_refused(here: Here) -> None:
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/{'f' * 32}/artifacts/a.txt"
    holds(400 <= here.send("PUT", path, data=b"x").status < 500, "a 4xx")


@atrium_check
def the_audit_trail_tells_what_the_client_did(here: Here) -> None:
    experiment = here.experiment()
    run_id = here.client.create_run(experiment).info.run_id
    here.client.delete_run(run_id)
    for resource in (experiment, run_id):
        answer = here.send("GET", f"{ATRIUM}/audit/records", params={"resourceId": resource})
        equal(answer.status, 200, of="status")
        holds(answer.body["items"], f"a record of {resource}")
    verified = here.send("POST", f"{ATRIUM}/audit/verify")
    equal((verified.status, verified.body.get("intact")), (200, True))
