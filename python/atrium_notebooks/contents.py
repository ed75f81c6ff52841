"""Jupyter's files are the project's: each save goes to the server and is done when it is durable there."""

import asyncio
import base64
import mimetypes
from datetime import datetime, timezone

import nbformat
from jupyter_server.services.contents.checkpoints import AsyncCheckpoints
from jupyter_server.services.contents.manager import AsyncContentsManager
from tornado.web import HTTPError

from atrium_notebooks.folder import WorkFolder
from atrium_notebooks.store import Store, StoreError

_VERSIONS_SHOWN = 10  # JupyterLab offers them in a menu.


class ProjectContents(AsyncContentsManager):
    """Everything Jupyter asks of files, answered by the store; the working folder of kernels gets a copy of each save."""

    store: Store
    folder: WorkFolder
    """Both are set on the class before the server starts, for Jupyter makes the instance."""
    touched = staticmethod(lambda: None)
    """Told of each save: a person is at work."""
    file_bytes_max = 0

    def _checkpoints_class_default(self):
        return Versions

    async def dir_exists(self, path):
        return await _in_thread(self._kind, path) == "folder"

    async def file_exists(self, path=""):
        return await _in_thread(self._kind, path) in ("file", "notebook")

    async def is_hidden(self, path):
        return any(part.startswith(".") for part in path.strip("/").split("/"))

    async def get(self, path, content=True, type=None, format=None, require_hash=False):
        return await _in_thread(self._get, path.strip("/"), content, type, format, require_hash)

    async def save(self, model, path=""):
        self.touched()
        path = path.strip("/")
        if model.get("type") not in ("notebook", "file", "directory"):
            raise HTTPError(400, "Say what is saved: a notebook, a file or a directory.")
        if model["type"] != "directory" and model.get("content") is None:
            raise HTTPError(400, "There is nothing to save: the content is missing.")
        return await _in_thread(self._save, model, path)

    async def delete_file(self, path):
        path = path.strip("/")
        await _in_thread(self.store.remove, path)
        self.folder.forget(path)

    async def rename_file(self, old_path, new_path):
        old_path, new_path = old_path.strip("/"), new_path.strip("/")
        if old_path == new_path:
            return
        await _in_thread(self.store.move, old_path, new_path)
        self.folder.forget(old_path)
        await _in_thread(self.folder.fetch)

    # Versions go with their file, wherever it goes, and end with it.
    async def delete(self, path):
        await self.delete_file(path)

    async def rename(self, old_path, new_path):
        await self.rename_file(old_path, new_path)

    async def resolve_path(self, path):
        return None

    def get_kernel_path(self, path, model=None):
        return path

    def _kind(self, path):
        path = path.strip("/")
        if path == "":
            return "folder"
        try:
            return self.store.get(path)["kind"]
        except StoreError as refused:
            if refused.status in (400, 404):
                return None
            raise

    def _get(self, path, content, type, format, require_hash):
        entry = _ROOT if path == "" else self.store.get(path)
        model = _model_of(entry)
        if entry["kind"] == "folder":
            if type not in (None, "directory"):
                raise HTTPError(400, f"{path} is a directory, not a {type}.")
            if content:
                model["format"] = "json"
                model["content"] = [_model_of(one) for one in self.store.entries(path)]
            return model
        if type == "directory":
            raise HTTPError(400, f"{path} is not a directory.")
        if type is not None:
            model["type"] = type
        if require_hash:
            model["hash"], model["hash_algorithm"] = entry["digest"], "sha256"
        if content:
            self._fill(model, self.store.read(path), format)
        return model

    def _fill(self, model, content, format):
        path = model["path"]
        if model["type"] == "notebook":
            try:
                notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
            except Exception as broken:
                raise HTTPError(400, f"{path} is no notebook: {broken}") from broken
            self.mark_trusted_cells(notebook, path)
            model["content"], model["format"], model["mimetype"] = notebook, "json", None
            self.validate_notebook_model(model)
            return
        text = None
        if format != "base64":
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError as binary:
                if format == "text":
                    raise HTTPError(400, f"{path} is not UTF-8 text.", reason="bad format") from binary
        if text is None:
            model["content"], model["format"] = base64.b64encode(content).decode("ascii"), "base64"
        else:
            model["content"], model["format"] = text, "text"
        kind = "text/plain" if text is not None else "application/octet-stream"
        model["mimetype"] = mimetypes.guess_type(path)[0] or kind

    def _save(self, model, path):
        if model["type"] == "directory":
            return _model_of(self.store.make_folder(path))
        if model["type"] == "notebook":
            notebook = nbformat.from_dict(model["content"])
            self.check_and_sign(notebook, path)
            content = nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode()
        else:
            content = _bytes_of(model)
        chunk = model.get("chunk")
        if chunk is not None:
            content = self._gather(path, chunk, content)
            if content is None:
                return _model_of(_arriving(path))
        saved = _model_of(self.store.write(path, content))
        self.folder.keep(path, content)
        if model["type"] == "notebook":
            self.validate_notebook_model(model)
            if model.get("message"):
                saved["message"] = model["message"]
        return saved

    def _gather(self, path, chunk, content):
        """Pieces of an upload, in memory until the last one (-1) has come."""
        uploads = self.__dict__.setdefault("_uploads", {})
        if chunk == 1:
            uploads[path] = bytearray()
        if path not in uploads:
            raise HTTPError(400, "The upload begins with its first piece; send it again.")
        uploads[path] += content
        if len(uploads[path]) > self.file_bytes_max:
            del uploads[path]
            raise HTTPError(413, f"A file has at most {self.file_bytes_max} bytes.")
        return bytes(uploads.pop(path)) if chunk == -1 else None


