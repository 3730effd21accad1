"""A second vendor needs one folder and one table in a card: nothing else of storyboard knows of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, Done
from tests.support.prose_vendor.provider import FILMS, REFS, WATCH
from tests.support.prose_vendor.server import REELS, ProseServer, selling_prose
from tests.support.stranger import strangers_gateway

ROOT = Path(__file__).parents[2]
KEY = "prose-key-0123456789"
PLUGIN = "[storyboard.providers]\nprose = tests.support.prose_vendor.provider:make_prose\n"
CARD = """name = "ink"
max_prompt = 400

[duration]
allowed = [2, 3, 4, 5, 6]
default = 4

[shared_job]
max_shots = 4
min_seconds = 2
max_prompt = 200

[parameters.aspect_ratio]
kind = "choice"
choices = ["16:9", "1:1"]
default = "16:9"

[providers.prose]
engine = "ink-2"
prices = [{ per_second = 0.05 }]
"""
STORY = """story "Lanterns"
  .model ink

scene street
shot wide 2s
  A street of lanterns at dusk.

shot walk 2s
  A courier walks through the crowd.

scene river
shot boats 3s
  Paper boats drift past.
"""


class Reader:
    """A person who has installed the plug-in and holds a key of the vendor's."""

    def __init__(self, cli: Cli, packages: Path, server: ProseServer) -> None:
        self.cli, self.server = cli, server
        self._described = packages / "prose_vendor-1.0.dist-info"
        self._described.mkdir(parents=True)
        (self._described / "METADATA").write_text("Metadata-Version: 2.1\nName: prose-vendor\nVersion: 1.0\n")
        self.install(PLUGIN)
        self.environment = {
            "PYTHONPATH": os.pathsep.join([str(packages), str(ROOT)]),
            "STORYBOARD_API_KEY": KEY,
            "STORYBOARD_BASE_URL": server.url,
        }
        self.settings("")
        cli.write("cards/ink.toml", CARD)
        cli.write("lanterns.story", STORY)

    def __call__(self, *arguments: str) -> Done:
        """Run a command in a process of its own, which finds the plug-in as it finds any."""
        return self.cli.process(*arguments, env=self.environment)

    def build(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Build; return each job's result by its id."""
        done = self("build", "--json", "--yes", *arguments)
        assert done.code == code, (done.code, done.out, done.err)
        return {job["id"]: job for story in done.json["stories"] for job in story["jobs"]}

    def install(self, entry_points: str) -> None:
        """Install the plug-in: these are the entry points of its package."""
        (self._described / "entry_points.txt").write_text(entry_points)

    def settings(self, more: str) -> None:
        """Write the project's settings."""
        self.cli.write("storyboard.toml", f'provider = "prose"\nwait = 0.5\nfirst_poll = 0.05\nattempts = 1\n{more}')

    @property
    def lock(self) -> list[dict[str, Any]]:
        """The lock's blocks."""
        lines = (self.cli.folder / "lanterns.story.lock").read_text().splitlines()
        return [json.loads(line) for line in lines[1:]]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """The person, and the vendor's server."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    with selling_prose(KEY) as server:
        yield Reader(Cli(tmp_path / "work", tmp_path / "home"), tmp_path / "packages", server)


def test_a_film_is_bought_once_and_locked(reader: Reader) -> None:
    jobs = reader.build()
    assert {name: job["state"] for name, job in jobs.items()} == {"street#1": "built", "river#1": "built"}
    assert len(reader.server.of("POST", FILMS)) == len(reader.server.films) == 2
    assert sorted((block["shots"], block["state"], block["cost"]) for block in reader.lock) == [
        (["river.boats"], "done", "0.15"),
        (["street.wide", "street.walk"], "done", "0.2"),
    ]
    assert {block["provider"] for block in reader.lock} == {"prose"}
    assert {block["task"] for block in reader.lock} == {film.watch for film in reader.server.films.values()}
    again = reader.build()
    assert {job["state"] for job in again.values()} == {"cached"}
    assert len(reader.server.of("POST", FILMS)) == 2


def test_request_uses_the_format_of_the_vendor(reader: Reader) -> None:
    reader.build()
    sent = {json.loads(each.body)["script"]: json.loads(each.body) for each in reader.server.of("POST", FILMS)}
    street = sent[
        "for 2 seconds, A street of lanterns at dusk. Then: for 2 seconds, A courier walks through the crowd."
    ]
    assert (street["engine"], street["length"], street["frame"]) == ("ink-2", 4, "16:9")
    compiled = reader("compile", "--json").json["stories"][0]["jobs"]
    assert [job["payload"]["length"] for job in compiled] == [4, 3]


def test_download_carries_neither_key_nor_signature(reader: Reader) -> None:
    reader.build()
    reels = reader.server.of("GET", REELS)
    assert len(reels) == 2
    assert not [name for each in reels for name in each.headers if name.startswith(("x-prose", "authorization"))]
    assert KEY not in repr(reader.server.heard)


def test_task_is_polled_at_the_address_of_its_reply(reader: Reader) -> None:
    reader.server.looks = 3
    reader.build()
    watched = {each.path for each in reader.server.of("GET", WATCH)}
    assert watched == {film.watch for film in reader.server.films.values()}


def test_later_build_polls_the_same_address(reader: Reader) -> None:
    reader.server.looks = 1000
    reader.build("--no-wait", code=6)
    reader.server.looks = 0
    reader.server.heard.clear()
    jobs = reader.build()
    assert {job["state"] for job in jobs.values()} == {"built"}
    assert not reader.server.of("POST", FILMS)
    assert {each.path for each in reader.server.of("GET", WATCH)} == {f.watch for f in reader.server.films.values()}


def test_unanswered_submit_is_found_by_our_id(reader: Reader) -> None:
    reader.server.swallow = 1
    jobs = reader.build()
    assert {job["state"] for job in jobs.values()} == {"built"}
    assert len(reader.server.of("POST", FILMS)) == len(reader.server.films) == 2
    assert reader.server.of("GET", REFS)


def test_refusal_and_failure_show_the_words_of_the_vendor(reader: Reader) -> None:
    reader.cli.write("lanterns.story", STORY.replace("Paper boats", "Forbidden: forbidden boats"))
    done = reader("build", "--yes")
    assert "the script is not to our taste" in done.out + done.err
    reader.cli.write("lanterns.story", STORY.replace("Paper boats", "Boats of torn paper"))
    done = reader("build", "--yes")
    assert "the ink ran" in done.out + done.err
    assert "Traceback" not in done.out + done.err


def test_a_plug_in_that_cannot_be_loaded_is_named(reader: Reader) -> None:
    for wrong in ("tests.support.prose_vendor.absent:make_prose", "tests.support.prose_vendor.provider:absent"):
        reader.install(f"[storyboard.providers]\nprose = {wrong}\n")
        done = reader("build", "--yes")
        assert done.code == 2
        assert "the plug-in for the provider `prose` cannot be loaded" in done.err
        assert wrong in done.err
        assert "Traceback" not in done.err


def test_provider_table_names_the_gateway_that_is_used(reader: Reader) -> None:
    del reader.environment["STORYBOARD_BASE_URL"]
    table = f'[providers.prose]\nbase_url = "{reader.server.url}"\nstudio = "north"\n'
    reader.settings(table)
    asked = reader("build", "--yes")
    assert asked.code == 5, "a project alone does not decide where the key goes"
    assert not reader.server.heard
    reader.settings("")
    own = reader.cli.home / "config" / "storyboard" / "config.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(table)
    reader.build()
    assert {json.loads(each.body)["studio"] for each in reader.server.of("POST", FILMS)} == {"north"}


def test_address_at_another_host_is_never_polled(reader: Reader) -> None:
    with strangers_gateway() as stranger:
        reader.server.elsewhere = stranger.url
        reader.settings("task_life = 1\n")
        done = reader("build", "--yes", "--json")
        assert done.code == 7, (done.code, done.out, done.err)
        assert not stranger.heard
    assert len(reader.server.of("POST", FILMS)) == 2
    reader.server.elsewhere = ""
    reader.settings("")
    assert {job["state"] for job in reader.build().values()} == {"built"}
    assert len(reader.server.of("POST", FILMS)) == 2
