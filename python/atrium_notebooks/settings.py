"""What the server says when it starts one of our programs: one variable of JSON, so that nothing stands in the argument list."""

import json
import os
from dataclasses import dataclass

_VARIABLE = "ATRIUM_NOTEBOOKS"


@dataclass(frozen=True)
class ServeSettings:
    server: str
    """Id of this server; its key is asked for by it."""
    socket_folder: str
    """In memory and for its owner alone: the server's socket, kernels' sockets and their connection files."""
    base_url: str
    idle_seconds: float
    file_bytes_max: int
    folder_bytes_max: int
    body_bytes_max: int
    message_bytes_max: int
    kernels_max: int


@dataclass(frozen=True)
class RunSettings:
    run: str
    parameters: dict
    path: str
    version: int
    file_bytes_max: int
    folder_bytes_max: int


def read(kind):
    """The settings, taken out of the environment: kernels have no use for them."""
    return kind(**json.loads(os.environ.pop(_VARIABLE)))


def kernel_environment() -> str:
    """The folder of the environment that kernels run in."""
    return os.environ["ATRIUM_KERNEL_ENVIRONMENT"]
