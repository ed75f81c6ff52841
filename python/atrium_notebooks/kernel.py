"""Starts an IPython kernel that ends with the server it belongs to. Runs in the environment of kernels, by its path."""

import ctypes
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    # A Jupyter server that was killed tells its kernels nothing; the system does.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    sys.path.pop(0)  # The folder of this file: no module of ours is a kernel's.
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
