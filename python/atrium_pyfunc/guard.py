"""That a worker never outlives its server and never takes more memory than it may."""

import ctypes
import os
import resource
import select
import signal

_PR_SET_PDEATHSIG = 1
_POLLRDHUP = 0x2000  # The other end has closed, told without reading what still waits; the select module has no name for it.
_RESERVED_MIB = 2048  # Reserved is not used: threads' stacks and allocators reserve 800 MiB in a worker that fills 170.


def end_with_server(socket, server_pid):
    """Ends this whole process group when the server goes, whatever a model does meanwhile.

    A model may hold the interpreter's lock for ever, and may have started processes of its own; so another process
    watches the socket. Should that one be killed, the kernel still ends us with our parent.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server_pid:
        os._exit(1)
    if os.fork() == 0:
        _watch(socket)


def limit_memory(memory_mib):
    """Makes an allocation that can never fit fail as MemoryError; what is in use the server watches."""
    limit = (memory_mib + _RESERVED_MIB) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # A core file would hold the model, plain, on disk.


def _watch(socket):
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    poll = select.poll()
    poll.register(socket, _POLLRDHUP)
    poll.poll()
    os.killpg(0, signal.SIGKILL)
