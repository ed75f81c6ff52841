"""The one kind of kernel there is: Python in the project's environment, in the job's own session of processes."""

import json
import os
import sys
from pathlib import Path
from subprocess import DEVNULL, Popen

from jupyter_client.provisioning import local_provisioner

KERNEL = Path(__file__).with_name("kernel.py")


def write_kernelspec(share: Path, environment: str, variables: dict[str, str]) -> None:
    """Below `share`, which Jupyter looks through as one of its data folders."""
    folder = share / "kernels" / "python3"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = f"{environment}/bin:{os.environ.get('PATH', os.defpath)}"
    spec = {
        "argv": [f"{environment}/bin/python", str(KERNEL), "-f", "{connection_file}"],
        "display_name": "Python 3 (project)",
        "language": "python",
        "metadata": {"debugger": True},
        "env": {**variables, "VIRTUAL_ENV": environment, "PATH": path},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


def keep_in_session() -> None:
    """
    Jupyter gives each kernel a session of its own, where neither the job's limits nor its end would reach it. A process
    group of its own is enough for interrupting it.
    """

    def launch(cmd, stdin=None, stdout=None, stderr=None, env=None, independent=False, cwd=None, **_):
        variables = dict(os.environ if env is None else env)
        variables["JPY_PARENT_PID"] = str(os.getpid())
        group = {"process_group": 0} if sys.version_info >= (3, 11) else {"preexec_fn": os.setpgrp}
        return Popen(cmd, stdin=stdin or DEVNULL, stdout=stdout, stderr=stderr, env=variables, cwd=cwd, **group)

    local_provisioner.launch_kernel = launch
