"""A process that opens a session, claims a job, joins it, says so and waits: for tests that kill or stop it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.support.attempts import an_attempt
from tests.support.farm import Farm, joined


def main() -> None:
    address, folder = sys.argv[1:]
    ledger = Farm(address, Path(folder)).machine("worker", "mei")
    permission = joined(ledger, an_attempt())
    sys.stdout.write(f"{ledger.session.holder.id}\n")
    sys.stdout.flush()
    while sys.stdin.readline():
        time.sleep(0)
        sys.stdout.write(f"{ledger.may_send(permission)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
