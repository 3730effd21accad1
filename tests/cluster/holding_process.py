"""A process that opens a session, claims a job, joins it, says so and waits: for tests that kill or stop it.

For each line that it is sent it says whether it may send now; at `renew` it asks for its permission anew before.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.attempts import an_attempt
from tests.support.farm import Farm, joined


def main() -> None:
    address, folder = sys.argv[1:]
    ledger = Farm(address, Path(folder)).machine("worker", "mei")
    permission = joined(ledger, an_attempt())
    sys.stdout.write(f"{ledger.session.holder.id}\n")
    sys.stdout.flush()
    while question := sys.stdin.readline():
        permission = ledger.renew(permission) or permission if question == "renew\n" else permission
        sys.stdout.write(f"{ledger.may_send(permission)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
