"""What is spent, in running sums that change in the transaction that changes what counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal

from storyboard.cluster.session import Cursor, account_name
from storyboard.store.attempt import Attempt, Whose
from storyboard.store.spending_caps import Cap, CapReached

_NANO = Decimal(1).scaleb(-9)
PurseName = tuple[str, str]
"""The kind of a sum and what it is of."""


def nanos(money: Decimal) -> int:
    """Billionths of a US dollar, rounded up: what a cap counts."""
    return int((money / _NANO).to_integral_value(ROUND_CEILING))


def purses_of(attempt: Attempt, person: str) -> tuple[PurseName, ...]:
    """Return the sums that an attempt is part of."""
    story = attempt.story
    return (
        ("account", account_name(*_of(attempt.whose))),
        ("all", ""),
        ("person", person),
        ("project", story.project),
        ("run", attempt.run),
        ("story", json.dumps(story.identity, ensure_ascii=False)),
    )


def change_purses(
    cursor: Cursor, old: tuple[Attempt, str, int] | None, new: tuple[Attempt, str, int]
) -> dict[PurseName, int]:
    """Take an attempt, for a person, out of the sums as it counted, and put it in as it counts now.

    Returns what each of these sums is now. They are locked until the commit, always in the same order.
    """
    more: dict[PurseName, int] = dict.fromkeys(purses_of(new[0], new[1]), new[2])
    for purse in () if old is None else purses_of(old[0], old[1]):
        more[purse] = more.get(purse, 0) - (0 if old is None else old[2])
    in_order = sorted(more)
    cursor.execute(
        "INSERT INTO purses SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) "
        "ON CONFLICT (kind, name) DO UPDATE SET spent = purses.spent + excluded.spent RETURNING kind, name, spent",
        ([kind for kind, _ in in_order], [name for _, name in in_order], [more[purse] for purse in in_order]),
    )
    return {(kind, name): int(spent) for kind, name, spent in cursor.fetchall()}


def first_cap_passed(
    cursor: Cursor, caps: Iterable[Cap], attempt: Attempt, spent: Mapping[PurseName, int]
) -> CapReached | None:
    """Return the first cap that is passed; `spent` are the sums with the attempt in them."""
    own = Decimal(nanos(attempt.costs)) * _NANO
    for cap in caps:
        here = spent_under(cursor, cap, spent) - (own if purse_of(cap) in spent else 0)
        if attempt.reserved is None or here + attempt.reserved > cap.limit:
            return CapReached(cap, here, attempt.reserved)
    return None


def spent_under(cursor: Cursor, cap: Cap, known: Mapping[PurseName, int] | None = None) -> Decimal:
    """Return what counts against a cap now, in US dollars."""
    purse = purse_of(cap)
    if known is None or purse not in known:
        cursor.execute("SELECT spent FROM purses WHERE kind = %s AND name = %s", purse)
        row = cursor.fetchone()
        known = {purse: 0 if row is None else int(row[0])}
    lacking = lacking_of(cursor, cap)
    return Decimal(known[purse]) * _NANO + cap.pruned + sum(lacking.values(), Decimal(0))


def purse_of(cap: Cap) -> PurseName:
    """Return the sum that a cap bounds."""
    if cap.run is not None:
        return "run", cap.run
    if cap.story is not None:
        return "story", json.dumps(cap.story.identity, ensure_ascii=False)
    return ("project", cap.project) if cap.project is not None else ("all", "")


def lacking_of(cursor: Cursor, cap: Cap) -> dict[str, Decimal]:
    """Return what was spent elsewhere, without what counts against the cap here."""
    if not cap.elsewhere:
        return {}
    where, values = _selection(cap)
    cursor.execute(
        f"SELECT external_id FROM attempts WHERE external_id = ANY(%s) AND state <> 'withdrawn' AND {where}",
        (list(cap.elsewhere), *values),
    )
    known = {found for (found,) in cursor.fetchall()}
    return {external_id: cost for external_id, cost in cap.elsewhere.items() if external_id not in known}


def counted_of(cursor: Cursor, attempt: Attempt) -> int:
    """Return what an attempt counts. Each task counts once, however many rows have it: the first does."""
    if attempt.task is not None:
        cursor.execute(
            "SELECT 1 FROM attempts WHERE task = %s AND provider = %s AND base_url = %s AND dialect = %s "
            "AND account = %s AND external_id <> %s AND counted > 0",
            (attempt.task, *_of(attempt.whose), attempt.external_id),
        )
        if cursor.fetchone() is not None:
            return 0
    return nanos(attempt.costs)


def _selection(cap: Cap) -> tuple[str, tuple[str, ...]]:
    if cap.run is not None:
        return "run = %s", (cap.run,)
    if cap.story is not None:
        return "project = %s AND path = %s AND variant = %s", cap.story.identity
    return ("project = %s", (cap.project,)) if cap.project is not None else ("TRUE", ())


def _of(whose: Whose) -> tuple[str, str, str, str]:
    return whose.provider, whose.base_url, whose.dialect, whose.account
