from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import StoreError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request, RequestedShot
from storyboard.store import Attempt, AttemptError, Cap, CapReached
from storyboard.store.sqlite.ledger import SqliteLedger, _write
from storyboard.store.sqlite.schema import MIGRATIONS, UNRELEASED, prepare
from tests.support.attempts import STORY, WHOSE, an_attempt
from tests.support.work import LINEAR

FORM = UNRELEASED + len(MIGRATIONS)
"""The form of a ledger that this version reads and writes."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def test_an_attempt_comes_back_as_it_was_written(file: Path) -> None:
    error = AttemptError("006001099", "内容违规", final=True)
    attempt = an_attempt(state=PurchaseState.FAILED, charged=Decimal("0.420"), error=error, task="t1", ended_at=2.5)
    written = SqliteLedger(file).correct(attempt)
    assert written == replace(attempt, version=1)
    assert SqliteLedger(file).history(["k1", "other"]) == {"k1": (written,)}


def test_hearing_a_task_changes_the_same_attempt_and_no_other(file: Path) -> None:
    ledger = SqliteLedger(file)
    theirs = an_attempt(whose=replace(WHOSE, account="ffff"))
    for attempt in (an_attempt(), theirs, an_attempt(number=2)):
        ledger.correct(attempt)
    ledger.heard(an_attempt(task="t"))
    first, *others = sorted(ledger.history(["k1"])["k1"], key=lambda a: (a.number, a.whose.account))
    assert (first.task, first.state, first.version) == ("t", PurchaseState.SUBMITTED, 4)
    assert others == [replace(theirs, version=2), an_attempt(number=2, version=3)]


def test_cap_counts_charges_and_otherwise_reservations(file: Path) -> None:
    ledger = SqliteLedger(file)
    cap = Cap("--max-cost", Decimal("3.00"), run="run-1")
    ledger.correct(an_attempt("a", charged=Decimal("0.70"), state=PurchaseState.DONE))
    assert isinstance(ledger.reserve(an_attempt("b"), [cap], 0), Attempt)
    reached = ledger.reserve(an_attempt("c", reserved="1.31"), [cap], 0)
    assert isinstance(reached, CapReached)
    assert (reached.spent, reached.price) == (Decimal("1.70"), Decimal("1.31"))
    assert ledger.history(["c"]) == {}
    assert isinstance(ledger.reserve(an_attempt("c", reserved="1.30"), [cap], 0), Attempt)


def test_unknown_price_fits_no_cap(file: Path) -> None:
    ledger = SqliteLedger(file)
    unknown = an_attempt(reserved=None)
    reached = ledger.reserve(unknown, [Cap(".budget", Decimal(100), story=STORY)], 0)
    assert isinstance(reached, CapReached)
    assert reached.price is None
    assert isinstance(ledger.reserve(unknown, [], 0), Attempt)


def test_budget_belongs_to_its_story(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt("a", story=replace(STORY, path="other.story"), reserved="5.00"))
    ledger.correct(an_attempt("b", story=replace(STORY, variant="zh"), reserved="6.00"))
    own = Cap(".budget", Decimal("1.00"), story=STORY)
    assert isinstance(ledger.reserve(an_attempt("c"), [own], 0), Attempt)
    project = Cap("budget", Decimal("12.00"), project=STORY.project)
    assert isinstance(ledger.reserve(an_attempt("d", reserved="0.01"), [project], 0), CapReached)


def test_spending_of_other_machines_counts_once(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt("a", reserved="1.00"))
    elsewhere = {"sb-a-1": Decimal("1.00"), "sb-x-1": Decimal("2.00")}
    cap = Cap(".budget", Decimal("4.50"), story=STORY, elsewhere=elsewhere, pruned=Decimal("0.50"))
    assert isinstance(ledger.reserve(an_attempt("b", reserved="1.01"), [cap], 0), CapReached)
    assert isinstance(ledger.reserve(an_attempt("b", reserved="1.00"), [cap], 0), Attempt)


def test_trace_of_a_story_changes_with_each_change_to_one_of_its_attempts(file: Path) -> None:
    ledger = SqliteLedger(file)
    for number in (1, 2):
        ledger.correct(an_attempt(number=number))
    ledger.correct(an_attempt("other", story=replace(STORY, path="other.story")))
    mine, other = (STORY.path, STORY.variant), ("other.story", STORY.variant)
    seen = [ledger.traces(STORY.project, WHOSE.provider)]
    changes: list[Callable[[], object]] = [
        lambda: ledger.heard(an_attempt(task="t")),
        lambda: ledger.settle(an_attempt(task="t", state=PurchaseState.DONE, charged=Decimal("0.9"), clip="a" * 64)),
        lambda: ledger.relabel(an_attempt(number=2), "ffff"),
        lambda: ledger.correct(an_attempt("third")),
    ]
    for change in changes:
        change()
        seen.append(ledger.traces(STORY.project, WHOSE.provider))
        assert seen[-1] == SqliteLedger(file).traces(STORY.project, WHOSE.provider)
    assert len({each[mine] for each in seen}) == len(seen)
    assert len({each[other] for each in seen}) == 1
    assert ledger.traces(STORY.project, "another") == {}


def test_reserving_an_attempt_again_does_not_count_it_twice(file: Path) -> None:
    ledger = SqliteLedger(file)
    cap = Cap("--max-cost", Decimal("1.00"), run="run-1")
    assert isinstance(ledger.reserve(an_attempt(), [cap], 0), Attempt)
    assert isinstance(ledger.reserve(an_attempt(sends=2), [cap], 1), Attempt)


def test_task_in_two_rows_counts_once(file: Path) -> None:
    ledger = SqliteLedger(file)
    for number in (1, 2):
        ledger.correct(an_attempt(number=number, task="t1", state=PurchaseState.SUBMITTED))
    ledger.settle(an_attempt(number=1, task="t1", state=PurchaseState.DONE, charged=Decimal("0.9")))
    assert ledger.spent(Cap(".budget", Decimal(9), story=STORY)) == Decimal("0.9")


def test_withdrawn_attempt_counts_nothing(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt(state=PurchaseState.WITHDRAWN))
    assert ledger.spent(Cap(".budget", Decimal(9), story=STORY)) == 0


def test_work_of_a_reservation_grows_only_with_the_number_before(file: Path) -> None:
    ledger, cap = SqliteLedger(file), Cap(".budget", Decimal(20_000), story=STORY)
    work: list[int] = []
    for first, last in ((0, 1_000), (1_000, 4_000)):
        with ledger._transaction() as connection:
            for number in range(first, last):
                _write(connection, an_attempt(f"k{number}"))
        instructions: list[None] = []  # of SQLite's own machine
        connection.set_progress_handler(lambda: instructions.append(None), 1)  # noqa: B023
        assert isinstance(ledger.reserve(an_attempt(f"last-{last}"), [cap], 0), Attempt)
        connection.set_progress_handler(None, 0)
        work.append(len(instructions))
    assert work[1] < LINEAR * work[0]


FURTHER = (*MIGRATIONS, "ALTER TABLE attempts ADD COLUMN mood TEXT; UPDATE attempts SET mood = 'calm'")


def test_older_ledger_is_migrated_after_a_backup(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt())
    ledger.close()
    connection = sqlite3.connect(file, isolation_level=None)
    prepare(connection, file, FURTHER)
    assert connection.execute("SELECT key, mood FROM attempts").fetchall() == [("k1", "calm")]
    assert connection.execute("PRAGMA user_version").fetchone() == (FORM + 1,)
    connection.close()
    with sqlite3.connect(file.with_name(f"ledger.sqlite3.form{FORM}")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (FORM,)
        assert copy.execute("SELECT count(*) FROM attempts").fetchone() == (1,)


def test_failed_step_leaves_the_ledger_unchanged(file: Path) -> None:
    SqliteLedger(file).close()
    connection = sqlite3.connect(file, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        prepare(connection, file, (*FURTHER, "CREATE TABLE attempts (x)"))
    assert connection.execute("PRAGMA user_version").fetchone() == (FORM,)
    assert "mood" not in [column[1] for column in connection.execute("PRAGMA table_info(attempts)")]
    connection.close()


def test_newer_ledger_is_refused_and_left_unchanged(file: Path) -> None:
    SqliteLedger(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {FORM + 1}")
    with pytest.raises(StoreError, match="newer storyboard"):
        SqliteLedger(file)
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (FORM + 1,)


def test_unreleased_ledger_version_is_refused_and_left_unchanged(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE attempts (key TEXT, payload TEXT)")
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(StoreError, match="never released"):
        SqliteLedger(file)
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_damaged_ledger_is_set_aside_and_blocks_buying_until_confirmed(file: Path) -> None:
    damaged = b"not a database, and long enough to be looked at as one" * 100
    file.write_bytes(damaged)
    ledger = SqliteLedger(file)
    assert file.with_name("ledger.sqlite3.damaged1").read_bytes() == damaged
    assert ledger.rebuilt
    with pytest.raises(StoreError, match="damaged") as caught:
        ledger.reserve(an_attempt(), [], 0)
    assert "resolve --rebuilt" in (caught.value.help or "")
    ledger.correct(an_attempt())
    ledger.trust()
    assert not SqliteLedger(file).rebuilt
    assert isinstance(ledger.reserve(an_attempt("other"), [], 0), Attempt)


def test_damage_in_the_middle_is_reported_and_set_aside(file: Path) -> None:
    ledger = SqliteLedger(file)
    for number in range(300):
        ledger.correct(an_attempt(f"k{number}"))
    ledger.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(content)
    damaged = SqliteLedger(file)
    with pytest.raises(StoreError, match="damaged"):
        damaged.all()
    damaged.close()
    assert SqliteLedger(file).rebuilt
    assert not SqliteLedger(file).all()


def test_the_ledger_is_private_to_the_user(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt())
    assert {path.stat().st_mode & 0o077 for path in file.parent.iterdir()} == {0}


def test_spending_lists_each_paid_task_once(file: Path) -> None:
    ledger = SqliteLedger(file)
    bought = an_attempt("a", task="t", state=PurchaseState.DONE, charged=Decimal("0.7"), opened_at=1.0)
    unpriced = an_attempt("b", reserved=None, opened_at=2.0)
    ledger.correct(bought)
    ledger.correct(an_attempt("c", task="t", state=PurchaseState.DONE, charged=Decimal("0.7"), opened_at=3.0))
    ledger.correct(unpriced)
    ledger.correct(an_attempt("d", reserved="0", state=PurchaseState.DONE))
    ledger.correct(an_attempt("e", reserved=None, state=PurchaseState.WITHDRAWN))
    assert ledger.spending() == (replace(bought, version=1), replace(unpriced, version=1))


def test_batch_is_written_completely_and_in_order(file: Path) -> None:
    ledger, cap = SqliteLedger(file), Cap("all", Decimal("2.50"), story=STORY)
    works = [lambda key=key: ledger.reserve(an_attempt(key), [cap], 0) for key in ("k1", "k2", "k3")]
    found = ledger.together(works)
    assert [type(each) for each in found] == [Attempt, Attempt, CapReached], (
        "the third passes the cap that two have used"
    )
    assert SqliteLedger(file).history(["k1", "k2", "k3"]) == {"k1": (found[0],), "k2": (found[1],)}


def test_failed_write_does_not_affect_the_others(file: Path) -> None:
    ledger = SqliteLedger(file)

    def troubled() -> None:
        with ledger._transaction():
            ledger.correct(an_attempt("k2"))
            raise StoreError("no")

    works = [lambda: ledger.correct(an_attempt("k1")), troubled, lambda: ledger.correct(an_attempt("k3"))]
    first, second, third = ledger.together(works)
    assert [type(each) for each in (first, third)] == [Attempt, Attempt]
    assert isinstance(second, StoreError)
    assert SqliteLedger(file).history(["k1", "k2", "k3"]).keys() == {"k1", "k3"}


def test_full_disk_is_reported_and_the_ledger_continues_when_there_is_space(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.correct(an_attempt("k0"))
    (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
    ledger._connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    big = replace(an_attempt("k1"), request=Request("kirin_v3_t2v", (RequestedShot("灯" * 20_000, 7),)))
    found = ledger.together([lambda: ledger.correct(an_attempt("k2")), lambda: ledger.correct(big)])
    assert [type(each) for each in found] == [Attempt, StoreError], "the small one has room"
    with pytest.raises(StoreError, match="full"):
        ledger.correct(big)
    ledger._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    ledger.correct(big)
    assert SqliteLedger(file).history(["k0", "k1", "k2"]).keys() == {"k0", "k1", "k2"}
