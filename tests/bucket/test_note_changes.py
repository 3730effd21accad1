"""Who may write what into a purchase note: each allowed change, and each way of paying twice that is barred."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.bucket.note import DamagedNote, Note, NoteState, Writer, read_note, write_note
from storyboard.bucket.note_changes import (
    NotAllowed,
    NoteAuthor,
    WantedPurchase,
    abandon,
    begin,
    end,
    finish,
    hear,
    join,
    leave,
    refuse,
    take_over,
    withdraw,
)
from storyboard.bucket.note_news import NewsKind, NoteNews, told
from storyboard.bucket.spool import Spool

KEY = "ab" * 32
CLIP = "cd" * 32
WANTED = WantedPurchase(KEY, "kirin", "https://api.example.com", "generation", "a1", Decimal("1.18"), "lantern", "a")
MEI = NoteAuthor(Writer("mei-1", "mei@laptop", "0.1.0"), "2026-11-27T07:00:00Z")
TOM = NoteAuthor(Writer("tom-1", "tom@tower", "0.1.0"), "2026-11-27T08:00:00Z")


def made(answer: Note | NotAllowed) -> Note:
    """The note of a change that is allowed, as any machine reads it."""
    assert isinstance(answer, Note), answer
    assert read_note(write_note(answer), KEY) == answer
    return answer


def intent(author: NoteAuthor = MEI) -> Note:
    return made(begin(None, WANTED, "sb-1", author))


def task() -> Note:
    return made(hear(intent(), 1, "t1", MEI))


def test_first_intent_names_its_store_as_the_only_sender() -> None:
    note = intent()
    assert (note.state, note.attempt, note.joins, note.senders) == (NoteState.INTENT, 1, 1, frozenset({"mei-1"}))


def test_every_write_has_a_new_number() -> None:
    note = intent()
    assert made(leave(note, MEI)).n != note.n


def test_complete_purchase() -> None:
    note = made(finish(task(), "t1", CLIP, Decimal("1.20"), MEI))
    assert (note.state, note.clip, note.cost, note.may) == (NoteState.DONE, CLIP, Decimal("1.20"), ())


def test_second_store_cannot_join_a_living_one() -> None:
    """Without this two stores send the same id, and a gateway that makes a second task bills both."""
    assert isinstance(join(intent(), TOM), NotAllowed)


def test_second_store_joins_when_the_first_is_known_dead() -> None:
    note = made(join(intent(), TOM, dead={"mei-1"}))
    assert (note.senders, note.joins) == (frozenset({"tom-1"}), 2)


def test_second_store_joins_if_the_user_vouches_for_unique_ids() -> None:
    assert made(join(intent(), TOM, unique_ids=True)).senders == {"mei-1", "tom-1"}


def test_former_sender_does_not_block_the_next_one() -> None:
    assert made(join(made(leave(intent(), MEI)), TOM)).senders == {"tom-1"}


def test_same_store_joins_again_before_each_further_send() -> None:
    note = made(join(intent(), MEI))
    assert (note.senders, note.joins) == (frozenset({"mei-1"}), 2)


def test_only_the_single_store_that_joined_can_withdraw() -> None:
    assert made(withdraw(intent(), MEI)).state is NoteState.WITHDRAWN
    assert isinstance(withdraw(intent(), TOM), NotAllowed)
    assert isinstance(withdraw(made(join(intent(), MEI)), MEI), NotAllowed)


def test_withdrawn_attempt_restarts_with_its_own_number() -> None:
    note = made(begin(made(withdraw(intent(), MEI)), WANTED, "sb-1", TOM))
    assert (note.attempt, note.senders, note.past) == (1, frozenset({"tom-1"}), ())


def test_failed_attempt_is_followed_by_the_next_number() -> None:
    note = made(begin(made(end(task(), "t1", NoteState.FAILED, MEI, error="no")), WANTED, "sb-2", TOM))
    assert (note.attempt, note.task, note.tasks) == (2, None, ())
    assert [(past.attempt, past.state, past.task) for past in note.past] == [(1, NoteState.FAILED, "t1")]


def test_next_attempt_waits_for_senders_of_the_previous_one() -> None:
    both = made(join(intent(), TOM, unique_ids=True))
    failed = made(end(made(hear(both, 1, "t1", MEI)), "t1", NoteState.FAILED, MEI))
    assert isinstance(begin(failed, WANTED, "sb-2", MEI), NotAllowed)


def test_id_with_two_senders_is_looked_up_before_the_next_attempt() -> None:
    twice = made(join(intent(), MEI))
    failed = made(end(made(hear(twice, 1, "t1", MEI)), "t1", NoteState.FAILED, MEI))
    assert isinstance(begin(failed, WANTED, "sb-2", MEI), NotAllowed)
    assert made(begin(failed, WANTED, "sb-2", MEI, looked_up=True)).attempt == 2


@pytest.mark.parametrize("state", [NoteState.INTENT, NoteState.TASK, NoteState.DONE])
def test_no_new_attempt_while_the_previous_one_is_open(state: NoteState) -> None:
    assert isinstance(begin(replace(task(), state=state), WANTED, "sb-2", TOM, retry=True, rebuy=True), NotAllowed)


def test_refused_and_lost_jobs_are_bought_again_only_on_request() -> None:
    refused = made(refuse(intent(), "too long", MEI))
    assert isinstance(begin(refused, WANTED, "sb-2", MEI), NotAllowed)
    assert made(begin(refused, WANTED, "sb-2", MEI, retry=True)).attempt == 2
    lost = made(end(task(), "t1", NoteState.LOST, MEI, cost=Decimal("1.18")))
    assert isinstance(begin(lost, WANTED, "sb-2", MEI, retry=True), NotAllowed)
    assert made(begin(lost, WANTED, "sb-2", MEI, rebuy=True)).attempt == 2


def test_refusal_is_believed_only_if_nobody_else_may_have_sent() -> None:
    assert isinstance(refuse(made(join(intent(), TOM, unique_ids=True)), "no", MEI), NotAllowed)
    assert isinstance(refuse(intent(), "no", TOM), NotAllowed)


def test_task_id_is_accepted_from_a_former_sender() -> None:
    """A reply that comes after its store was struck out is kept: it was paid for."""
    over = made(take_over(intent(), {"mei-1"}, "ann@desk", TOM))
    assert [(each.store, each.said_by) for each in over.dead] == [("mei-1", "ann@desk")]
    heard = made(hear(over, 1, "t1", MEI))
    assert (heard.state, heard.task) == (NoteState.TASK, "t1")


def test_second_task_is_kept_beside_the_first() -> None:
    note = made(hear(task(), 1, "t2", TOM))
    assert (note.task, note.tasks, note.bought_twice) == ("t1", ("t1", "t2"), True)
    assert made(hear(made(finish(task(), "t1", CLIP, None, MEI)), 1, "t2", TOM)).state is NoteState.DONE


def test_task_of_an_earlier_attempt_is_kept_with_it() -> None:
    given_up = made(abandon(intent(), MEI))
    later = made(begin(given_up, WANTED, "sb-2", TOM))
    note = made(hear(later, 1, "t1", MEI))
    assert (note.state, note.past[0].task) == (NoteState.INTENT, "t1")


def test_failed_attempt_whose_task_appears_goes_on_with_it() -> None:
    refused = replace(intent(), state=NoteState.FAILED, may=())
    assert made(hear(refused, 1, "t9", TOM)).state is NoteState.TASK


def test_job_cannot_be_abandoned_while_another_sender_may_still_send() -> None:
    """A gateway that refuses repeated ids cannot help where a new id is bought while the old one is under way."""
    assert isinstance(abandon(intent(), TOM), NotAllowed)
    over = made(take_over(intent(), {"mei-1"}, "ann@desk", TOM))
    assert made(abandon(over, TOM)).state is NoteState.ABANDONED


def test_older_news_never_replaces_later_news() -> None:
    done = made(finish(task(), "t1", CLIP, None, MEI))
    assert isinstance(end(done, "t1", NoteState.FAILED, TOM), NotAllowed)
    assert isinstance(refuse(done, "no", MEI), NotAllowed)
    assert isinstance(withdraw(done, MEI), NotAllowed)
    assert isinstance(abandon(done, MEI), NotAllowed)
    assert isinstance(hear(done, 1, "t1", TOM), NotAllowed)


@pytest.mark.parametrize("kind", [NewsKind.LEFT, NewsKind.WITHDRAWN, NewsKind.REFUSED])
def test_late_news_of_leaving_is_void_after_the_store_has_joined_again(kind: NewsKind) -> None:
    """It may be sending now: taken out of `may`, it would leave the way free for another one."""
    news = NoteNews(kind, WANTED, 1, "sb-1", joins=1)
    again = made(join(intent(), MEI))
    assert isinstance(told(again, news, MEI), NotAllowed)
    assert isinstance(told(None, news, MEI), NotAllowed), "nobody can have sent what has no note"
    expected = {NewsKind.LEFT: NoteState.INTENT, NewsKind.WITHDRAWN: NoteState.WITHDRAWN}
    first = made(told(intent(), news, MEI))
    assert (first.state, first.may) == (expected.get(kind, NoteState.REFUSED), ())


def test_word_of_leaving_is_dropped_before_the_store_joins_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "s3://films/team")
    other = replace(WANTED, key="ef" * 32)
    spool.add_news(NoteNews(NewsKind.LEFT, WANTED, 1, "sb-1", joins=1))
    spool.add_news(NoteNews(NewsKind.HEARD, WANTED, 1, "sb-1", task="t1"))
    spool.add_news(NoteNews(NewsKind.LEFT, other, 1, "sb-2", joins=1))
    spool.forget_leaving(KEY)
    assert spool.count() == 2


def test_note_stays_small_whatever_its_history() -> None:
    note = intent()
    for number in range(2, 60):
        failed = replace(note, state=NoteState.FAILED, may=(), task="t" * 400, tasks=("t" * 400,), error="e" * 5000)
        note = begin(failed, WANTED, f"sb-{number}", MEI)  # type: ignore[assignment]
        assert len(write_note(note)) <= 8192
    assert read_note(write_note(note), KEY).attempt == 59


GOOD = write_note(intent())
DAMAGED = {
    "empty": b"",
    "a list": b"[]",
    "an empty object": b"{}",
    "not UTF-8": b"\xff",
    "deeply nested": b"[" * 8000,
    "a version alone": b'{"v":1}',
    "a newer version": b'{"v":2}',
    "too large": b" " * 9000,
    "an unknown state": GOOD.replace(b'"intent"', b'"bought"'),
    "another key": GOOD.replace(KEY.encode(), ("ba" * 32).encode()),
    "a huge amount": GOOD.replace(b'"1.18"', b"1e999"),
    "an escape sequence": GOOD.replace(b'"mei@laptop"', b'"\\u001b[2J"'),
    "a negative count": GOOD.replace(b'"joins":1', b'"joins":-1'),
    "a nested list": GOOD.replace(b'"may":[', b'"may":[[],'),
    "a file's address": GOOD.replace(b"https://api.example.com", b"file:///etc/passwd"),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_note_is_refused(content: bytes) -> None:
    with pytest.raises(DamagedNote):
        read_note(content, KEY)
