"""What a team's bucket knows of all purchases: for `status --all` and `costs --team`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from storyboard.bucket.note import DamagedNote, Note, NoteState
from storyboard.bucket.note_survey import survey_notes
from storyboard.bucket.purse import attempt_name
from storyboard.bucket.purse_holds import held_prices
from storyboard.bucket.purse_settlement import charges_of
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.report.team_costs import TeamPurchases, TeamSpending
from storyboard.report.team_status import TeamBudget, TeamHolder, TeamJob, TeamJobState, TeamPerson, TeamView

FRESH = 60.0
"""Seconds for which another machine's intent counts as being sent right now."""
_RESERVED = (NoteState.INTENT, NoteState.TASK, NoteState.DONE, NoteState.LOST, NoteState.ABANDONED)
"""States in which the reserved price counts as long as no charge is stated."""


def bucket_view(bucket: SharedBucket, own: str, now: float) -> TeamView:
    """Return who writes to a bucket, what runs, and what was spent. `own` is this store's id, `now` is in seconds.

    Raises BucketAway, AccessError.
    """
    survey = survey_notes(bucket.objects)
    budgets, damaged = _budgets(bucket, own, now)
    jobs = tuple(_jobs(survey.notes, now))
    return TeamView(
        "bucket",
        bucket.address,
        people=_people(jobs),
        holders=_holders(survey.notes),
        jobs=jobs,
        budgets=tuple(budgets),
        purchases=len(survey.notes),
        damaged=(*survey.damaged, *damaged),
    )


def bucket_spending(bucket: SharedBucket) -> TeamSpending:
    """Return what the notes of a bucket say was spent. Raises BucketAway, AccessError.

    A purchase counts for the machine that wrote its note last, in the month in which it did.
    """
    survey = survey_notes(bucket.objects)
    purchases = tuple(each for each in map(_purchase, survey.notes) if each.tasks or each.cost)
    return TeamSpending("bucket", bucket.address, purchases, survey.damaged)


def _jobs(notes: Iterable[Note], now: float) -> Iterable[TeamJob]:
    found = []
    for note in notes:
        state = _state(note, now)
        if state is not None:
            names = tuple(sender.name for sender in note.may)
            by = names[0] if note.state is NoteState.INTENT and names else note.by.name
            since = _seconds(note.at)
            found.append(TeamJob(note.key, state, note.project, note.story, by, since, note.task, note.reserved, names))
    return sorted(found, key=lambda job: (job.state, job.since))


def _state(note: Note, now: float) -> TeamJobState | None:
    match note.state:
        case NoteState.TASK:
            return "running"
        case NoteState.INTENT:
            return "running" if now - _seconds(note.at) < FRESH and note.may else "unknown"
        case NoteState.LOST:
            return "lost"
        case _:
            return None


def _people(jobs: Sequence[TeamJob]) -> tuple[TeamPerson, ...]:
    counts = Counter((job.by, job.state) for job in jobs)
    return tuple(
        TeamPerson(name, counts[name, "running"], counts[name, "unknown"], counts[name, "lost"])
        for name in sorted({job.by for job in jobs})
    )


def _holders(notes: Sequence[Note]) -> tuple[TeamHolder, ...]:
    """Return each store that wrote a note or may still send, the latest to write first."""
    last: dict[str, tuple[float, str, str]] = {}
    may = Counter(sender.store for note in notes for sender in note.may)
    for note in notes:
        last[note.by.store] = max(
            last.get(note.by.store, (0.0, "", "")), (_seconds(note.at), note.by.name, note.by.version)
        )
        for sender in note.may:
            last[sender.store] = max(last.get(sender.store, (0.0, "", "")), (_seconds(sender.at), sender.name, ""))
    found = [
        TeamHolder(name, "", version, spoke_at, "not known", may[store])
        for store, (spoke_at, name, version) in last.items()
    ]
    return tuple(sorted(found, key=lambda each: -each.spoke_at))


def _budgets(bucket: SharedBucket, own: str, now: float) -> tuple[list[TeamBudget], list[str]]:
    budgets, damaged = list[TeamBudget](), list[str]()
    for path in bucket.purses.paths():
        try:
            project, purse = bucket.purses.at(path)
        except DamagedNote as error:
            damaged.append(error.message)
            continue
        reserved = purse.open()
        if used := purse.used():
            holds = held_prices(purse, bucket.notes, own, now)
            budgets.append(TeamBudget(project, used - reserved, reserved, holds))
    return sorted(budgets, key=lambda each: each.project), damaged


def _purchase(note: Note) -> TeamPurchases:
    charges = charges_of(note)
    charged = sum((each.amount for each in charges.values() if each.amount is not None), Decimal(0))
    price, is_open = note.reserved or Decimal(0), attempt_name(note.key, note.attempt) not in charges
    unstated = sum(each.amount is None for each in charges.values())
    if is_open and note.state in (NoteState.INTENT, NoteState.TASK):
        unstated += 1
    tasks = {(past.attempt, past.task) for past in note.past if past.task is not None or past.cost is not None}
    tasks |= {(note.attempt, task) for task in note.tasks}
    if note.task is not None or (price and note.state in _RESERVED and not note.tasks):
        tasks.add((note.attempt, note.task))
    return TeamPurchases(note.by.name, note.project, note.story, note.at[:7], len(tasks), charged, price * unstated)


def _seconds(text: str) -> float:
    """Return a time in a note as seconds since the epoch; 0.0 for a date that does not exist."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
