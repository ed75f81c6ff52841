"""A small runner: a check is a function, and its name is the sentence that it proves."""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import requests
from mlflow.exceptions import MlflowException, RestException

from .here import Here

SHOWN_CHARACTERS_MAX = 1500  # Enough of a value to see what differs; a run with its metrics can be megabytes.


@dataclass(frozen=True)
class Check:
    theme: str
    sentence: str
    body: Callable[[Here], None]
    atrium_only: bool = False


class Failed(AssertionError):
    """What was expected did not come."""


_checks: list[Check] = []


def check(body: Callable[[Here], None]) -> Callable[[Here], None]:
    """Registers a check that MLflow's own server passes too."""
    _register(body, sentence=_sentence(body))
    return body


def atrium_check(body: Callable[[Here], None]) -> Callable[[Here], None]:
    """Registers a check of what only Atrium has: tokens, projects, the audit trail."""
    _register(body, sentence=_sentence(body), atrium_only=True)
    return body


def check_each(*cases: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers one check a case; a case is a tuple of arguments, and its first says what the case is."""

    def register(body: Callable[..., None]) -> Callable[..., None]:
        for case in cases:
            _register(
                lambda here, case=case: body(here, *case),
                sentence=f"{_sentence(body)}: {_in_one_line(case[0])}",
                theme=body.__module__,
            )
        return body

    return register


def equal(got: Any, expected: Any, of: str = "value") -> None:
    if got != expected:
        raise Failed(f"{of}\n      expected {_shown(expected)}\n      got      {_shown(got)}")


def holds(truth: Any, of: str) -> None:
    if not truth:
        raise Failed(of)


@contextlib.contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    """The client raises with this code and text. A text that ends in `…` is the beginning only: some servers add to it."""
    try:
        yield
    except MlflowException as raised:
        said = raised.json.get("message") if isinstance(raised, RestException) else raised.message
        said = said.removeprefix(
            f"{code}: "
        )  # The client repeats the code where it adds advice to an answer.
        equal(raised.error_code, code, of=f"error code (message was {said!r})")
        same_text(said, message, of="message")
        return
    raise Failed(f"expected {code}: {message}\n      got      no error")


def same_text(got: str, expected: str, of: str) -> None:
    if expected.endswith("…"):
        holds(got.startswith(expected[:-1]), f"{of}\n      expected {expected}\n      got      {got}")
    else:
        equal(got, expected, of=of)


def run_checks(here: Here, only: str | None) -> tuple[int, int]:
    """Runs all that apply, in order, each from a clean client. Answers how many passed and failed."""
    passed = failed = skipped = 0
    watch = _ServerErrors()
    theme = None
    for each in _checks:
        if only is not None and only not in f"{each.theme}: {each.sentence}":
            continue
        if each.atrium_only and here.server != "atrium":
            skipped += 1
            continue
        if each.theme != theme:
            theme = each.theme
            print(f"{theme}")
        started = time.monotonic()
        problem = _problem_of(each, here, watch)
        took = f" ({time.monotonic() - started:.1f} s)" if time.monotonic() - started > 2 else ""
        print(f"  {'ok  ' if problem is None else 'FAIL'} {each.sentence}{took}")
        if problem is None:
            passed += 1
        else:
            failed += 1
            print(f"      {problem}")
        sys.stdout.flush()
    if skipped > 0:
        print(f"{skipped} skipped: only Atrium has what they check")
    return passed, failed


def _problem_of(each: Check, here: Here, watch: "_ServerErrors") -> str | None:
    watch.seen.clear()
    try:
        each.body(here)
    except Failed as failure:
        return str(failure)
    except Exception as broke:  # A check that breaks is a check that failed; the rest must still run.
        return _told(broke)
    finally:
        _leave_no_run_open()
    return f"the server answered {', '.join(watch.seen)}" if watch.seen else None


def _told(broke: Exception) -> str:
    """The error, and the lines of the walk that led to it; those of the client say nothing about the server."""
    walk = str(Path(__file__).parent)
    frames = [each for each in traceback.extract_tb(broke.__traceback__) if each.filename.startswith(walk)]
    lines = [f"{Path(each.filename).name}:{each.lineno} {each.line}" for each in frames[1:]]
    error = "".join(traceback.format_exception_only(broke)).strip()[:SHOWN_CHARACTERS_MAX]
    return "\n      ".join([*lines, *error.split("\n")])


def _leave_no_run_open() -> None:
    while mlflow.active_run() is not None:
        mlflow.end_run()


class _ServerErrors:
    """Looks at every answer that passes: whatever a client does, the server must not answer 5xx."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        send = requests.Session.send
        seen = self.seen

        def watched(session: requests.Session, request: requests.PreparedRequest, **options: Any):
            answer = send(session, request, **options)
            # 501 is an answer to a question, not a breakdown: no multipart upload here.
            if answer.status_code >= 500 and answer.status_code != 501:
                seen.append(f"{answer.status_code} to {request.method} {request.url}")
            return answer

        requests.Session.send = watched


def _register(
    body: Callable[[Here], None], *, sentence: str, theme: str | None = None, atrium_only: bool = False
) -> None:
    name = (theme or body.__module__).rsplit(".", 1)[-1].replace("_", " ")
    _checks.append(Check(name, sentence, body, atrium_only))


def _sentence(body: Callable[..., None]) -> str:
    return body.__name__.replace("_", " ")


def _in_one_line(case: Any) -> str:
    return str(case)[:100].replace("\n", "\\n")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}…"
