"""Workers buy what builds leave to them: real processes, a real PostgreSQL and bucket, a real gateway's book."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storyboard.simulator.faults import FaultRule
from tests.support.buckets import TestBucket, fresh_bucket, s3_server
from tests.support.farm import Farm, another, charged, check_sums
from tests.support.shop import SETTINGS, TOGETHER, Shop
from tests.support.waiting import PATIENCE, until

YES = "--yes"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a worker runs on POSIX systems only")


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def bucket(shop: Shop, s3_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestBucket]:
    with fresh_bucket(s3_port, monkeypatch) as made:
        shop.environment["STORYBOARD_CLIPS"] = made.address
        yield made


@pytest.fixture
def worker(shop: Shop, tmp_path: Path) -> Shop:
    """A machine without any story, whose owner has the key and the ledger's address."""
    return without_stories(shop, tmp_path / "worker")


def without_stories(shop: Shop, folder: Path) -> Shop:
    machine = another(shop, folder)
    (machine.cli.folder / "lanterns.story").unlink()
    machine.cli.write("storyboard.toml", SETTINGS)
    machine.environment = shop.environment
    return machine


@contextmanager
def running(machine: Shop, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that runs until it is stopped."""
    process = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "worker", *arguments],
        cwd=machine.cli.folder,
        env={**machine.cli.environment, **machine.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def heard(process: subprocess.Popen[bytes], words: str) -> str:
    """What a worker says, as one line of text, until it has said these words."""
    said = ""
    assert process.stderr is not None
    while words not in said:
        line = process.stderr.readline()
        assert line, f"it ended without saying so: {said}"
        said = " ".join([*said.split(), *line.decode().split()])
    return said


def open_jobs(farm: Farm) -> int:
    [(count,)] = farm.sql("SELECT count(*) FROM storyboard.jobs WHERE NOT done")
    return int(count)


def test_worker_buys_what_a_detached_build_left_to_it(shop: Shop, worker: Shop, farm: Farm) -> None:
    left = shop.build(YES, "--detach", code=6)
    assert {job["state"] for job in left.values()} == {"running"}
    assert {job["reason"] for job in left.values()} == {"left to the workers: it waits in line for a worker"}
    assert shop.posts == 0
    assert [worker("worker", "--once").code for _ in range(2)] == [0, 0]
    assert (shop.posts, shop.paid, charged(farm)) == (2, TOGETHER, TOGETHER)
    assert open_jobs(farm) == 0
    assert set(shop.states(YES).values()) == {"built"}
    assert shop.posts == 2
    assert worker("worker", "--once").code == 0
    rows = farm.sql("SELECT project, path, state, may FROM storyboard.attempts")
    assert rows == [("lantern", "lanterns.story", "done", [])] * 2
    check_sums(farm)


@pytest.mark.parametrize("again", [("--wait",), ()])
def test_lock_names_the_ledger_though_a_worker_bought_it_all(shop: Shop, worker: Shop, again: tuple[str, ...]) -> None:
    shop.build(YES, "--detach", code=6)
    for _ in range(2):
        assert worker("worker", "--once").code == 0
    shop.build(YES, *again)
    shop.edit("boats", "junks")
    del shop.environment["STORYBOARD_LEDGER"]
    refused = shop("build", YES)
    assert refused.code == 2
    assert "was bought with a team's ledger" in refused.out + refused.err
    assert shop.posts == 2


def test_lock_names_the_ledger_as_soon_as_jobs_are_left_to_workers(shop: Shop, farm: Farm) -> None:
    shop.build(YES, "--detach", code=6)
    del shop.environment["STORYBOARD_LEDGER"]
    assert shop("build", YES).code == 2
    assert shop.posts == 0


def test_clip_that_a_worker_bought_comes_from_the_bucket(shop: Shop, worker: Shop, bucket: TestBucket) -> None:
    shop.build(YES, "--detach", code=6)
    for _ in range(2):
        assert worker("worker", "--once").code == 0
    requests = shop.requests
    assert set(shop.states(YES).values()) == {"cached"}
    assert shop.requests == requests
    assert not [path for path in bucket.paths() if path.startswith("notes/")]


def test_build_that_waits_buys_nothing_itself(shop: Shop, worker: Shop, farm: Farm) -> None:
    with running(worker) as process:
        done = shop.process("build", YES, "--wait", "--json")
        assert done.code == 0, done.err
        assert {job["state"] for job in done.json["stories"][0]["jobs"]} == {"built"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    senders = farm.sql("SELECT count(*) FROM storyboard.holders WHERE ended_at IS NULL")
    assert senders == [(0,)]
    assert (shop.posts, shop.paid, charged(farm)) == (2, TOGETHER, TOGETHER)


def test_killed_worker_is_followed_by_another(shop: Shop, worker: Shop, farm: Farm, tmp_path: Path) -> None:
    shop.behave(take=6.0)
    shop.build(YES, "--detach", code=6)
    with running(worker) as first:
        until(lambda: shop.posts == 2)
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(2,)])
        first.kill()
        first.wait()
    second = without_stories(shop, tmp_path / "second")
    for _ in range(2):
        assert second("worker", "--once").code == 0
    assert (shop.posts, shop.paid, charged(farm)) == (2, TOGETHER, TOGETHER)
    assert farm.sql("SELECT DISTINCT state FROM storyboard.attempts") == [("done",)]
    assert open_jobs(farm) == 0
    check_sums(farm)


def test_stopped_worker_leaves_what_is_rendering_to_others(
    shop: Shop, worker: Shop, farm: Farm, tmp_path: Path
) -> None:
    shop.behave(take=4.0)
    shop.build(YES, "--detach", code=6)
    with running(worker, "--grace", "0") as first:
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(2,)])
        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE) == 0
    assert farm.sql("SELECT count(*) FROM storyboard.holders WHERE ended_at IS NULL") == [(0,)]
    second = without_stories(shop, tmp_path / "second")
    for _ in range(2):
        assert second("worker", "--once").code == 0
    assert (shop.posts, charged(farm)) == (2, TOGETHER)


def test_stopped_worker_fetches_what_ends_within_its_grace(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.behave(take=600.0)
    shop.build(YES, "--detach", code=6)
    with running(worker, "--grace", str(PATIENCE)) as first:
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(2,)])
        first.send_signal(signal.SIGTERM)
        heard(first, "ending: nothing more is sent; the 2 jobs in flight can end within 180 s,")
        shop.gateway.jump(600)
        assert first.wait(PATIENCE) == 0
    assert farm.sql("SELECT DISTINCT state FROM storyboard.attempts") == [("done",)]


def test_second_signal_ends_a_worker_at_once(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.behave(take=60.0)
    shop.build(YES, "--detach", code=6)
    with running(worker) as process:
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(2,)])
        process.send_signal(signal.SIGTERM)
        heard(process, "ending: ")  # two signals at once may arrive as one
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130


def test_two_builds_and_two_workers_buy_each_job_once(
    shop: Shop, worker: Shop, farm: Farm, bucket: TestBucket, tmp_path: Path
) -> None:
    other, second = another(shop, tmp_path / "other"), without_stories(shop, tmp_path / "second")
    shop.behave(take=1.0)
    command = [sys.executable, "-m", "storyboard", "build", YES]
    with running(worker), running(second):
        builds = [
            subprocess.Popen(
                command,
                cwd=each.cli.folder,
                env={**each.cli.environment, **each.env},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for each in (shop, other)
        ]
        assert [build.wait(PATIENCE) for build in builds] == [0, 0]
    assert (shop.posts, shop.paid, charged(farm)) == (2, TOGETHER, TOGETHER)
    check_sums(farm)


def test_cap_of_a_detached_build_binds_the_worker(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.build("--max-cost", "0.60", "--detach", code=6)
    codes = {worker("worker", "--once").code for _ in range(2)}
    assert codes == {0, 4}
    assert shop.posts == 1
    assert charged(farm) == shop.paid < TOGETHER


def test_refused_job_leaves_the_line_and_the_waiting_build_says_why(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.gateway.stage(FaultRule("policy", prompt="Paper boats"))
    shop.build(YES, "--detach", code=6)
    assert {worker("worker", "--once").code for _ in range(2)} == {0, 3}
    assert open_jobs(farm) == 0
    [(outcome, blame)] = farm.sql("SELECT outcome, blame FROM storyboard.jobs WHERE outcome <> ''")
    assert blame == 3 and outcome
    with running(worker):
        jobs = shop.build(YES, "--wait", code=3)
    assert {name: job["state"] for name, job in jobs.items()} == {"street#1": "built", "river#1": "failed"}
    assert charged(farm) == shop.paid


def test_worker_takes_no_jobs_of_another_account(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.build(YES, "--detach", code=6)
    worker.key = "sk-another-account-0001"
    assert worker("worker", "--once").code == 0
    assert shop.posts == 0
    assert open_jobs(farm) == 2


def test_worker_without_a_key_or_a_ledger_says_so(worker: Shop) -> None:
    worker.key = ""
    done = worker("worker", "--once")
    assert done.code == 5 and "No API key. Set STORYBOARD_API_KEY" in done.err
    worker.key, worker.environment = "sk-simulated-0123456789", {}
    done = worker("worker", "--once")
    assert done.code == 2 and "no shared ledger is set" in done.err and "STORYBOARD_LEDGER=" in done.err


def test_worker_waits_for_a_ledger_that_is_away(worker: Shop) -> None:
    worker.environment = {"STORYBOARD_LEDGER": "postgresql://farm@127.0.0.1:1/films"}
    assert worker("worker", "--once").code == 3
    with running(worker) as process:
        heard(process, "the ledger cannot be reached")
        time.sleep(2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_build_that_is_stopped_leaves_nothing_for_workers(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.environment["STORYBOARD_API_KEY"] = "sk-simulated-0123456789"
    process = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "build", YES, "--wait"],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: farm.sql("SELECT to_regclass('storyboard.jobs') IS NOT NULL") == [(True,)])
    until(lambda: open_jobs(farm) == 2)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert farm.sql("SELECT count(*) FROM storyboard.jobs") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--detach", "--wait"), "--detach and --wait cannot be combined"),
        (("--detach", "--provider", "animatic"), "animatic renders here, for free"),
    ],
)
def test_options_that_do_not_fit_are_refused(shop: Shop, arguments: tuple[str, ...], words: str) -> None:
    done = shop("build", YES, *arguments)
    assert done.code == 2
    assert words in done.err


def test_detach_without_a_ledger_is_refused(cli_alone: Shop) -> None:
    done = cli_alone("build", YES, "--detach")
    assert done.code == 2
    assert "this project shares no ledger" in done.err


@pytest.fixture
def cli_alone(shop: Shop) -> Shop:
    """The same person without a ledger."""
    shop.environment = {}
    return shop


def test_worker_reads_its_configuration_again_at_sighup(shop: Shop, worker: Shop, farm: Farm) -> None:
    right = worker.cli.folder / "storyboard.toml"
    right.write_text("concurrency = 1\n" + SETTINGS)
    with running(worker, "--name", "farm-1") as process:
        until(lambda: farm.sql("SELECT to_regclass('storyboard.holders') IS NOT NULL") == [(True,)])
        until(lambda: farm.sql("SELECT count(*) FROM storyboard.holders WHERE ended_at IS NULL") == [(1,)])
        right.write_text("concurrency = \n")
        process.send_signal(signal.SIGHUP)
        heard(process, "the configuration stays as it was")
        right.write_text("concurrency = 2\n" + SETTINGS)
        process.send_signal(signal.SIGHUP)
        until(lambda: farm.sql("SELECT count(*) FROM storyboard.holders") == [(2,)])
        assert set(shop.states(YES, "--wait").values()) == {"built"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        heard(process, "the configuration was read again")
    assert farm.sql("SELECT count(*) FROM storyboard.holders WHERE ended_at IS NULL") == [(0,)]


def test_name_of_a_running_worker_is_refused(shop: Shop, worker: Shop, farm: Farm) -> None:
    shop.build(YES, "--detach", code=6)
    with running(worker, "--name", "farm-1"):
        until(lambda: shop.posts == 2)  # while it begins, it would be the one that is refused
        done = worker("worker", "--once", "--name", "farm-1")
        assert done.code == 2
        assert "another process with the name `farm-1` is connected" in done.err


def test_person_buries_a_worker_that_is_off_for_good(shop: Shop, worker: Shop, farm: Farm) -> None:
    with running(worker, "--name", "farm-1") as process:
        until(lambda: farm.sql("SELECT to_regclass('storyboard.holders') IS NOT NULL") == [(True,)])
        until(lambda: farm.sql("SELECT count(*) FROM storyboard.holders WHERE name = 'farm-1'") == [(1,)])
        asked = shop("worker", "bury", "farm-1")
        assert asked.code == 2 and "add --yes" in asked.err
        barred = shop("worker", "bury", "farm-1", YES)
        assert barred.code == 2 and "is not dead: its session on the ledger is open" in barred.err
        process.kill()
        process.wait()
    until(lambda: shop("worker", "bury", "farm-1", YES).code == 0)
    assert farm.sql("SELECT dead_by IS NOT NULL FROM storyboard.holders WHERE name = 'farm-1'") == [(True,)]
    assert shop("worker", "bury", "nobody", YES).code == 2


def test_account_runs_no_more_tasks_on_all_machines_than_its_limit(
    shop: Shop, worker: Shop, farm: Farm, tmp_path: Path
) -> None:
    assert "any number of tasks at once" in shop("worker", "limits").out
    assert (
        "1 task at once, one submission every 0.2 s" in shop("worker", "limits", "--tasks", "1", "--every", "0.2").out
    )
    shop.behave(take=1.5)
    second = without_stories(shop, tmp_path / "second")
    shop.build(YES, "--detach", code=6)
    with running(worker), running(second):
        most = 0
        while open_jobs(farm):
            [(now,)] = farm.sql("SELECT count(*) FROM storyboard.attempts WHERE state IN ('intent', 'submitted')")
            most = max(most, int(now))
            time.sleep(0.05)
    assert (most, shop.posts, charged(farm)) == (1, 2, TOGETHER)
    assert "any number of tasks at once, one submission every 0.2 s" in shop("worker", "limits", "--tasks", "0").out


def test_plan_says_when_the_ledger_was_not_asked(shop: Shop) -> None:
    shop.environment["STORYBOARD_LEDGER"] = "postgresql://farm@127.0.0.1:1/films"
    done = shop("plan")
    assert done.code == 0
    assert "the plan knows only what this machine and the lock know: the ledger cannot be reached" in done.err


def test_closed_ledger_lets_what_is_rendering_be_fetched(shop: Shop, worker: Shop, farm: Farm, tmp_path: Path) -> None:
    shop.behave(take=600.0)
    shop.build(YES, "--only", "street", "--detach", code=6)
    with running(worker, "--grace", "0") as process:
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(1,)])
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    shop.build(YES, "--detach", code=6)
    farm.sql("INSERT INTO storyboard.facts VALUES ('closed', 'it was restored')")
    shop.gateway.jump(600)
    second = without_stories(shop, tmp_path / "second")
    with running(second) as process:
        until(lambda: farm.sql("SELECT state FROM storyboard.attempts") == [("done",)])
        heard(process, "only what is rendering is fetched")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    states = shop.states(YES, code=3)
    assert states == {"street#1": "built", "river#1": "skipped"}
    assert (shop.posts, charged(farm)) == (1, shop.paid)


def test_worker_that_is_started_again_under_its_name_goes_on(
    shop: Shop, worker: Shop, farm: Farm, tmp_path: Path
) -> None:
    shop.behave(duplicates="second")
    shop.build(YES, "--detach", code=6)
    with running(worker, "--name", "farm-1") as first:
        until(lambda: shop.posts == 2)  # else the second one may be unknown: no look-up was seen to work yet
        first.kill()
    moved = without_stories(shop, tmp_path / "moved")  # a container without a volume: another store
    until(lambda: moved("worker", "--once", "--name", "farm-1").code != 2)  # its session may still be ending
    while open_jobs(farm):
        assert moved("worker", "--once", "--name", "farm-1").code == 0
    assert (shop.posts, shop.paid, charged(farm)) == (2, TOGETHER, TOGETHER)


def test_job_of_unknown_outcome_is_in_line_again_once_its_sender_is_buried(
    shop: Shop, worker: Shop, farm: Farm, tmp_path: Path
) -> None:
    shop.behave(duplicates="second")
    shop.gateway.stage(FaultRule("reset", times=None))
    shop.build(YES, "--only", "street", "--detach", code=6)
    with running(worker, "--name", "farm-1") as first:
        until(lambda: farm.sql("SELECT count(*) FROM storyboard.attempts WHERE may <> '{}'") == [(1,)])
        first.kill()
    farm.sql("UPDATE storyboard.jobs SET done = true, outcome = 'nobody knows', blame = 7")
    until(lambda: shop("worker", "bury", "farm-1", YES).code == 0)
    assert open_jobs(farm) == 1


def test_worker_goes_on_while_the_bucket_is_away(shop: Shop, worker: Shop, farm: Farm, bucket: TestBucket) -> None:
    shop.build(YES, "--detach", code=6)
    assert worker("worker", "--once").code == 0
    bucket.faults.away = True
    assert worker("worker", "--once").code == 0
    assert shop.posts == 2
    bucket.faults.away = False
    assert worker("worker", "--once").code == 0
    clips = [path for path in bucket.paths() if path.startswith("clips/")]
    assert len(clips) == 2
    assert charged(farm) == shop.paid == TOGETHER


def test_builds_and_workers_that_are_killed_buy_each_job_once(
    shop: Shop, worker: Shop, farm: Farm, tmp_path: Path
) -> None:
    scenes = "".join(f"\nscene s{number}\nshot a 3s\n  Lamp {number} glows in the dark.\n" for number in range(8))
    shop.cli.write("lanterns.story", f'story "L"\n  .model kirin_v3_t2v\n{scenes}')
    shop.behave(take=0.5, duplicates="second")
    shop.build(YES, "--only", "s0")  # what is not found is sent again only where a look-up was seen to work
    assert farm.sql("SELECT lookup FROM storyboard.known") == [("seen",)]
    shop.behave(take=600.0)  # none ends before both are killed
    build = [sys.executable, "-m", "storyboard", "build", YES, "--concurrency", "2"]
    with running(worker, "--name", "farm-1") as first:
        process = subprocess.Popen(
            build,
            cwd=shop.cli.folder,
            env={**shop.cli.environment, **shop.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: shop.posts >= 3)
        first.kill()
        process.kill()
        process.wait()
    assert 3 <= shop.posts < 8
    second = without_stories(shop, tmp_path / "second")  # a container without a volume: another store
    shop.gateway.jump(600)
    shop.behave(take=1.0)
    sessions = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'storyboard' AND datname = current_database()"
    )
    until(lambda: farm.sql(sessions) == [(0,)])
    with running(second, "--name", "farm-1"):
        assert set(shop.states(YES, "--wait").values()) <= {"built", "cached"}
    assert shop.posts == 8
    assert charged(farm) == shop.paid
    check_sums(farm)
