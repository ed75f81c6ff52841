"""A person's Jupyter server: JupyterLab on a socket that only its proxy may use."""

import json
import logging
import os
import threading
from pathlib import Path

from atrium_notebooks import clients, kernels, settings
from atrium_notebooks.activity import LOOK_EVERY_SECONDS, Activity, ActivityHandler
from atrium_notebooks.bounds import BoundedKernelManager
from atrium_notebooks.contents import ProjectContents
from atrium_notebooks.folder import WorkFolder
from atrium_notebooks.identity import ProxiedIdentityProvider
from atrium_notebooks.store import Store, StoreError

_COLLECT_EVERY_SECONDS = 2.0  # How late at most a file that a kernel has finished writing is kept.
_FETCH_EVERY = 5  # Rounds between two looks for what others saved.
_PRINTED_BYTES_A_SECOND = 100_000_000  # Jupyter's default of a megabyte cuts what ordinary cells print.
_PRINTED_MESSAGES_A_SECOND = 100_000

# Questions that JupyterLab asks of a newcomer, answered.
_PREFERENCES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"renameUntitledFileOnSave": False},
}

log = logging.getLogger("atrium.notebooks")


def main() -> None:
    """Serves until it is told to end, or nobody has needed it for a while. Its working folder goes with its job."""
    given = settings.read(settings.ServeSettings)
    home = Path.cwd()
    store = Store.of_this_job()
    told = store.key(given.server)
    ProxiedIdentityProvider.key = bytes.fromhex(told["key"])
    ProxiedIdentityProvider.owner = told["owner"]
    folder = WorkFolder(home / "files", store, given.file_bytes_max, given.folder_bytes_max)
    ProjectContents.store = store
    ProjectContents.folder = folder
    ProjectContents.file_bytes_max = given.file_bytes_max
    BoundedKernelManager.kernels_max = given.kernels_max
    folder.fetch()
    store.patient = False
    _prepare(home, given)
    kernels.keep_in_session()
    os.chdir(home / "files")  # Where kernels of no notebook begin.
    _serve(home, given, folder)


def _prepare(home: Path, given: settings.ServeSettings) -> None:
    """Jupyter's own folders: private, within the working folder; sockets and connection files in memory."""
    variables = clients.write_settings(home / ".clients")
    kernels.write_kernelspec(home / ".share", settings.kernel_environment(), variables)
    preferences = home / ".lab"
    preferences.mkdir(mode=0o700, exist_ok=True)
    (preferences / "overrides.json").write_text(json.dumps(_PREFERENCES))
    Path(given.socket_folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.update(
        JUPYTER_CONFIG_DIR=str(home / ".config"),
        JUPYTER_DATA_DIR=str(home / ".share"),
        JUPYTER_PATH=str(home / ".share"),  # Before what Jupyter's own environment has: its kernel is nobody's.
        JUPYTER_RUNTIME_DIR=given.socket_folder,
        JUPYTER_NO_CONFIG="1",
    )


def _serve(home: Path, given: settings.ServeSettings, folder: WorkFolder) -> None:
    from jupyterlab.labapp import LabApp
    from tornado.ioloop import PeriodicCallback
    from traitlets.config import Config

    config = Config(_configuration(home, given))
    server = LabApp.initialize_server(argv=[], config=config)
    activity = Activity(server.kernel_manager, given.idle_seconds)
    ProjectContents.touched = staticmethod(activity.touch)
    handler = (given.base_url + "atrium/activity", ActivityHandler, {"activity": activity})
    server.web_app.add_handlers(".*$", [handler])

    def end_when_over() -> None:
        if activity.is_over():
            log.warning("Nobody has used this server for a while: it stops.")
            server.stop()

    done = threading.Event()
    keeping = threading.Thread(target=_keep, args=(folder, done), daemon=True)
    keeping.start()
    PeriodicCallback(end_when_over, LOOK_EVERY_SECONDS * 1000).start()
    try:
        server.start()
    finally:
        done.set()
        keeping.join(timeout=_COLLECT_EVERY_SECONDS)
        folder.collect(settled_seconds=0)


def _keep(folder: WorkFolder, done: threading.Event) -> None:
    """Files that kernels write go to the store, and what others save there comes here, round by round."""
    rounds = 0
    while not done.wait(_COLLECT_EVERY_SECONDS):
        rounds += 1
        try:
            folder.collect()
            if rounds % _FETCH_EVERY == 0:
                folder.fetch()
        except (StoreError, OSError) as away:
            log.warning("Files could not be kept in step; it is tried again: %s", away)


def _configuration(home: Path, given: settings.ServeSettings) -> dict:
    return {
        "ServerApp": {
            "sock": f"{given.socket_folder}/server.sock",
            "sock_mode": "0600",
            "base_url": given.base_url,
            "root_dir": str(home / "files"),
            "open_browser": False,
            "allow_remote_access": True,
            "trust_xheaders": True,
            "allow_unauthenticated_access": False,
            "allow_root": True,
            "quit_button": False,
            "answer_yes": True,
            # A terminal's shell would live in a session of its own, out of reach of the job's limits; a cell runs commands as well.
            "terminals_enabled": False,
            "identity_provider_class": ProxiedIdentityProvider,
            "contents_manager_class": ProjectContents,
            "kernel_manager_class": BoundedKernelManager,
            "max_body_size": given.body_bytes_max,
            "max_buffer_size": given.body_bytes_max,
            "tornado_settings": {"websocket_max_message_size": given.message_bytes_max},
        },
        "IdentityProvider": {"token": ""},
        "ProxiedIdentityProvider": {"token": ""},
        "LabApp": {
            "app_settings_dir": str(home / ".lab"),
            "user_settings_dir": str(home / ".lab-user"),
            "workspaces_dir": str(home / ".lab-workspaces"),
            "news_url": None,
            "extension_manager": "readonly",
        },
        "KernelSpecManager": {"ensure_native_kernel": False, "allowed_kernelspecs": {"python3"}},
        "MappingKernelManager": {"default_kernel_name": "python3"},
        # Unix sockets for kernels too: a port of the machine would be open to everyone on it.
        "KernelManager": {"transport": "ipc"},
        "ZMQChannelsWebsocketConnection": {
            "iopub_data_rate_limit": _PRINTED_BYTES_A_SECOND,
            "iopub_msg_rate_limit": _PRINTED_MESSAGES_A_SECOND,
        },
    }
