"""Takes the lock under which SQLite's writers write, says so, and holds it until standard input ends.

In write-ahead mode it is byte 120 of the shared-memory file: sqlite.org/walformat.html, "locks".
"""

import fcntl
import sys

WRITE_LOCK = 120

with open(sys.argv[1], "r+b") as shared:
    fcntl.lockf(shared, fcntl.LOCK_EX, 1, WRITE_LOCK)
    print("held", flush=True)
    sys.stdin.read()
