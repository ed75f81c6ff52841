"""Where the walk takes place: one server, a client for it, and raw requests that no client would send."""

import http.client
import itertools
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import requests
from mlflow import MlflowClient
from mlflow.entities import Run

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
DOCS = " See the API docs for more information about request parameters."
REQUEST_TIMEOUT_S = 60
Made = TypeVar("Made")


@dataclass(frozen=True)
class Answer:
    """`body` is the parsed JSON, or None when the text is none."""

    status: int
    text: str
    headers: dict[str, str]
    body: Any
    content: bytes = b""


class Here:
    def __init__(self, url: str, token: str | None, server: Literal["atrium", "mlflow"]) -> None:
        self.url = url
        self.token = token
        self.server = server
        self.client = MlflowClient(url)
        self._session = requests.Session()
        self._numbers = itertools.count(1)
        self._made: dict[str, Any] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="walk-")

    def name(self, stem: str = "walk") -> str:
        """A name that nothing else has."""
        return f"{stem}-{os.getpid()}-{next(self._numbers)}"

    def folder(self) -> Path:
        """A new empty folder."""
        return Path(tempfile.mkdtemp(dir=self._folder.name))

    def experiment(self) -> str:
        return self.client.create_experiment(self.name("experiment"))

    def run(self, **given: Any) -> Run:
        """A new run in a new experiment."""
        return self.client.create_run(self.experiment(), **given)

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """What several checks share and none changes."""
        if key not in self._made:
            self._made[key] = None
            self._made[key] = make()
        if self._made[key] is None:
            raise RuntimeError(f"{key} could not be made; the first check that needed them says why")
        return self._made[key]

    def get(self, path: str, /, **query: Any) -> Answer:
        return self.send("GET", f"{API}/{path}", params=query)

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", f"{API}/{path}", json=body)

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """One request with the walk's credentials; `options` are those of `requests`."""
        headers = {**self._authorization(), **options.pop("headers", {})}
        given = self._session.request(
            method, self.url + path, headers=headers, timeout=REQUEST_TIMEOUT_S, **options
        )
        return Answer(given.status_code, given.text, dict(given.headers), _parsed(given.text), given.content)

    def send_verbatim(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """As `send`, but the path goes out byte for byte: clients tidy `..` away before it leaves."""
        server = urlsplit(self.url)
        connection = http.client.HTTPConnection(server.hostname or "", server.port, timeout=REQUEST_TIMEOUT_S)
        try:
            connection.request(method, server.path + path, body=body, headers=self._authorization())
            given = connection.getresponse()
            content = given.read()
            text = content.decode("utf-8", "replace")
            return Answer(given.status, text, dict(given.getheaders()), _parsed(text), content)
        finally:
            connection.close()

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
