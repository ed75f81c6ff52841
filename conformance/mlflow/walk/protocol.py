"""Requests that no client of ours sends, and how they are refused."""

import json

from .here import API, DOCS, Here
from .runner import atrium_check, check, check_each, equal, holds

JSON = {"Content-Type": "application/json"}


def post_text(here: Here, path: str, text: str, headers: dict[str, str]):
    return here.send("POST", f"{API}/{path}", data=text.encode(), headers=headers)


@check_each(("text/plain",), ("application/x-www-form-urlencoded",), ("application/octet-stream",))
def a_content_type_is_refused(here: Here, content_type: str) -> None:
    answer = post_text(here, "runs/create", '{"experiment_id":"0"}', {"Content-Type": content_type})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(answer.body["message"], "Bad Request. Content-Type must be one of ['application/json'].")


@check
def a_missing_content_type_is_refused(here: Here) -> None:
    answer = here.send_verbatim("POST", f"{API}/runs/create", b'{"experiment_id":"0"}')
    equal((answer.status, answer.body.get("message")), (400, "Bad Request. Content-Type header is missing."))


@check
def a_charset_in_the_content_type_is_fine(here: Here) -> None:
    text = json.dumps({"name": here.name()})
    answer = post_text(here, "experiments/create", text, {"Content-Type": "application/json; charset=utf-8"})
    equal(answer.status, 200)


@check_each(("{not json",), ("",), ("null",), ('{"run_id": "a"',))
def a_body_that_is_no_object_is_400(here: Here, text: str) -> None:
    equal(post_text(here, "runs/set-tag", text, JSON).status, 400)


@check
def an_object_encoded_twice_is_read(here: Here) -> None:
    """What clients of long ago send."""
    name = here.name()
    answer = post_text(here, "experiments/create", json.dumps(json.dumps({"name": name})), JSON)
    equal(answer.status, 200)
    equal(here.client.get_experiment_by_name(name).experiment_id, answer.body["experiment_id"])


@check
def fields_may_be_written_in_camel_case(here: Here) -> None:
    experiment = here.experiment()
    answer = here.post("runs/create", {"experimentId": experiment, "runName": "camel"})
    equal((answer.status, answer.body["run"]["info"]["run_name"]), (200, "camel"))


@check
def unknown_fields_are_ignored(here: Here) -> None:
    equal(here.post("experiments/create", {"name": here.name(), "colour": "red"}).status, 200)


@check
def a_field_that_is_null_counts_as_absent(here: Here) -> None:
    answer = here.post("experiments/create", {"name": None})
    equal(
        (answer.status, answer.body["message"]), (400, f"Missing value for required parameter 'name'.{DOCS}")
    )


@check_each(
    ("experiments/create", {"name": 5}, "5", "name", "int"),
    ("experiments/create", {"name": "x", "tags": "x"}, '"x"', "tags", "str"),
    ("experiments/set-experiment-tag", {"experiment_id": "0", "key": "k", "value": 5}, "5", "value", "int"),
    ("runs/create", {"experiment_id": 5}, "5", "experiment_id", "int"),
    ("runs/create", {"experiment_id": "0", "start_time": "x"}, '"x"', "start_time", "str"),
    ("runs/set-tag", {"run_id": "a", "key": 5, "value": "x"}, "5", "key", "int"),
    ("runs/log-parameter", {"run_id": "a", "key": "k", "value": 5}, "5", "value", "int"),
    ("runs/log-batch", {"run_id": "a", "metrics": "x"}, '"x"', "metrics", "str"),
    ("runs/log-batch", {"run_id": "a", "metrics": {}}, "{}", "metrics", "dict"),
    ("runs/log-inputs", {"run_id": "a", "datasets": "x"}, '"x"', "datasets", "str"),
    ("registered-models/create", {"name": 5}, "5", "name", "int"),
    ("registered-models/create", {"name": ["a", 1]}, '["a",1]', "name", "list"),
    ("registered-models/create", {"name": True}, "true", "name", "bool"),
)
def a_wrong_type_is_told_in(here: Here, path: str, body: dict, *told: str) -> None:
    value, parameter, kind = told
    answer = here.post(path, body)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(
        answer.body["message"],
        f"Invalid value {value} for parameter '{parameter}' supplied:  Hint: Value was of type '{kind}'.{DOCS}",
    )


@check_each(
    ("experiments/get", "experiment_id"),
    ("experiments/get-by-name", "experiment_name"),
    ("runs/get", "run_id"),
    ("metrics/get-history", "run_id"),
    ("artifacts/list", "run_id"),
    ("registered-models/get", "name"),
    ("registered-models/alias", "name"),
    ("model-versions/get", "name"),
)
def a_parameter_is_missing_from(here: Here, path: str, parameter: str) -> None:
    answer = here.get(path)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(answer.body["message"], f"Missing value for required parameter '{parameter}'.{DOCS}")


@check
def errors_are_json_with_a_code_and_a_message(here: Here) -> None:
    answer = here.get("runs/get", run_id="nope")
    holds({"error_code", "message"} <= set(answer.body), f"body {answer.body}")
    headers = {key.lower(): value for key, value in answer.headers.items()}
    holds(headers["content-type"].startswith("application/json"), headers["content-type"])


@atrium_check
def what_breaks_the_reference_server_is_4xx_here(here: Here) -> None:
    """Its 500 makes the client try again for minutes, so these we answer as what they are: mistakes in a request."""
    run = here.run()
    experiment, run_id = run.info.experiment_id, run.info.run_id
    deleted = here.experiment()
    here.client.delete_experiment(deleted)
    search = {"experiment_ids": [experiment]}
    for path, body in (
        ("runs/log-batch", {"run_id": run_id, "metrics": [5]}),
        ("runs/search", {**search, "order_by": ["start_time ASC", "start_time DESC"]}),
        ("logged-models/search", {**search, "filter": "foo = 'x'"}),
        ("logged-models/search", {**search, "filter": "metrics.acc = 'x'"}),
        ("logged-models/search", {**search, "page_token": "zz"}),
        ("experiments/update", {"experiment_id": deleted, "new_name": here.name()}),
    ):
        status = here.post(path, body).status
        holds(status in (200, 400, 409), f"200, 400 or 409 to {path} {body}, got {status}")
    for text in ("[1]", "5", "{not json"):
        for path in ("runs/create", "runs/log-batch", "runs/search"):
            equal(post_text(here, path, text, JSON).status, 400, of=f"{text} to {path}")
    huge = here.get("experiments/get", experiment_id="9" * 30).status
    holds(huge in (400, 404), f"400 or 404 to an id of 30 digits, got {huge}")


@atrium_check
def a_run_without_an_experiment_goes_into_the_default_one(here: Here) -> None:
    for body in ({}, {"experiment_id": ""}):
        answer = here.post("runs/create", body)
        equal((answer.status, answer.body["run"]["info"]["experiment_id"]), (200, "0"))
