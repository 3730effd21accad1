"""Move what a store has bought over to the ledger that a project shares, and back."""

from __future__ import annotations

from storyboard.bucket.identity import NOTES, set_record
from storyboard.bucket.note import NoteState
from storyboard.bucket.note_survey import survey_notes
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.cluster.migration import Moved, move_rows
from storyboard.errors import StoreError, UsageError
from storyboard.project.team_bucket import open_bucket
from storyboard.project.team_ledger import TeamLedger
from storyboard.project.workspace import Run
from storyboard.store import LocalStore

_COUNTED = (NoteState.INTENT, NoteState.TASK, NoteState.DONE, NoteState.LOST)
"""Notes whose attempt may have been paid for."""


def migrate(run: Run, *, back: bool) -> Moved:
    """Move every bought attempt of the store into the project's ledger, or with `back` out of it into the store. The
    bucket, if the project shares one, then names the record that decides from now on.

    Raises UsageError while anybody may still send, or works with what is to be moved; StoreError if the sums differ.
    """
    project = run.project_of(run.base)
    store = run.store_of(project)
    team = run.team_of(project)
    _check_store(store)
    bucket = None if project.settings.clips is None else open_bucket(project)
    moved = _back(team, store) if back else _over(team, store)
    if bucket is not None:
        _let_decide(bucket, NOTES if back else team.postgres.name, team)
    return moved


def _check_store(store: LocalStore) -> None:
    if store.busy():
        raise UsageError("a build with this store is running", help="let it end, then run the same command again")
    if store.ledger.rebuilt:
        raise StoreError(
            f"the ledger {store.ledger.file} was damaged and set aside, so it does not know everything",
            help="make sure that running jobs are known, then: storyboard resolve --rebuilt",
        )


def _over(team: TeamLedger, store: LocalStore) -> Moved:
    team.postgres.reopen_after_move()
    return move_rows(store.ledger, team.postgres, team.there)


def _back(team: TeamLedger, store: LocalStore) -> Moved:
    team.postgres.close_for_move()
    return move_rows(team.postgres, store.ledger, team.here, team.postgres.dead_senders())


def _let_decide(bucket: SharedBucket, record: str, team: TeamLedger) -> None:
    """Write into the bucket which record decides. Raises UsageError if its notes know more than the ledger."""
    identity = bucket.identity()
    if identity.record == record:
        return
    if record != NOTES:
        known = {attempt.external_id for attempt in team.postgres.all()}
        notes = [note for note in survey_notes(bucket.objects).notes if note.state in _COUNTED]
        if sending := sorted({sender.name for note in notes for sender in note.may}):
            raise UsageError(
                f"{', '.join(sending)} may still send jobs by the notes in {bucket.address}",
                help="let these builds end, or settle what is unknown there; then run the same command again",
            )
        if unknown := [note for note in notes if note.id not in known]:
            names = ", ".join(sorted({note.by.name for note in unknown}))
            raise UsageError(
                f"{len(unknown)} purchases in the notes of {bucket.address} are not in the ledger yet: of {names}",
                help="run the same command on these machines, too; the last one lets the ledger decide",
            )
    set_record(bucket.objects, identity, record)
