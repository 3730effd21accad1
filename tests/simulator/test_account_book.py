from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.errors import UsageError
from storyboard.simulator import SimulatorConfig
from storyboard.simulator.account_book import Book, Entry, dollars, entry_from, read_book
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.gateway import Gateway
from storyboard.simulator.handlers import account_of
from tests.support.gateway import Client, film, gateway


def test_money_is_exact_and_has_its_cents() -> None:
    amounts = ("0", "0.4", "0.42", "0.420", "1.344", "12", "1E+3", "0.000001")
    assert [dollars(Decimal(amount)) for amount in amounts] == [
        "0.00",
        "0.40",
        "0.42",
        "0.42",
        "1.344",
        "12.00",
        "1000.00",
        "0.000001",
    ]


def test_everything_about_a_job_is_written(tmp_path: Path) -> None:
    behaviour = SimulatorConfig(take=10, book=tmp_path / "in" / "book.jsonl")
    client = Client(Gateway(behaviour, clips=SimulatedClips(film)), key="sk-secret")
    client.stage({"do": "fail"}, {"do": "lost-reply"})
    client.submit(external_id="sb-1")
    client.wait()
    client.poll("sb-1")
    client.gateway.book.close()
    entries = [json.loads(line) for line in (tmp_path / "in" / "book.jsonl").read_text().splitlines()]
    assert [entry["what"] for entry in entries] == ["fault", "fault", "task", "charge", "post", "end", "refund"]
    task, charge, post, end, refund = entries[2:]
    assert {each["account"] for each in entries} == {account_of("sk-secret")}
    assert task["task"] == charge["task"] == end["task"] == refund["task"]
    assert charge["usd"] == refund["usd"] == "0.42"
    assert (post["external_id"], post["answer"], post["dialect"]) == ("sb-1", "cut", "generation")
    assert end["detail"] == "failed"
    assert "sk-secret" not in (tmp_path / "in" / "book.jsonl").read_text()


def test_existing_book_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    for _ in range(2):
        client = Client(Gateway(SimulatorConfig(take=10, book=path), clips=SimulatedClips(film)))
        client.bought(external_id="sb-1")
        client.gateway.book.close()
    totals = client.gateway.book.totals
    assert totals.paid == Decimal("0.84")
    assert [len(tasks) for tasks in totals.bought_twice.values()] == [2], "the gateway forgot, the book did not"


@pytest.mark.parametrize("line", ["{", "7", "{}", '{"at": 1, "what": "charge", "usd": "much"}'])
def test_file_that_is_not_a_book_is_left_alone(tmp_path: Path, line: str) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text(f'{{"at": 1, "what": "end"}}\n{line}\n')
    with pytest.raises(UsageError, match="line 2: not an entry"):
        Book(path)
    assert path.read_text().endswith(f"{line}\n")


def test_an_entry_reads_as_it_was_written() -> None:
    entry = Entry(5, "charge", "a" * 16, "t1", "sb-灯", "p", Decimal("0.42"), None, None, "r", 200, "x")
    assert entry_from(json.loads(json.dumps(entry.document()))) == entry


def test_repeated_order_is_detected_whatever_its_ids() -> None:
    client = Client(gateway())
    for external_id in ("sb-1", "sb-2"):
        client.bought("A boat.", external_id)
    client.bought("A bank.", "sb-3")
    totals = client.gateway.book.totals
    assert not totals.bought_twice
    ((account, _), tasks) = next(iter(totals.same_order.items()))
    assert (account, len(tasks), len(totals.same_order)) == (account_of("one"), 2, 1)
    document = totals.document()
    assert (document["paid"], document["bought_twice"], len(document["same_order"])) == ("1.26", [], 1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "poll", "wait", "cancel"]),
        st.integers(1, 4),
        st.sampled_from([None, "fail", "charge", "lost-reply", "twice", "delivered-late", "reset", "show-late"]),
    ),
    max_size=30,
)


@given(STEPS, st.sampled_from(["refuse", "replay", "second"]), st.booleans(), st.booleans())
def test_totals_equal_the_sum_of_the_tasks(
    steps: list[tuple[str, int, str | None]], duplicates: str, free: bool, bill: bool
) -> None:
    client = Client(gateway(duplicates=duplicates, free_failed_ids=free, bill_failed=bill), "queue")
    for what, number, fault in steps:
        if fault:
            client.stage({"do": fault, "operation": "submit"})
        name = f"sb-{number}"
        match what:
            case "submit":
                client.submit(f"Boat {number}.", name)
            case "poll":
                client.poll(name)
            case "wait":
                client.wait(number * 3)
            case "cancel":
                client.cancel(name)
    client.wait(1000)
    client.gateway.advance(client.now)
    _check(client.gateway, bill)


def _check(gateway: Gateway, bill: bool) -> None:
    tasks = list(gateway.simulator.tasks.values())
    totals = gateway.book.totals
    billed = [task for task in tasks if not task.refunded(bill)]
    assert totals.paid == sum((task.cost for task in billed), Decimal(0))
    assert sum(account.billed_tasks for account in totals.accounts.values()) == len(billed)
    assert {each for tasks in totals.by_id.values() for each in tasks} == {task.id for task in billed}
    assert all(gateway.simulator.unfinished(account) == 0 for account in totals.accounts)
    again = Book()
    for entry in gateway.book.entries():
        again.write(entry)
    assert again.totals.by_id == totals.by_id
    assert again.totals.paid == totals.paid


def test_book_file_equals_the_book_of_the_gateway(tmp_path: Path) -> None:
    client = Client(Gateway(SimulatorConfig(take=10, chaos=0.4, book=tmp_path / "book"), clips=SimulatedClips(film)))
    for number in range(50):
        client.submit(f"Boat {number}.", f"sb-{number}")
    client.wait()
    client.gateway.advance(client.now)
    client.gateway.book.close()
    read = Book()
    for entry in read_book(tmp_path / "book"):
        read.write(entry)
    told = client.gateway.book.totals
    assert (read.totals.paid, read.totals.faults) == (told.paid, told.faults)
    assert read.totals.paid > 0
