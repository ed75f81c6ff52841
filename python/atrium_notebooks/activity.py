"""Whether anybody needs the server, judged by kernels and saves: an open tab asks all the time and says nothing."""

import json
import time

from jupyter_server.base.handlers import APIHandler
from tornado import web

_BUSY = ("busy", "starting", "restarting")
LOOK_EVERY_SECONDS = 1.0


class Activity:
    """Kernels that work, and when something last happened."""

    def __init__(self, kernel_manager, idle_seconds: float):
        self._kernels = kernel_manager
        self._idle_seconds = idle_seconds
        self._active = time.time()

    def touch(self) -> None:
        self._active = time.time()

    def look(self) -> dict:
        kernels = [self._kernels.get_kernel(one) for one in self._kernels.list_kernel_ids()]
        busy = sum(1 for kernel in kernels if getattr(kernel, "execution_state", "") in _BUSY)
        times = [kernel.last_activity.timestamp() for kernel in kernels if getattr(kernel, "last_activity", None)]
        self._active = time.time() if busy else max([self._active, *times])
        return {
            "activeMs": int(self._active * 1000),
            "stopsMs": None if busy else int((self._active + self._idle_seconds) * 1000),
            "kernels": len(kernels),
            "busyKernels": busy,
        }

    def is_over(self) -> bool:
        """A kernel that works is never stopped, however long it takes."""
        stops = self.look()["stopsMs"]
        return stops is not None and stops < time.time() * 1000


class ActivityHandler(APIHandler):
    """`GET atrium/activity`: what the proxy's server shows of us."""

    def initialize(self, activity: Activity):
        self.activity = activity

    @web.authenticated
    async def get(self):
        self.finish(json.dumps(self.activity.look()))
