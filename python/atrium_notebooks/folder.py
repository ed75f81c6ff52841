"""The working folder of kernels: the project's files laid out as files, and what kernels write brought back."""

import hashlib
import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from atrium_notebooks.store import Store, StoreError

_SETTLED_SECONDS = 1.0  # A file that was written a moment ago may still be written.
_FILES_MAX = 5000  # Looked at in one round; a folder of more is data, and belongs into a dataset.
_NOT_OURS = {"__pycache__", "mlruns", "node_modules"}

log = logging.getLogger("atrium.notebooks")


@dataclass(frozen=True)
class _Seen:
    """How a file was when it and the store's were the same."""

    mtime_ns: int
    size: int
    digest: str


class WorkFolder:
    """The store is what counts; this is a copy for programs that want files. Safe to use from several threads."""

    def __init__(self, root: Path, store: Store, file_bytes_max: int, folder_bytes_max: int):
        self._root = root
        self._store = store
        self._file_bytes_max = file_bytes_max
        self._folder_bytes_max = folder_bytes_max
        self._seen: dict[str, _Seen] = {}
        self._told: set[str] = set()
        self._lock = threading.RLock()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def fetch(self) -> None:
        """Brings what others saved. A file that a kernel has changed since stays as it is, and is brought back by `collect`."""
        with self._lock:
            room = self._folder_bytes_max
            standing = set()
            for entry in self._store.entries("", "all"):
                path = entry["path"]
                standing.add(path)
                if entry["kind"] == "folder":
                    self._at(path).mkdir(mode=0o700, parents=True, exist_ok=True)
                    continue
                room -= entry["sizeBytes"]
                if room < 0:
                    self._tell("", "The project's files are more than fit into the working folder; the rest is left out.")
                    return
                if self._is_current(path, entry["digest"]) or self._is_changed(path):
                    continue
                self.keep(path, self._store.read(path))
            for path in [one for one in self._seen if one not in standing]:
                if not self._is_changed(path):
                    self._at(path).unlink(missing_ok=True)
                    del self._seen[path]

    def keep(self, path: str, content: bytes) -> None:
        """Lays out what the store has: beside its place, then moved there whole."""
        with self._lock:
            target = self._at(path)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.arriving")
            beside.write_bytes(content)
            beside.replace(target)
            self._note(path, hashlib.sha256(content).hexdigest())

    def forget(self, path: str) -> None:
        """A file or folder that is no longer in the store under this name."""
        with self._lock:
            for one in [one for one in self._seen if one == path or one.startswith(path + "/")]:
                self._at(one).unlink(missing_ok=True)
                del self._seen[one]
            try:
                self._at(path).rmdir()
            except OSError:
                pass  # It is no folder, or kernels have files of their own in it.

    def collect(self, settled_seconds: float = _SETTLED_SECONDS) -> int:
        """Stores what kernels wrote since; answers how many files that were."""
        stored = 0
        for path in self._changed(settled_seconds):
            with self._lock:
                try:
                    content = self._at(path).read_bytes()
                    digest = hashlib.sha256(content).hexdigest()
                    seen = self._seen.get(path)
                    if seen is None or seen.digest != digest:
                        self._store.write(path, content)
                        stored += 1
                    self._note(path, digest)
                except FileNotFoundError:
                    continue  # It went between the two looks.
                except StoreError as refused:
                    if refused.status == 503:
                        return stored  # Tried again in the next round.
                    self._tell(path, f"{path} is not kept: {refused}")
        return stored

    def _changed(self, settled_seconds: float) -> list[str]:
        settled = time.time_ns() - int(settled_seconds * 1e9)
        found = []
        looked = 0
        for folder, folders, files in os.walk(self._root):
            folders[:] = [name for name in folders if _is_kept(name)]
            for name in files:
                looked += 1
                if looked > _FILES_MAX:
                    self._tell("", f"More than {_FILES_MAX} files in the working folder; the rest is not kept.")
                    return found
                if not _is_kept(name):
                    continue
                file = Path(folder, name)
                path = file.relative_to(self._root).as_posix()
                state = _state_of(file)
                if state is None or state.st_mtime_ns > settled or not self._differs(path, state):
                    continue
                if state.st_size > self._file_bytes_max:
                    self._tell(path, f"{path} is not kept: it is larger than {self._file_bytes_max} bytes.")
                    continue
                found.append(path)
        return found

    def _at(self, path: str) -> Path:
        return self._root.joinpath(*path.split("/"))

    def _note(self, path: str, digest: str) -> None:
        state = self._at(path).stat()
        self._seen[path] = _Seen(state.st_mtime_ns, state.st_size, digest)
        self._told.discard(path)

    def _differs(self, path: str, state: os.stat_result) -> bool:
        seen = self._seen.get(path)
        return seen is None or (seen.mtime_ns, seen.size) != (state.st_mtime_ns, state.st_size)

    def _is_changed(self, path: str) -> bool:
        state = _state_of(self._at(path))
        return state is not None and self._differs(path, state)

    def _is_current(self, path: str, digest: str) -> bool:
        seen = self._seen.get(path)
        return seen is not None and seen.digest == digest and _state_of(self._at(path)) is not None

    def _tell(self, path: str, words: str) -> None:
        if path not in self._told:
            self._told.add(path)
            log.warning(words)


def _is_kept(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_OURS


def _state_of(file: Path) -> os.stat_result | None:
    """Of a regular file; links are left alone, for they lead out of the folder."""
    try:
        state = file.lstat()
    except OSError:
        return None
    return state if (state.st_mode & 0o170000) == 0o100000 else None
