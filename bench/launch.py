"""Runs one command and writes down what it took: `python -I -S launch.py RESULT COMMAND…`.

A small process of its own, since a child's peak of memory counts from what its parent held when it was begun.
"""

from __future__ import annotations

import os
import sys
import time

UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts memory."""


def main() -> None:
    """Writes wall and CPU seconds, the peak memory of the largest process in bytes, and the exit code."""
    result, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - started
    told = (wall, used.ru_utime + used.ru_stime, used.ru_maxrss * UNIT, os.waitstatus_to_exitcode(status))
    with open(result, "w", encoding="ascii") as stream:  # noqa: PTH123
        stream.write(" ".join(map(str, told)))


if __name__ == "__main__":
    main()
