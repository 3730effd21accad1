"""A lock is a stranger's text: a field of another form makes it damaged, and none is ever a path."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from storyboard.errors import StoreError
from storyboard.store import LocalStore
from tests.support.cli import Cli
from tests.support.shop import KEY, STORY
from tests.support.stranger import compiled_jobs, forged_lock, snapshot

WITH_KEY = {"STORYBOARD_API_KEY": KEY, "STORYBOARD_BASE_URL": "http://127.0.0.1:9"}

PATHS = [
    "{video}",
    "../../../work/wedding",
    "/proc/self/cwd/wedding",
    "wedding",
    "",
    ".",
    "..",
    "a/" + "c" * 62,
    "C" * 64,
    "c" * 63,
    "c" * 65,
    "c" * 64 + "\n",
    "c" * 63 + "٣",
    "\x00" * 64,
    "~/wedding",
]
COMMANDS = [
    ("build", "--locked"),
    ("build",),
    ("build", "--yes"),
    ("plan",),
    ("status",),
    ("costs",),
    ("lint",),
    ("compile", "--json"),
    ("lock", "prune"),
    ("store", "gc"),
    ("reroll", "street.walk", "--take", "2"),
    ("export", "csv"),
]


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.1\nfirst_poll = 0.05\n')
    cli.write("lanterns.story", STORY)
    return cli


def check_commands(cli: Cli) -> None:
    for command in COMMANDS:
        done = cli(*command, env=WITH_KEY)
        assert done.code in {0, 1, 2, 3, 4, 5}, (command, done)


@pytest.mark.parametrize("clip", PATHS)
def test_path_in_place_of_a_clip_hash_moves_nothing(project: Cli, clip: str) -> None:
    video = project.write("wedding.mp4", b"the wedding of the user")
    clip = clip.format(video=str(video).removesuffix(".mp4"))
    project.write("lanterns.story.lock", forged_lock(compiled_jobs(project), "https://cloud.vtrix.ai", clip=clip))
    check_commands(project)
    assert project("build", "--locked", env=WITH_KEY).code == 1
    assert video.read_bytes() == b"the wedding of the user"
    assert not any((project.home / "store").glob("damaged/*"))


def test_path_in_another_take_or_provider_moves_nothing(project: Cli) -> None:
    video = project.write("wedding.mp4", b"the wedding of the user")
    jobs = compiled_jobs(project)
    for fields in ({"take": 2, "content": "d" * 64}, {"provider": "animatic"}, {"provider": "other"}):
        lock = forged_lock(jobs, "https://cloud.vtrix.ai", clip=str(video).removesuffix(".mp4"), **fields)
        project.write("lanterns.story.lock", lock)
        check_commands(project)
        assert video.read_bytes() == b"the wedding of the user"


def each_of(names: Iterable[str], values: Iterable[object]) -> Iterable[dict[str, Any]]:
    """Every value for every name, one at a time."""
    return ({name: value} for name in names for value in values)


FORGED: list[dict[str, Any]] = [
    *each_of(("content", "base", "key"), ("../x", "A" * 64, "c" * 63, 7, [], {"a": 1})),
    *each_of(("take", "attempt", "seconds"), (-1, 10**10, 1.5, True, "1", None, [])),
    *each_of(["task"], ("", "a\nb", "\x1b[2J", "x" * 501, " a", 7, "\ud800", ["t"])),
    *each_of(["base_url"], ("file:///etc", "https://a@b", "x", 7, None, "https://a\nb", "https://a/?k")),
    *each_of(("provider", "dialect"), ("a\x1b", "x" * 501, 7, None)),
    *each_of(["cost"], ("1e999999999", "-1", "NaN", "Infinity", "0x1", "1" * 5000, 1, [], "١", " 1")),
    *each_of(["shots"], ("a.b", [7], None, {"a": 1}, ["\ud800"], ["s"] * 5000)),
    *each_of(["state"], ("flying", "", None, 7, [], {"a": 1})),
    {"provider": ""},
]


@pytest.mark.parametrize("fields", FORGED, ids=lambda fields: repr(fields)[:40])
def test_malformed_field_is_damage(project: Cli, fields: dict[str, Any]) -> None:
    project.write("lanterns.story.lock", forged_lock(compiled_jobs(project), "https://cloud.vtrix.ai", **fields))
    before = snapshot(project.folder)
    for command in (("build", "--locked"), ("plan",), ("costs",), ("lock", "prune")):
        done = project(*command, env=WITH_KEY)
        assert done.code in {0, 1}, (command, done)
        assert "\x1b" not in done.out + done.err
    done = project("build", "--locked", env=WITH_KEY)
    assert done.code == 1 and "lanterns.story.lock:2" in done.err
    assert snapshot(project.folder) == before


HEADERS: list[str] = [
    '{"version": 0}',
    '{"version": -1}',
    '{"version": true}',
    '{"version": 2.0}',
    f'{{"version": {"9" * 4000}}}',
    '{"version": 2, "chosen": []}',
    '{"version": 2, "chosen": {"../x": [1, 1]}}',
    f'{{"version": 2, "chosen": {{"{"c" * 64}": [1, {10**12}]}}}}',
    f'{{"version": 2, "chosen": {{"{"c" * 64}": [true, 1]}}}}',
    '{"version": 2, "pruned": []}',
    '{"version": 2, "pruned": {"x": "1"}}',
    f'{{"version": 2, "pruned": {{"{"c" * 64}": "1e999999"}}}}',
    f'{{"version": 2, "pruned": {{"{"c" * 64}": [[-1, null, "done", "1"]]}}}}',
    f'{{"version": 2, "pruned": {{"{"c" * 64}": [[1, "\\ud800", "done", "1"]]}}}}',
    f'{{"version": 2, "pruned": {{"{"c" * 64}": [[{10**12}, null, "done", "1"]]}}}}',
    "\x00",
    "[" * 100_000,
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:50])
def test_malformed_first_line_is_damage(project: Cli, header: str) -> None:
    lines = forged_lock(compiled_jobs(project), "https://cloud.vtrix.ai").splitlines(keepends=True)
    project.write("lanterns.story.lock", "".join([header, "\n", *lines[1:]]))
    done = project("build", "--locked", env=WITH_KEY)
    assert done.code == 1 and "lanterns.story.lock" in done.err


@pytest.mark.parametrize("name", [*PATHS, "c" * 64 + "/../x"])
def test_clip_folder_accepts_only_hashes(tmp_path: Path, name: str) -> None:
    store = LocalStore(tmp_path / "store")
    name = name.format(video=tmp_path / "wedding")
    before = snapshot(tmp_path)
    for use in (store.clips.has, store.clips.path, store.clips.size, store.clips.remove, store.clips.place):
        with pytest.raises(StoreError):
            use(name)
    store.close()
    assert {name: what[3] for name, what in snapshot(tmp_path).items() if "ledger" not in name} == {
        name: what[3] for name, what in before.items() if "ledger" not in name
    }


def test_foreign_files_in_the_clip_folder_are_ignored(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    clips = tmp_path / "store" / "clips"
    for name in ("aa/holiday.mp4", f"aa/{'c' * 64}.mp4", f"cc/{'C' * 64}.mp4"):
        (clips / name).parent.mkdir(exist_ok=True)
        (clips / name).write_bytes(b"x")
    assert list(store.clips.all()) == []
    assert list(store.verify()) == []
    store.close()


def test_well_formed_lock_builds(project: Cli) -> None:
    """The forms refuse nothing that storyboard writes."""
    jobs = compiled_jobs(project)
    project.write("lanterns.story.lock", forged_lock(jobs, "https://cloud.vtrix.ai", state="submitted", clip=None))
    assert [json.loads(line)["state"] for line in (project.folder / "lanterns.story.lock").read_text().splitlines()[1:]]
    assert project("plan").code == 0
