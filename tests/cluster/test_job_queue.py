"""Handing out jobs: fair between people, to one holder at a time, and quick where many wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.reservation import SendPermission
from storyboard.jobs.purchase_state import PurchaseState
from tests.support.attempts import an_attempt
from tests.support.farm import Farm, check_sums, latest, take, wanted


def bought(ledger: PostgresLedger, key: str) -> None:
    """Go through a purchase, so that the account's virtual time moves."""
    assert isinstance(ledger.join(an_attempt(key), (), 0), SendPermission)
    ledger.heard(an_attempt(key, task=f"task-{key}"))
    ledger.settle(an_attempt(key, state=PurchaseState.DONE, task=f"task-{key}", clip="a" * 64))
    ledger.release(key, done=True)


def next_key(ledger: PostgresLedger) -> str:
    key = take(ledger)
    assert key is not None
    bought(ledger, key)
    return key


def test_jobs_of_one_person_come_in_the_order_of_the_film(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("c", "a", "b"))
    assert [next_key(mei) for _ in range(3)] == ["c", "a", "b"]
    assert take(mei) is None


def test_short_film_that_comes_late_is_next_and_not_last(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    mei.want(wanted(*(f"mei-{n:03}" for n in range(50))))
    for _ in range(10):
        next_key(mei)
    tom.want(wanted(*(f"tom-{n}" for n in range(5)), person="tom"))
    order = [next_key(mei) for _ in range(12)]
    assert [key for key in order if key.startswith("tom")] == [f"tom-{n}" for n in range(5)]
    assert order.index("tom-4") <= 10


def test_idle_person_does_not_accumulate_turns(farm: Farm) -> None:
    """Who was idle gets an equal share from now on, not what they did not use."""
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    tom.want(wanted("tom-first", person="tom"))
    next_key(mei)
    mei.want(wanted(*(f"mei-{n:03}" for n in range(40))))
    for _ in range(20):
        next_key(mei)
    tom.want(wanted(*(f"tom-{n:03}" for n in range(20)), person="tom"))
    order = [next_key(mei) for _ in range(10)]
    assert 4 <= sum(key.startswith("tom") for key in order) <= 6


def test_high_priority_gets_a_larger_share(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    mei.want(wanted(*(f"mei-{n:03}" for n in range(40))))
    tom.want(wanted(*(f"tom-{n:03}" for n in range(40)), person="tom", weight=4))
    order = [next_key(mei) for _ in range(20)]
    assert 15 <= sum(key.startswith("tom") for key in order) <= 17


def test_job_wanted_twice_waits_once_at_the_better_place(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    mei.want(wanted("a", "b", "shared"))
    tom.want(wanted("shared", person="tom"))
    order = [next_key(mei) for _ in range(3)]
    assert sorted(order) == ["a", "b", "shared"] and order.index("shared") < 2
    assert take(mei) is None


def test_each_job_goes_to_one_of_eight_workers(farm: Farm) -> None:
    keys = [f"k{n:03}" for n in range(80)]
    machines = [farm.machine(f"m{n}", f"p{n}") for n in range(8)]
    machines[0].want(wanted(*keys))

    def work(ledger: PostgresLedger) -> list[str]:
        taken = []
        while (key := take(ledger)) is not None:
            bought(ledger, key)
            taken.append(key)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [key for part in pool.map(work, machines) for key in part]
    # `take` skips rows that another transaction has locked, so a worker may end early; nothing is taken twice
    while (key := take(machines[0])) is not None:
        taken.append(key)
    assert sorted(taken) == keys
    check_sums(farm)


def test_released_job_can_wait_before_it_is_taken_again(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1"))
    assert take(mei) == "k1"
    assert take(mei) is None
    mei.release("k1", seconds=60)
    assert take(mei) is None
    assert mei.claim("k1")
    mei.release("k1")
    assert take(mei) == "k1"


def test_process_lets_go_of_what_a_server_forgot_that_it_had_released(farm: Farm) -> None:
    """Else two that live could wait for each other: a standby that took over may not know of a release."""
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    mei.want(wanted("k1", "k2"))
    assert mei.claim("k1") and mei.claim("k2")
    mei.keep_claims(["k1"])
    assert tom.claim("k2") and not tom.claim("k1")
    mei.keep_claims([])
    assert tom.claim("k1")


def test_take_can_be_limited_to_a_project(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1"))
    assert take(mei, "another") is None
    assert take(mei, "lantern-7f3a") == "k1"


def test_holders_are_listed_while_they_live_or_may_send(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    mei.want(wanted("k1"))
    mei.claim("k1")
    mei.join(an_attempt(), (), 0)
    mei.session.close()
    seen = {status.name: status for status in tom.holders()}
    assert seen["tom@desk"].connected and seen["tom@desk"].may_send == 0
    assert not seen["mei@laptop"].connected and seen["mei@laptop"].may_send == 1
    tom.bury(mei.session.holder.id, "retired")
    tom.claim("k1")
    now = latest(tom)
    tom.join(an_attempt(), (), now.version)
    assert [status.name for status in tom.holders()] == ["tom@desk"]
