"""Who wants which job, and who works on it. Working on a job is a claim, which is not a permission to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storyboard.cluster.reservation import lock_account
from storyboard.cluster.session import LOCK_CLASS, Cursor, live_numbers
from storyboard.store.attempt import StoryRef, Whose


@dataclass(frozen=True, slots=True)
class WantedJob:
    """A job that somebody wants. A greater `weight` is served earlier: 1 is normal."""

    key: str
    whose: Whose
    person: str
    story: StoryRef
    seconds: float
    weight: float = 1.0


def want(cursor: Cursor, jobs: Sequence[WantedJob]) -> None:
    """Put jobs of one account and person in line, in order; one that waits already keeps the better place.

    A person's jobs follow each other in virtual time, from the account's present one on: a short film that comes late
    is next, and nobody saves up.
    """
    if not jobs:
        return
    first = jobs[0]
    account = lock_account(cursor, first.whose)
    cursor.execute(
        "SELECT greatest(virtual_time, (SELECT last_tag FROM people WHERE account_id = accounts.id AND person = %s)) "
        "FROM accounts WHERE id = %s",
        (first.person, account.id),
    )
    row = cursor.fetchone()
    assert row is not None
    tag = float(row[0])
    rows = []
    for job in jobs:
        tag += job.seconds / job.weight
        rows.append((job.key, account.id, job.person, *job.story.identity, job.seconds, tag))
    cursor.executemany(
        "INSERT INTO jobs (key, account_id, person, project, path, variant, seconds, tag, wanted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT (key) DO UPDATE SET "
        "tag = CASE WHEN jobs.done THEN excluded.tag ELSE least(jobs.tag, excluded.tag) END, done = false",
        rows,
    )
    cursor.execute(
        "INSERT INTO people VALUES (%s, %s, %s) ON CONFLICT (account_id, person) DO UPDATE SET "
        "last_tag = excluded.last_tag",
        (account.id, first.person, tag),
    )


def take(cursor: Cursor, holder: UUID, whose: Whose | None = None, project: str | None = None) -> str | None:
    """Claim the fairest job that no living holder has, and return its key; None where there is none."""
    cursor.execute("UPDATE holders SET spoke_at = clock_timestamp() WHERE id = %s", (holder,))
    live = live_numbers(cursor)
    query = (
        "SELECT jobs.key, holders.number FROM jobs LEFT JOIN holders ON holders.id = jobs.holder "
        "WHERE NOT done AND not_before <= clock_timestamp() "
        "AND (jobs.holder IS NULL OR holders.number <> ALL(%(live)s))"
    )
    values: dict[str, object] = {"live": live}
    if whose is not None:
        query += (
            " AND account_id = (SELECT id FROM accounts WHERE provider = %(provider)s AND base_url = %(base_url)s "
            "AND dialect = %(dialect)s AND account = %(account)s)"
        )
        values |= {name: getattr(whose, name) for name in ("provider", "base_url", "dialect", "account")}
    if project is not None:
        query += " AND project = %(project)s"
        values["project"] = project
    cursor.execute(f"{query} ORDER BY tag, wanted_at, key LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED", values)
    row = cursor.fetchone()
    if row is None or not _is_free(cursor, row[1]):
        return None
    _hold(cursor, str(row[0]), holder)
    return str(row[0])


def claim(cursor: Cursor, key: str, holder: UUID) -> bool:
    """Claim one job that is wanted; False while another living holder has it."""
    cursor.execute(
        "SELECT jobs.holder, holders.number FROM jobs LEFT JOIN holders ON holders.id = jobs.holder WHERE key = %s "
        "FOR UPDATE OF jobs",
        (key,),
    )
    row = cursor.fetchone()
    if row is None or (row[0] is not None and row[0] != holder and not _is_free(cursor, row[1])):
        return False
    _hold(cursor, key, holder)
    return True


def release(cursor: Cursor, key: str, holder: UUID, *, done: bool = False, seconds: float = 0) -> None:
    """Let others have a job, after so many seconds; `done` takes it out of the line."""
    cursor.execute(
        "UPDATE jobs SET holder = NULL, done = %s, not_before = clock_timestamp() + make_interval(secs => %s) "
        "WHERE key = %s AND holder = %s",
        (done, seconds, key, holder),
    )


def _is_free(cursor: Cursor, number: int | None) -> bool:
    """Whether the session of a former holder has ended, asked of its lock itself."""
    if number is None:
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, %s)", (LOCK_CLASS, number))
    row = cursor.fetchone()
    return row is not None and bool(row[0])


def _hold(cursor: Cursor, key: str, holder: UUID) -> None:
    cursor.execute("UPDATE jobs SET holder = %s WHERE key = %s", (holder, key))
