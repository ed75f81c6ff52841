"""Runs a notebook from its first cell to its last; what a cell has put out is kept as it ends, and while it runs."""

import json
import os
import queue
import signal
import sys
import time
from pathlib import Path

from atrium_notebooks import clients, document, kernels, settings
from atrium_notebooks.folder import WorkFolder
from atrium_notebooks.store import Store, StoreError

_SAVE_EVERY_SECONDS = 2.0  # Of a running cell's output, this much at most is lost to a kill.
_START_SECONDS = 120
_POLL_SECONDS = 0.5
_OUTPUT_CHARACTERS_MAX = 4_000_000  # Of one cell; the file must stay one that a browser opens.
_SAVE_TRIES = 30
_SAVE_WAIT_SECONDS = 2.0  # A server that starts again is away for seconds.


class _Cancelled(Exception):
    pass


def main() -> None:
    given = settings.read(settings.RunSettings)
    signal.signal(signal.SIGTERM, _cancel)
    store = Store.of_this_job()
    notebook = document.read(store.read(given.path, given.version).decode("utf-8"))
    document.inject(notebook, given.parameters)
    folder = WorkFolder(Path.cwd() / "files", store, given.file_bytes_max, given.folder_bytes_max)
    folder.fetch()
    report = _Report(store, given.run, notebook)
    try:
        failed = _run(notebook, given, report)
    except _Cancelled:
        for cell in document.code_cells(notebook):
            if cell["metadata"]["papermill"]["status"] == "running":
                document.mark(cell, "cancelled")
        report.save()
        raise SystemExit(143) from None
    folder.collect(settled_seconds=0)
    if failed is not None:
        print(failed, file=sys.stderr, flush=True)
        raise SystemExit(1)


def _cancel(_signal, _frame) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Once is enough: what follows is saving.
    raise _Cancelled


class _Report:
    """What is kept of the run: the notebook as it stands, with how many of its cells are done."""

    def __init__(self, store: Store, run: str, notebook: dict):
        self._store = store
        self._run = run
        self._notebook = notebook
        self._saved = 0.0
        self.done = 0

    def save(self) -> None:
        """Returns when it is durable. A server that is away is waited for: a cell counts as done when it is kept."""
        content = json.dumps(self._notebook, ensure_ascii=False).encode()
        for tries in range(_SAVE_TRIES):
            try:
                total = len(document.code_cells(self._notebook))
                self._store.save_run(self._run, content, self.done, total)
                break
            except StoreError as refused:
                if refused.status < 500 or tries == _SAVE_TRIES - 1:
                    raise
                time.sleep(_SAVE_WAIT_SECONDS)
        self._saved = time.monotonic()

    def save_soon(self) -> None:
        if time.monotonic() - self._saved >= _SAVE_EVERY_SECONDS:
            self.save()


def _run(notebook: dict, given: settings.RunSettings, report: _Report) -> str | None:
    from jupyter_client.manager import KernelManager

    home = Path.cwd()
    variables = clients.write_settings(home / ".clients")
    os.environ["JUPYTER_DATA_DIR"] = os.environ["JUPYTER_PATH"] = str(home / ".share")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(home / ".runtime")
    kernels.write_kernelspec(home / ".share", sys.prefix, variables)
    kernels.keep_in_session()
    place = (home / "files" / given.path).parent
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    manager = KernelManager(kernel_name="python3")
    report.save()
    manager.start_kernel(cwd=str(place))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_START_SECONDS)
        for number, cell in enumerate(document.code_cells(notebook), 1):
            print(f"cell {number} of {len(document.code_cells(notebook))}", flush=True)
            failure = _execute(cell, manager, client, report)
            report.done = number
            report.save()
            if failure is not None:
                return f"Cell {number} failed: {failure}"
        return None
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _execute(cell: dict, manager, client, report: _Report) -> str | None:
    if cell["source"].strip() == "":
        document.mark(cell, "completed")
        return None
    document.mark(cell, "running")
    asked = client.execute(cell["source"], store_history=True, allow_stdin=False, stop_on_error=True)
    displays: dict[str, dict] = {}
    room = _OUTPUT_CHARACTERS_MAX
    failure = None
    clear_next = False
    while True:
        try:
            message = client.get_iopub_msg(timeout=_POLL_SECONDS)
        except queue.Empty:
            report.save_soon()
            if not manager.is_alive():
                failure = "the kernel died: it was killed, or ran out of memory."
                break
            continue
        if message.get("parent_header", {}).get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            break
        if kind == "execute_input":
            cell["execution_count"] = content["execution_count"]
            continue
        if kind == "clear_output":
            clear_next = True
            if not content.get("wait"):
                cell["outputs"].clear()
                clear_next = False
            continue
        if kind == "update_display_data":
            known = displays.get(content.get("transient", {}).get("display_id", ""))
            if known is not None:
                known.update(data=content["data"], metadata=content.get("metadata", {}))
            continue
        if kind == "error":
            failure = f"{content['ename']}: {content['evalue']}"
        if clear_next:
            cell["outputs"].clear()
            clear_next = False
        room -= _size_of(content)
        if room < 0 and kind != "error":
            continue
        output = document.add_output(cell, kind, content)
        _print(kind, content)
        display = content.get("transient", {}).get("display_id")
        if display and output is not None:
            displays[display] = output
        report.save_soon()
    if room < 0:
        words = f"\n[More than {_OUTPUT_CHARACTERS_MAX} characters of output; the rest was left out.]\n"
        document.add_output(cell, "stream", {"name": "stderr", "text": words})
    document.mark(cell, "completed" if failure is None else "failed")
    return failure


def _print(kind: str, content: dict) -> None:
    """What a cell prints is in the job's log too."""
    if kind == "stream":
        print(content["text"], end="", flush=True)
    elif kind == "error":
        print(f"{content['ename']}: {content['evalue']}", flush=True)


def _size_of(content: dict) -> int:
    if "text" in content:
        return len(content["text"])
    return sum(len(part) if isinstance(part, str) else len(json.dumps(part)) for part in content.get("data", {}).values())
