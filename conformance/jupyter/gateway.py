"""A stock Jupyter Server's own client of remote kernels, pointed at a notebook server behind Atrium.

    JUPYTER_GATEWAY_URL=… JUPYTER_GATEWAY_AUTH_TOKEN=… python gateway.py
"""

import asyncio

from jupyter_server.gateway.managers import GatewayKernelClient, GatewayKernelManager, GatewayMappingKernelManager

PATIENCE_SECONDS = 60


async def main() -> None:
    kernels = GatewayMappingKernelManager()
    kernel_id = await kernels.start_kernel(kernel_name="python3")
    manager: GatewayKernelManager = kernels.get_kernel(kernel_id)
    client: GatewayKernelClient = manager.client()
    await client.start_channels()
    asked = client.execute("print(6 * 7)")
    while True:
        message = await client.get_iopub_msg(timeout=PATIENCE_SECONDS)
        if message["parent_header"].get("msg_id") == asked and message["msg_type"] == "stream":
            print(message["content"]["text"].strip())
            break
    client.stop_channels()
    await kernels.shutdown_kernel(kernel_id)


asyncio.run(main())
