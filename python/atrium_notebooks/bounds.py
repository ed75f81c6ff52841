"""How many kernels a server has at most: each takes some sixty megabytes before its first cell."""

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError


class BoundedKernelManager(AsyncMappingKernelManager):
    kernels_max = 0
    """Set on the class before the server starts, for Jupyter makes the instance."""

    async def start_kernel(self, *args, **kwargs):
        if len(self.list_kernel_ids()) >= self.kernels_max:
            words = f"There are {self.kernels_max} kernels already; shut one down first."
            raise HTTPError(429, words, reason=words)
        return await super().start_kernel(*args, **kwargs)
