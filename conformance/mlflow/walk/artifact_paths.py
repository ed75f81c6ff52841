"""Paths that try to leave their place: each is 400, and nothing is written or read."""

from .here import ARTIFACTS, Answer, Here
from .runner import check, check_each, equal, holds, same_text

TRICKS = (
    "../x",
    "../../x",
    "a/../../x",
    "..%2fx",
    "%2e%2e/x",
    "%2e%2e%2fx",
    "%252e%252e/x",
    "%252e%252e%252fx",
    "a%23b",
)


def told_invalid(answer: Answer) -> None:
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], "Invalid path…", of="message")


def _place(here: Here) -> tuple[str, str]:
    def make() -> tuple[str, str]:
        run = here.run()
        here.client.log_text(run.info.run_id, "secret", "a.txt")
        return run.info.run_id, f"{run.info.experiment_id}/{run.info.run_id}/artifacts"

    return here.once("attacked run", make)


@check_each(*((trick,) for trick in TRICKS))
def a_path_is_refused_for_every_method(here: Here, trick: str) -> None:
    _, place = _place(here)
    for method in ("PUT", "GET", "DELETE"):
        body = b"x" if method == "PUT" else None
        answer = here.send_verbatim(method, f"{ARTIFACTS}/{place}/{trick}", body)
        told_invalid(answer)


@check_each(("../x",), ("/etc",), ("a/%2e%2e/b",), ("a/../../b",))
def a_list_is_refused(here: Here, path: str) -> None:
    answer = here.send("GET", ARTIFACTS, params={"path": path})
    told_invalid(answer)


@check_each(("../x",), ("/etc/passwd",), ("a/../../b",))
def a_path_below_a_run_is_refused(here: Here, path: str) -> None:
    run_id, _ = _place(here)
    for answer in (
        here.get("artifacts/list", run_id=run_id, path=path),
        here.send("GET", "/get-artifact", params={"run_id": run_id, "path": path}),
    ):
        told_invalid(answer)


@check_each((f"{ARTIFACTS}//etc/passwd",), (f"{ARTIFACTS}/%2fetc%2fpasswd",))
def an_absolute_path_is_refused(here: Here, path: str) -> None:
    for method in ("PUT", "GET"):
        answer = here.send_verbatim(method, path, b"x" if method == "PUT" else None)
        told_invalid(answer)


@check
def a_file_without_a_name_is_refused(here: Here) -> None:
    _, place = _place(here)
    holds(here.send_verbatim("PUT", f"{ARTIFACTS}/{place}/", b"x").status in (400, 404, 405), "a 4xx")


@check
def no_trick_has_left_anything_behind(here: Here) -> None:
    run_id, _ = _place(here)
    equal([each.path for each in here.client.list_artifacts(run_id)], ["a.txt"])
