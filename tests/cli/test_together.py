"""Several builds, and several stories of one build, on one store: each key is bought once, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from storyboard.store import LocalStore
from tests.support.shop import STORY, TOGETHER, Shop
from tests.support.waiting import until


def test_job_claimed_by_another_build_does_not_block_later_jobs(shop: Shop) -> None:
    store = LocalStore(shop.store)
    keys = {job["id"]: job["key"] for job in shop("compile", "--json").json["stories"][0]["jobs"]}
    claim = store.claim(keys["street#1"])
    assert claim is not None
    with ThreadPoolExecutor(1) as pool:
        build = pool.submit(lambda: shop.process("build", "--yes"))
        until(lambda: shop.posts == 1)
        claim.release()
        assert build.result(60).code == 0
    assert shop.paid == TOGETHER


def test_two_builds_at_once_buy_each_job_once(shop: Shop) -> None:
    shop.behave(take=1.0)
    with ThreadPoolExecutor(2) as pool:
        builds = [pool.submit(lambda: shop.process("build", "--yes")) for _ in range(2)]
        assert [build.result(60).code for build in builds] == [0, 0]
    assert shop.paid == TOGETHER and shop.posts == 2


def test_shared_jobs_are_bought_once(shop: Shop) -> None:
    first, second = STORY.split("scene river")
    head, street = first.split("scene street")
    shop.cli.write("turned.story", f"{head}scene river{second}\n\nscene street{street}")
    done = shop("build", "--yes", "--json")
    assert done.code == 0, done.err
    assert shop.paid == TOGETHER and shop.posts == 2
    assert done.json["paid"] == "0.84"
    assert all(story["film"] for story in done.json["stories"])


@pytest.mark.parametrize("concurrency", [1, 4])
def test_jobs_are_submitted_in_story_order(shop: Shop, concurrency: int) -> None:
    # Requests that are under way together may overtake each other on the wire, but never one that was not sent yet.
    scenes = "".join(f"scene s{n}\n\nshot a 3s\n  Boat number {n} drifts past.\n\n" for n in range(12))
    shop.cli.write("lanterns.story", f'story "Many"\n  .model kirin_v3_t2v\n\n{scenes}')
    assert shop("build", "--yes", "--concurrency", f"{concurrency}").code == 0
    sent = [entry.external_id or "" for entry in shop.gateway.book.entries("post")]
    jobs = shop("compile", "--json").json["stories"][0]["jobs"]
    place = {f"sb-{job['key'][:40]}-1-1": number for number, job in enumerate(jobs)}
    assert sorted(sent) == sorted(place)
    for number, name in enumerate(sent):
        not_yet_arrived = set(place) - set(sent[: number + 1])
        overtaken = [earlier for earlier in not_yet_arrived if place[earlier] < place[name]]
        assert len(overtaken) < concurrency, f"{name} was sent before {overtaken}"
