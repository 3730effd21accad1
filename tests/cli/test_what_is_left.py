"""What a build leaves: the last complete film through every early end, a draft beside it, and nothing by a "no"."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storyboard.media.probe import probe
from tests.cli.test_asking import session
from tests.support.shop import Shop
from tests.support.waiting import PATIENCE


def folder_of(shop: Shop) -> Path:
    return shop.cli.folder / "build" / "lanterns"


def contents(shop: Shop) -> dict[str, tuple[int, int]]:
    """Every file of the project: its time and its inode."""
    files = (path for path in shop.cli.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(shop.cli.folder)): (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}


def answer_no(shop: Shop) -> int:
    with session(shop, "build") as person:
        person.expect(r"\[y/N\]")
        person.type("n\n")
        code = person.end()
        assert "nothing was changed" in person.seen
        return code


def reach_a_cap(shop: Shop) -> int:
    return shop("build", "--max-cost", "0.01").code


def fail_a_job(shop: Shop) -> int:
    shop.gateway.stage({"do": "fail", "code": "006001099", "message": "refused", "times": "always"})
    return shop("build", "--yes").code


def press_ctrl_c(shop: Shop) -> int:
    shop.behave(take=600.0)
    with session(shop, "build", "--yes") as person:
        person.expect("rendering")
        person.type("\x03")
        person.expect("Ctrl-C again")
        person.type("\x03")
        return person.end()


KILLED_WHILE_JOINING = """
import os, runpy, signal, sys
def kill(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("lanterns.mp4"):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
sys.argv = ["storyboard", *sys.argv[1:]]
runpy.run_module("storyboard", run_name="__main__", alter_sys=True)
"""
FULL_WHILE_JOINING = """
import os, resource, runpy, sys
def fill(event, arguments):
    if event == "open" and os.path.dirname(str(arguments[0])).endswith("build/lanterns") and ".part" in str(arguments[0]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
sys.addaudithook(fill)
sys.argv = ["storyboard", *sys.argv[1:]]
runpy.run_module("storyboard", run_name="__main__", alter_sys=True)
"""


def run_program(shop: Shop, program: str) -> int:
    """A build by a program around it."""
    done = subprocess.run(
        [sys.executable, "-c", program, "build", "--yes"],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert b"Traceback" not in done.stderr
    return done.returncode


def be_killed_while_joining(shop: Shop) -> int:
    return run_program(shop, KILLED_WHILE_JOINING)


def fill_the_disk_while_joining(shop: Shop) -> int:
    return run_program(shop, FULL_WHILE_JOINING)


def begin_on_a_full_disk(shop: Shop) -> int:
    import resource

    posts = shop.posts
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        done = shop("build", "--yes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "nothing was bought" in done.err
    assert shop.posts == posts
    return done.code


@pytest.mark.parametrize(
    ("end_early", "code"),
    [
        (answer_no, 4),
        (reach_a_cap, 4),
        (fail_a_job, 3),
        (press_ctrl_c, 130),
        (be_killed_while_joining, -9),
        (fill_the_disk_while_joining, 3),
        (begin_on_a_full_disk, 3),
    ],
)
def test_complete_film_survives_a_build_that_ends_early(
    shop: Shop, end_early: Callable[[Shop], int], code: int
) -> None:
    shop.build("--yes")
    film = folder_of(shop) / "lanterns.mp4"
    before = film.read_bytes()
    shop.edit("boats", "junks")
    assert end_early(shop) == code
    assert film.read_bytes() == before
    assert probe(film).seconds == 10
    said = json.loads((folder_of(shop) / "manifest.json").read_text())
    named = said["film"] or said["last_film"]
    assert (named["file"], named["bytes"], named["bought"]) == ("lanterns.mp4", len(before), True)


def test_answering_no_changes_no_file(shop: Shop) -> None:
    shop.build("--yes")
    shop.edit("boats", "junks")
    before = contents(shop)
    assert answer_no(shop) == 4
    assert contents(shop) == before


def test_draft_is_removed_when_the_film_is_complete(shop: Shop) -> None:
    shop.build("--yes")
    shop.edit("boats", "junks")
    done = shop("build")
    assert done.code == 4
    assert done.out.splitlines() == [
        "✗ build/lanterns/lanterns.draft.mp4   draft: 1 of 2 jobs; river#1 is a card   nothing paid",
        "  river#1  skipped  not bought without permission: pass --yes or --max-cost USD",
        "  the last complete film stays: build/lanterns/lanterns.mp4",
        "  contact sheet: build/lanterns/index.html",
    ]
    (story,) = json.loads(shop("build", "--json").out)["stories"]
    assert (story["film"], story["draft"]) == (None, "build/lanterns/lanterns.draft.mp4")
    assert story["last_film"] == "build/lanterns/lanterns.mp4"
    assert probe(folder_of(shop) / "lanterns.draft.mp4").seconds == 10
    shop.build("--yes")
    assert not (folder_of(shop) / "lanterns.draft.mp4").exists()


def test_free_build_uses_bought_clips_and_keeps_the_bought_film(shop: Shop) -> None:
    shop.build("--yes")
    film = folder_of(shop) / "lanterns.mp4"
    bought = film.read_bytes()
    assert shop("build", "--provider", "animatic").out.splitlines()[0] == (
        "✓ build/lanterns/lanterns.mp4   10 s   animatic, free   2 of 2 clips bought"
    )
    shop.edit("boats", "junks")
    assert shop.planned("--provider", "animatic") == {
        "street#1": "cached",
        "river#1": "buy",
        "river.boats": "unused",
    }
    for _ in range(2):
        done = shop("build", "--provider", "animatic")
        assert done.code == 0
        assert done.out.splitlines()[:2] == [
            "✓ build/lanterns/lanterns.draft.mp4   draft: 1 of 2 clips bought, 1 animatic card   animatic, free",
            "  the last complete film stays: build/lanterns/lanterns.mp4",
        ]
        assert film.read_bytes() == bought
    assert shop.posts == 2


def test_a_free_film_that_uses_bought_clips_says_so(shop: Shop) -> None:
    shop("build", "--yes", "--only", "street")
    done = shop("build", "--provider", "animatic")
    assert done.out.splitlines()[0].endswith("animatic, free   1 of 2 clips bought, 1 animatic card")
    shop.build("--yes")
    assert json.loads((folder_of(shop) / "manifest.json").read_text())["film"]["bought"]


def test_build_output_is_hidden_from_git(shop: Shop) -> None:
    shop.build("--yes")
    ignore = shop.cli.folder / "build" / ".gitignore"
    assert ignore.read_text() == "*\n"
    ignore.write_text("mine\n")
    shop.edit("boats", "junks")
    shop.build("--yes")
    assert ignore.read_text() == "mine\n"


def test_nothing_is_bought_if_the_film_cannot_be_written(shop: Shop) -> None:
    shop.cli.write("films", "a file")
    done = shop("build", "--yes", "--out", "films")
    assert done.code == 3
    assert "films cannot be written" in done.err and "nothing was bought" in done.err
    assert shop.posts == 0
    assert shop.lock == []


def test_the_first_purchase_says_to_commit_the_lock(shop: Shop) -> None:
    assert "  commit lanterns.story.lock: it records what was bought" in shop("build", "--yes").out.splitlines()
    shop.edit("boats", "junks")
    assert "commit" not in shop("build", "--yes").out


def test_locked_uses_the_provider_of_the_lock_and_lists_missing_jobs(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", "wait = 0.5\nfirst_poll = 0.05\n")
    shop.build("--yes", "--provider", "kirin")
    assert set(shop.states("--locked").values()) == {"cached"}
    assert "animatic" not in shop("build", "--locked").out
    shop.edit("boats drift", "junks drift")
    for key in (shop.key, ""):
        shop.key = key
        done = shop("build", "--locked")
        assert done.code == 4
        assert "river#1  skipped  not in the lock: prompt of `river.boats` changed" in done.out
    assert shop.posts == 2


def test_locked_says_that_fetching_needs_the_key(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes")
    clone = shop.elsewhere(tmp_path / "clone")
    clone.key = ""
    done = clone("build", "--locked")
    assert done.code == 5
    assert "bought, but not in this store; fetching it needs the key" in done.out


@pytest.mark.parametrize("command", ["build", "plan", "compile"])
def test_libraries_among_stories_are_skipped_with_a_note(shop: Shop, command: str) -> None:
    shop.cli.write("house.story", 'let mei = "Mei"\n')
    done = shop(command, "house.story", "lanterns.story", "--provider", "animatic")
    assert done.code == 0
    assert "note: `house.story` is a library and is skipped" in done.err
    assert shop(command, "house.story").code == 2


def test_job_id_is_accepted_wherever_an_address_is(shop: Shop) -> None:
    done = shop("plan", "--only", "river#1", "--json")
    assert [(job["id"], job["wanted"]) for job in done.json["jobs"]] == [("street#1", False), ("river#1", True)]
    assert shop.states("--yes", "--only", "street#1") == {"street#1": "built", "river#1": "skipped"}
    assert shop("plan", "--only", "river#7").code == 2


def test_plan_counts_unused_clips_and_lists_them_on_request(shop: Shop) -> None:
    shop.build("--yes")
    shop.edit("boats drift", "junks drift")
    lines = shop("plan").out.splitlines()
    assert "1 clip of earlier versions is kept, worth $0.34; going back is free" in lines
    assert not any("unused" in one for one in lines)
    everything = shop("plan", "--all").out
    assert "unused" in everything and "going back is free" not in everything


def test_a_plan_says_when_the_build_would_stop_at_a_budget(shop: Shop) -> None:
    shop.edit("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 0.60 USD\n")
    assert "  $0.24 over the budget: build would stop" in shop("plan").out.splitlines()
    shop.edit("0.60 USD", "0.84 USD")
    assert "would stop" not in shop("plan").out
