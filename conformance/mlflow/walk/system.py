"""What a client asks before anything else: is it there, which version, what can it do."""

from .here import Here
from .runner import check, equal, holds


@check
def health_says_OK(here: Here) -> None:
    answer = here.send("GET", "/health")
    equal((answer.status, answer.text), (200, "OK"))


@check
def version_is_text_that_the_client_can_read(here: Here) -> None:
    answer = here.send("GET", "/version")
    equal(answer.status, 200, of="status")
    holds(answer.text.strip() != "" and "<" not in answer.text, f"a version, got {answer.text!r}")


@check
def server_info_tells_the_store_and_whether_there_are_workspaces(here: Here) -> None:
    answer = here.send("GET", "/api/3.0/mlflow/server-info")
    equal(answer.status, 200, of="status")
    equal(answer.body["store_type"], "SqlStore", of="store_type")
    equal(answer.body["workspaces_enabled"], here.server == "atrium", of="workspaces_enabled")


@check
def every_route_answers_under_ajax_api_too(here: Here) -> None:
    answer = here.send("GET", "/ajax-api/2.0/mlflow/experiments/get", params={"experiment_id": "0"})
    equal((answer.status, answer.body["experiment"]["name"]), (200, "Default"))


@check
def an_unknown_route_is_404_without_an_error_code(here: Here) -> None:
    """The client reads ENDPOINT_NOT_FOUND from a 404 that is no JSON of ours, and then tries older routes."""
    answer = here.send("GET", "/api/2.0/mlflow/no-such-thing")
    equal(answer.status, 404, of="status")
    holds(
        not (isinstance(answer.body, dict) and "error_code" in answer.body),
        f"no error code in {answer.text!r}",
    )


@check
def a_wrong_method_is_refused(here: Here) -> None:
    holds(here.send("GET", "/api/2.0/mlflow/runs/create").status in (404, 405), "404 or 405")
