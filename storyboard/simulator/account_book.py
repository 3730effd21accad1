"""The account book: requests, tasks, charges and refunds. Entries are only ever added.

Totals are computed from the entries alone, so that a book's file gives the same as the gateway that wrote it.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field, field_names, field_values

What: TypeAlias = Literal["post", "task", "charge", "refund", "end", "fault", "leak", "callback"]
RECENT = 20_000
"""Entries that are kept in memory; the file has all."""
INDEXED = 200_000
"""How many ids and orders are tracked with their billed tasks; older ones are forgotten."""
LISTED = 1_000
"""Most tasks that are tracked per id or order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the book. `at` is in milliseconds since the epoch by the gateway's clock, `usd` is exact.

    `post`: a submit came (`answer`: the HTTP status, or how the connection ended) · `task`: one was made · `charge`,
    `refund` · `end`: a task ended (`detail`: how) · `fault`: one was staged or drawn (`detail`: its name) · `leak`: a
    key came where none belongs (`detail`: where) · `callback`: one was sent (`detail`: the task's status).
    """

    at: int
    what: What
    account: str = ""
    task: str | None = None
    external_id: str | None = None
    payload: str | None = None
    usd: Decimal | None = None
    dialect: str | None = None
    model: str | None = None
    request_id: str | None = None
    answer: int | str | None = None
    detail: str | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, without empty fields."""
        raw = dict(zip(field_names(Entry), field_values(self), strict=True))
        return {name: dollars(v) if isinstance(v, Decimal) else v for name, v in raw.items() if v not in (None, "")}


def entry_from(document: dict[str, Any]) -> Entry:
    """Parse an entry from a line of a book's file."""
    known = field_names(Entry)
    kept = {name: value for name, value in document.items() if name in known}
    return Entry(**kept | ({"usd": Decimal(kept["usd"])} if "usd" in kept else {}))


def dollars(amount: Decimal) -> str:
    """Format an amount exactly, without exponent, with at least the cents."""
    whole, _, rest = f"{amount:f}".partition(".")
    return f"{whole}.{rest.rstrip('0'):0<2}"


@dataclass(slots=True)
class AccountTotals:
    """What one account did and paid."""

    posts: int = 0
    tasks: int = 0
    billed_tasks: int = 0
    failed_tasks: int = 0
    leaks: int = 0
    charged: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def paid(self) -> Decimal:
        """What the account paid in total."""
        return self.charged - self.refunded

    def document(self) -> dict[str, Any]:
        """As JSON."""
        counts = {name: getattr(self, name) for name in ("posts", "tasks", "billed_tasks", "failed_tasks", "leaks")}
        money = {name: dollars(getattr(self, name)) for name in ("charged", "refunded", "paid")}
        return counts | money | {"requests": dict(self.requests)}


Index: TypeAlias = dict[tuple[str, str], dict[str, None]]
"""Billed tasks in order, by account and a shared name."""


@dataclass(slots=True)
class Totals:
    """The sums of a book. `by_id` and `by_payload` hold the billed tasks of each account's id and order."""

    accounts: dict[str, AccountTotals] = field(default_factory=dict)
    by_id: Index = field(default_factory=dict)
    by_payload: Index = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)

    def of(self, account: str) -> AccountTotals:
        """Return an account's totals; a new account is added."""
        return self.accounts.setdefault(account, AccountTotals())

    def add(self, entry: Entry) -> None:
        """Add one entry."""
        if entry.what == "fault":
            self.faults[entry.detail or ""] += 1
            return
        account = self.of(entry.account)
        amount = entry.usd or Decimal(0)
        match entry.what:
            case "post":
                account.posts += 1
            case "task":
                account.tasks += 1
            case "charge":
                account.charged += amount
                self._billed(account, entry, 1)
            case "refund":
                account.refunded += amount
                self._billed(account, entry, -1)
            case "end":
                account.failed_tasks += entry.detail == "failed"
            case "leak":
                account.leaks += 1

    def _billed(self, account: AccountTotals, entry: Entry, by: int) -> None:
        account.billed_tasks += by
        for index, key in ((self.by_id, entry.external_id), (self.by_payload, entry.payload)):
            if key and entry.task:
                _move(index, (entry.account, key), entry.task, by)

    @property
    def paid(self) -> Decimal:
        """What all accounts paid."""
        return sum((account.paid for account in self.accounts.values()), Decimal(0))

    @property
    def bought_twice(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Accounts and `external_task_id`s with more than one billed task."""
        return _several(self.by_id)

    @property
    def same_order(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Accounts and orders (whatever their ids) with more than one billed task: another take, or bought twice."""
        return _several(self.by_payload)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "paid": dollars(self.paid),
            "accounts": {name: account.document() for name, account in self.accounts.items()},
            "bought_twice": [_row(key, "external_id", tasks) for key, tasks in self.bought_twice.items()],
            "same_order": [_row(key, "payload", tasks) for key, tasks in self.same_order.items()],
            "faults": dict(self.faults),
        }


def _several(index: Index) -> dict[tuple[str, str], tuple[str, ...]]:
    return {key: tuple(tasks) for key, tasks in index.items() if len(tasks) > 1}


def _move(index: Index, key: tuple[str, str], task: str, by: int) -> None:
    tasks = index.setdefault(key, {})
    if by > 0:
        tasks[task] = None
    else:
        tasks.pop(task, None)
    _keep(tasks, LISTED)
    _keep(index, INDEXED)
    if not tasks:
        index.pop(key, None)


def _keep(latest: dict[Any, Any], most: int) -> None:
    if len(latest) > most:
        del latest[next(iter(latest))]


def _row(key: tuple[str, str], name: str, tasks: tuple[str, ...]) -> dict[str, Any]:
    return {"account": key[0], name: key[1], "tasks": list(tasks)}


class Book:
    """An open book. An existing file is read and continued. `listen` is called with every entry."""

    def __init__(self, path: Path | None = None, listen: Callable[[Entry], None] | None = None) -> None:
        self.totals = Totals()
        self.recent: deque[Entry] = deque(maxlen=RECENT)
        self.listen = listen
        self._file: IO[str] | None = None
        if path is not None:
            for entry in read_book(path):
                self._take(entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def write(self, entry: Entry) -> None:
        """Add an entry; it is in the file when this returns."""
        if self._file:
            self._file.write(json.dumps(entry.document()) + "\n")
            self._file.flush()
        self._take(entry)
        if self.listen:
            self.listen(entry)

    def _take(self, entry: Entry) -> None:
        self.totals.add(entry)
        self.recent.append(entry)

    def entries(self, *what: What) -> tuple[Entry, ...]:
        """Return the latest entries in order, of these kinds if any are given."""
        return tuple(entry for entry in self.recent if not what or entry.what in what)

    def close(self) -> None:
        """Close the book's file."""
        if self._file:
            self._file.close()


def read_book(path: Path) -> Iterator[Entry]:
    """Read the entries of a book's file; none if there is no file. Raises `UsageError` for a file that is not a
    book."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield entry_from(json.loads(line))
            except (ValueError, TypeError, AttributeError, InvalidOperation):
                raise UsageError(f"{path}, line {number}: not an entry of an account book") from None
