"""Who wants which job, and who works on it. Working on a job is a claim, which is not a permission to send."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from storyboard.cluster.reservation import lock_account
from storyboard.cluster.session import LOCK_CLASS, Cursor, live_numbers
from storyboard.fast_dataclasses import dataclass
from storyboard.store.attempt import StoryRef, Whose


@dataclass(frozen=True, slots=True)
class WantedJob:
    """A job that somebody wants. A greater `weight` is served earlier: 1 is normal.

    `run` names the build that wants it. `order` is all that a worker needs to buy it without the story, as JSON; ""
    where only that build can.
    """

    key: str
    whose: Whose
    person: str
    story: StoryRef
    seconds: float
    weight: float = 1.0
    run: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that this process works on now: its key, who wanted it and for which build, and its order."""

    key: str
    person: str
    run: str
    order: str


@dataclass(frozen=True, slots=True)
class JobPlace:
    """The place of a wanted job. `worker` is the name of the other living process that works on it. `outcome` says
    in words why it left the queue without a clip, `blame` is the exit code for that."""

    worker: str | None
    done: bool
    outcome: str
    blame: int


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
        rows.append((job.key, account.id, job.person, *job.story.identity, job.seconds, tag, job.run, job.order))
    cursor.executemany(
        "INSERT INTO jobs (key, account_id, person, project, path, variant, seconds, tag, run, job_order, wanted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT (key) DO UPDATE SET "
        "tag = CASE WHEN jobs.done THEN excluded.tag ELSE least(jobs.tag, excluded.tag) END, "
        "run = CASE WHEN jobs.done THEN excluded.run ELSE jobs.run END, "
        "job_order = CASE WHEN jobs.done OR jobs.job_order = '' THEN excluded.job_order ELSE jobs.job_order END, "
        "not_before = CASE WHEN jobs.done THEN 'epoch' ELSE jobs.not_before END, "
        "outcome = '', blame = 0, done = false",
        rows,
    )
    cursor.execute(
        "INSERT INTO people VALUES (%s, %s, %s) ON CONFLICT (account_id, person) DO UPDATE SET "
        "last_tag = excluded.last_tag",
        (account.id, first.person, tag),
    )


def take(
    cursor: Cursor,
    holder: UUID,
    whose: Whose | None = None,
    project: str | None = None,
    *,
    running_only: bool = False,
) -> TakenJob | None:
    """Claim the fairest job that no living holder has; None where there is none. Those that only a build can make are
    left to it. `running_only` takes those alone whose task is known: nothing is sent for them."""
    cursor.execute("UPDATE holders SET spoke_at = clock_timestamp() WHERE id = %s", (holder,))
    live = live_numbers(cursor)
    query = (
        "SELECT jobs.key, jobs.person, run, job_order, holders.number FROM jobs "
        "LEFT JOIN holders ON holders.id = jobs.holder "
        "WHERE job_order <> '' AND NOT done AND not_before <= clock_timestamp() "
        "AND (jobs.holder IS NULL OR holders.number <> ALL(%(live)s))"
    )
    values: dict[str, object] = {"live": live}
    if whose is not None:
        query += (
            " AND account_id = (SELECT id FROM accounts WHERE provider = %(provider)s AND base_url = %(base_url)s "
            "AND dialect = %(dialect)s AND account = %(account)s)"
        )
        values |= {name: getattr(whose, name) for name in ("provider", "base_url", "dialect", "account")}
    if running_only:
        query += " AND EXISTS (SELECT 1 FROM attempts WHERE key = jobs.key AND state IN ('submitted', 'finished'))"
    if project is not None:
        query += " AND project = %(project)s"
        values["project"] = project
    cursor.execute(f"{query} ORDER BY tag, wanted_at, key LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED", values)
    row = cursor.fetchone()
    if row is None or not _is_free(cursor, row[4]):
        return None
    _hold(cursor, str(row[0]), holder)
    return TakenJob(*map(str, row[:4]))


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


def place_of(cursor: Cursor, key: str, holder: UUID) -> JobPlace | None:
    """Return the place of a job as this holder sees it; None if nobody wants it."""
    cursor.execute(
        "SELECT jobs.holder, holders.number, holders.name, done, outcome, blame FROM jobs "
        "LEFT JOIN holders ON holders.id = jobs.holder WHERE key = %s",
        (key,),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    owner, number, name, done, outcome, blame = row
    other = owner is not None and owner != holder and not _is_free(cursor, number)
    return JobPlace(str(name) if other else None, bool(done), str(outcome), int(blame))


def release(
    cursor: Cursor,
    key: str,
    holder: UUID,
    *,
    done: bool = False,
    seconds: float = 0,
    outcome: str = "",
    blame: int = 0,
) -> None:
    """Let others have a job, after so many seconds; `done` takes it out of the line, and `outcome` says why where it
    has no clip. One whose clip came without a claim, as its task was known, leaves the line too."""
    others = live_numbers(cursor) if done and not outcome else None
    cursor.execute(
        "UPDATE jobs SET holder = NULL, done = %s, not_before = clock_timestamp() + make_interval(secs => %s), "
        "outcome = %s, blame = %s WHERE key = %s AND (holder = %s OR (%s::integer[] IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM holders WHERE holders.id = jobs.holder AND number = ANY(%s))))",
        (done, seconds, outcome, blame, key, holder, others, others),
    )


def keep_claims(cursor: Cursor, keys: Collection[str], holder: UUID) -> None:
    """Let others have every job of a holder but these: a server that took over may have forgotten that it let go."""
    cursor.execute("UPDATE jobs SET holder = NULL WHERE holder = %s AND key <> ALL(%s)", (holder, list(keys)))


def unwant(cursor: Cursor, run: str, holder: UUID) -> None:
    """Take what a build wants and nobody else works on out of the line."""
    live = live_numbers(cursor)
    cursor.execute(
        "DELETE FROM jobs WHERE run = %s AND NOT done AND (holder IS NULL OR holder = %s OR NOT EXISTS "
        "(SELECT 1 FROM holders WHERE holders.id = jobs.holder AND number = ANY(%s)))",
        (run, holder, live),
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
