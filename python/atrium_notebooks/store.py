"""The project's files as the server keeps them. A save returns when it is durable there, and not before."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

_TIMEOUT_SECONDS = 60  # Of one exchange: a full group of commits on a slow disk takes seconds.
_PAGE = 1000
_PATIENCE_SECONDS = 60  # While a server starts again, after a crash or an update.
_AGAIN_SECONDS = 1.0


class StoreError(Exception):
    """What the server answered instead: its HTTP status (503 when it could not be reached) and its words."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class Store:
    """Speaks to the server as the job that we are."""

    def __init__(self, url: str, token: str):
        self._api = url.rstrip("/") + "/api/atrium/v1"
        self._token = token
        self.patient = True
        """Waits for a server that is away; else it says so at once, for somebody sits and waits."""

    @staticmethod
    def of_this_job() -> "Store":
        return Store(os.environ["ATRIUM_URL"], os.environ["ATRIUM_TOKEN"])

    def key(self, server: str) -> dict:
        return self._json("GET", f"/notebook-servers/{urllib.parse.quote(server)}/key")

    def get(self, path: str) -> dict:
        return self._json("GET", "/notebooks/file", {"path": path})

    def entries(self, path: str, below: str = "one-level") -> list[dict]:
        found: list[dict] = []
        query = {"path": path, "below": below, "pageSize": _PAGE}
        while True:
            page = self._json("GET", "/notebooks/files", query)
            found.extend(page["items"])
            if "nextToken" not in page:
                return found
            query["pageToken"] = page["nextToken"]

    def read(self, path: str, version: int | None = None) -> bytes:
        query: dict = {"path": path} | ({} if version is None else {"version": version})
        return self._exchange("GET", "/notebooks/content", query)

    def write(self, path: str, content: bytes) -> dict:
        return json.loads(self._exchange("PUT", "/notebooks/content", {"path": path}, content))

    def make_folder(self, path: str) -> dict:
        return self._json("POST", "/notebooks/folders", body={"path": path})

    def move(self, source: str, target: str) -> dict:
        return self._json("POST", "/notebooks/move", body={"from": source, "to": target})

    def remove(self, path: str) -> None:
        self._json("DELETE", "/notebooks/file", {"path": path})

    def versions(self, path: str, limit: int) -> list[dict]:
        return self._json("GET", "/notebooks/versions", {"path": path, "pageSize": limit})["items"]

    def restore(self, path: str, version: int) -> dict:
        return self._json("POST", "/notebooks/restore", body={"path": path, "version": version})

    def save_run(self, run: str, content: bytes, done: int, total: int) -> None:
        path = f"/notebooks/runs/{urllib.parse.quote(run)}/content"
        self._exchange("PUT", path, {"done": done, "total": total}, content)

    def _json(self, method: str, path: str, query: dict | None = None, body: dict | None = None) -> dict:
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self._exchange(method, path, query, content, "application/json"))

    def _exchange(
        self,
        method: str,
        path: str,
        query: dict | None = None,
        content: bytes | None = None,
        media_type: str = "application/octet-stream",
    ) -> bytes:
        address = self._api + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(address, data=content, method=method)
        request.add_header("authorization", f"Bearer {self._token}")
        if content is not None:
            request.add_header("content-type", media_type)
        deadline = time.monotonic() + (_PATIENCE_SECONDS if self.patient else 0)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
                    return answer.read()
            except urllib.error.HTTPError as refused:
                raise StoreError(refused.code, _words_of(refused)) from refused
            except OSError as away:
                if time.monotonic() >= deadline:
                    raise StoreError(503, f"The Atrium server does not answer: {away}") from away
            time.sleep(_AGAIN_SECONDS)


def _words_of(refused: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(refused.read())["error"]["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return str(refused)