class Versions(AsyncCheckpoints):
    """Every save is a version already: Jupyter's checkpoints are those."""

    async def create_checkpoint(self, contents_mgr, path):
        entry = await _in_thread(contents_mgr.store.get, path.strip("/"))
        return {"id": str(entry["version"]), "last_modified": _time(entry["modifiedMs"])}

    async def restore_checkpoint(self, contents_mgr, checkpoint_id, path):
        path = path.strip("/")
        if not checkpoint_id.isdigit():
            raise HTTPError(404, f"{path} has no version {checkpoint_id}.")
        await _in_thread(contents_mgr.store.restore, path, int(checkpoint_id))
        contents_mgr.folder.keep(path, await _in_thread(contents_mgr.store.read, path))

    async def list_checkpoints(self, path):
        versions = await _in_thread(self.parent.store.versions, path.strip("/"), _VERSIONS_SHOWN)
        return [{"id": str(one["version"]), "last_modified": _time(one["savedMs"])} for one in versions]

    async def rename_checkpoint(self, checkpoint_id, old_path, new_path):
        pass

    async def delete_checkpoint(self, checkpoint_id, path):
        raise HTTPError(400, "Versions are kept; the oldest go by themselves.")


_ROOT = {"path": "", "kind": "folder", "sizeBytes": 0, "createdMs": 0, "modifiedMs": 0}
_TYPES = {"folder": "directory", "notebook": "notebook", "file": "file"}


def _arriving(path):
    return {**_ROOT, "path": path, "kind": "file"}


def _model_of(entry):
    is_folder = entry["kind"] == "folder"
    return {
        "name": entry["path"].rsplit("/", 1)[-1],
        "path": entry["path"],
        "type": _TYPES[entry["kind"]],
        "created": _time(entry["createdMs"]),
        "last_modified": _time(entry["modifiedMs"]),
        "size": None if is_folder else entry["sizeBytes"],
        "writable": True,
        "content": None,
        "format": None,
        "mimetype": None,
        "hash": None,
        "hash_algorithm": None,
    }


def _bytes_of(model):
    content = model["content"]
    if not isinstance(content, str):
        raise HTTPError(400, "The content of a file is text.")
    if model.get("format") != "base64":
        return content.encode()
    try:
        return base64.b64decode(content.encode("ascii"), validate=False)
    except ValueError as broken:
        raise HTTPError(400, f"The content is not base64: {broken}") from broken


def _time(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


async def _in_thread(work, *given):
    """The server's event loop must go on while we wait for the store."""
    try:
        return await asyncio.get_running_loop().run_in_executor(None, work, *given)
    except StoreError as refused:
        raise HTTPError(refused.status, str(refused), reason=str(refused)[:200].replace("\n", " ")) from refused
