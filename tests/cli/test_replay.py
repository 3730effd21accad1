"""The short way says what the long way would say: whatever a plan or a build rests on is changed, one at a time."""

from __future__ import annotations

import gc
import marshal
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storyboard.cli import replay
from storyboard.cli.main import run
from storyboard.cli.output_cache import Memory
from storyboard.files import cache
from storyboard.files.writing import remove
from storyboard.project import Run
from storyboard.simulator import SimulatorConfig, serve
from tests.cli.test_imports import imported
from tests.support.cli import SMALL_ANIMATIC, Cli, Done
from tests.support.own_cache import use_cache_below
from tests.support.shop import Shop

LIBRARY = "let sea = a grey sea\n"
STORY = """\
import "house.story"

story "T"
  .model kirin_v3_t2v

shot s 3s
  A boat on {{ sea }}.

shot t 4s
  A harbour.
"""
COMMANDS = ("lint", "lint --json", "plan", "plan --json", "build", "build --json", "plan a.story", "build --dry-run")
APART = 0.03
"""Seconds after which a change is surely told by a file's times."""


class Person:
    """Runs commands as the entry point does, and knows by which way the answer came."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.env: dict[str, str] = {}

    def __call__(self, command: str, **env: str) -> tuple[Done, bool]:
        """How it ended, and whether it was said from memory."""
        gc.collect()  # a process of its own would have let go of the ledger
        time.sleep(APART)
        arguments = command.split()
        short: list[bool] = []

        def entry() -> int:
            code = replay.answer(arguments)
            short.append(code is not None)
            return run(arguments) if code is None else code

        return self.cli.through(entry, env={**self.env, **env}), short[0]

    def long_way(self, command: str, **env: str) -> Done:
        """What is said by one who remembers nothing."""
        self.forget()
        done, short = self(command, **env)
        assert not short
        return done

    def forget(self) -> None:
        """Deletes the cache."""
        shutil.rmtree(self.cache, ignore_errors=True)

    @property
    def cache(self) -> Path:
        """Its folder."""
        if sys.platform == "win32":
            return self.cli.home / "local" / "storyboard" / "Cache"
        return self.cli.home / ".cache" / "storyboard"

    @property
    def entries(self) -> list[Path]:
        """All that is remembered."""
        return list(self.cache.iterdir())

    def recalled(self, command: str) -> set[str]:
        """The files that the next run of a command would not read again."""
        return self.recalling(command, lambda: {path.name for path in Memory().recalled})

    def recalling(self, command: str, ask: Callable[[], set[str]]) -> set[str]:
        """What can be asked when a command has begun and is not said from memory."""
        time.sleep(APART)
        found: list[set[str]] = []

        def entry() -> int:
            assert replay.answer(command.split()) is None
            found.append(ask())
            return 0

        assert self.cli.through(entry, env=self.env).code == 0
        return found[0]


@pytest.fixture
def person(cli: Cli) -> Iterator[Person]:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("house.story", LIBRARY)
    cli.write("a.story", STORY)
    gc.freeze()  # each collection then looks at a run's own objects alone
    yield Person(cli)
    gc.unfreeze()


def remember(person: Person, command: str) -> Done:
    """Runs until there is nothing to do any more and the answer stands."""
    person("build")
    person.forget()
    first, _ = person(command)
    again, short = person(command)
    assert short
    assert again == first
    return first


@pytest.mark.parametrize("command", COMMANDS)
def test_second_run_answers_from_the_cache(person: Person, command: str) -> None:
    told = remember(person, command)
    assert told == person.long_way(command)
    assert told.code == 0


def of(name: str) -> Callable[[Person], Path]:
    return lambda person: person.cli.folder / name


def a_clip(person: Person) -> Path:
    return next((person.cli.home / "store" / "clips").rglob("*.mp4"))


def a_delivered_clip(person: Person) -> Path:
    return next((person.cli.folder / "build" / "a" / "clips").iterdir())


def edited(path: Path) -> None:
    """The same size and the same time of content: only the state tells."""
    was = path.stat()
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content.replace(b"boat", b"tide").replace(b"grey", b"blue").replace(b"64", b"96"))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def appended(path: Path) -> None:
    path.chmod(0o600)
    with path.open("a") as stream:
        stream.write("\n# new\n")


def written(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[animatic]\nwidth = 128\n")


def a_story(path: Path) -> None:
    path.write_text(STORY.replace("boat", "kite"))


def a_folder(path: Path) -> None:
    path.mkdir()


def everything_ignored(path: Path) -> None:
    path.write_text("a.story\n")


def another_file(path: Path) -> None:
    path.rename(path.with_suffix(".old"))
    path.write_text(LIBRARY.replace("grey", "green"))


def a_link(path: Path) -> None:
    path.rename(path.with_suffix(".old"))
    path.with_suffix(".other").write_text(LIBRARY.replace("grey", "green"))
    path.symlink_to(path.with_suffix(".other"))


def a_lock(path: Path) -> None:
    path.write_text('{"version": 2}\n')


CHANGES: list[tuple[str, Callable[[Person], Path], Callable[[Path], object]]] = [
    ("a story edited", of("a.story"), edited),
    ("a story longer", of("a.story"), appended),
    ("a story gone", of("a.story"), Path.unlink),
    ("another story", of("b.story"), a_story),
    ("a library edited", of("house.story"), edited),
    ("a library replaced", of("house.story"), another_file),
    ("a library now a link", of("house.story"), a_link),
    ("a library gone", of("house.story"), Path.unlink),
    ("settings edited", of("storyboard.toml"), edited),
    ("settings gone", of("storyboard.toml"), Path.unlink),
    ("settings damaged", of("storyboard.toml"), lambda path: path.write_text("[")),
    ("the user's settings", lambda person: person.cli.home / "config" / "storyboard" / "config.toml", written),
    ("a card", of("cards/new.toml"), written),
    ("a repository begins here", of(".git"), a_folder),
    ("git ignores the story", of(".gitignore"), everything_ignored),
    ("a lock", of("a.story.lock"), a_lock),
    ("a damaged lock", of("a.story.lock"), lambda path: path.write_text("<<<<<<<")),
    ("a clip of the store gone", a_clip, remove),
    ("a clip of the store damaged", a_clip, appended),
    ("the ledger gone", lambda person: person.cli.home / "store" / "ledger.sqlite3", Path.unlink),
]
OUTPUTS: list[tuple[str, Callable[[Person], Path], Callable[[Path], object]]] = [
    ("a delivered clip gone", a_delivered_clip, Path.unlink),
    ("the film gone", of("build/a/a.mp4"), Path.unlink),
    ("the film damaged", of("build/a/a.mp4"), appended),
    ("the contact sheet gone", of("build/a/index.html"), Path.unlink),
    ("the manifest damaged", of("build/a/manifest.json"), appended),
    ("the folder gone", of("build"), shutil.rmtree),
]


@pytest.mark.parametrize(("what", "where", "change"), CHANGES, ids=[what for what, _, _ in CHANGES])
def test_plan_notices(
    person: Person, what: str, where: Callable[[Person], Path], change: Callable[[Path], None]
) -> None:
    remember(person, "plan --provider animatic")
    change(where(person))
    told, short = person("plan --provider animatic")
    assert told == person.long_way("plan --provider animatic")
    assert not short


@pytest.mark.parametrize(("what", "where", "change"), CHANGES + OUTPUTS, ids=[what for what, _, _ in CHANGES + OUTPUTS])
def test_build_notices(
    person: Person, what: str, where: Callable[[Person], Path], change: Callable[[Path], None]
) -> None:
    remember(person, "build")
    change(where(person))
    assert not person("build")[1]


@pytest.mark.parametrize(
    "env",
    [
        {"STORYBOARD_PROVIDER": "kirin"},
        {"STORYBOARD_STORE": "other"},
        {"XDG_CONFIG_HOME": "/nowhere"},
        {"STORYBOARD_API_KEY": "k"},
        {"NO_COLOR": ""},
    ],
    ids=lambda env: next(iter(env)),
)
def test_other_environment_is_another_cache_entry(person: Person, env: dict[str, str]) -> None:
    remember(person, "plan")
    told, short = person("plan", **env)
    assert not short
    assert told == person.long_way("plan", **env)


def test_another_folder_is_another_cache_entry(person: Person) -> None:
    remember(person, "plan a.story")
    (person.cli.folder / "below").mkdir()
    person.cli.folder = person.cli.folder / "below"
    assert person("plan a.story")[0].code == 2


def open_to_all(entry: Path) -> None:
    entry.chmod(0o644)


def cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


def changed(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes().replace(b"story", b"glory"))


def emptied(entry: Path) -> None:
    entry.write_bytes(b"")


NO_MODES = pytest.mark.posix("the folders of a user are private, and no mode says so")


def renamed(entry: Path) -> None:
    entry.rename(entry.with_suffix(".x"))


def linked(entry: Path) -> None:
    other = entry.parent.with_name(entry.name)
    entry.rename(other)
    entry.symlink_to(other)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(open_to_all, marks=NO_MODES),
        cut,
        changed,
        emptied,
        renamed,
        pytest.param(linked, marks=NO_MODES),
    ],
)
def test_untrusted_cache_entry_is_not_read(person: Person, spoil: Callable[[Path], None]) -> None:
    told = remember(person, "plan --provider animatic")
    for entry in person.entries:
        spoil(entry)
    assert person.recalled("plan --provider animatic") == set()
    again, short = person("plan --provider animatic")
    assert again == told
    assert not short


@pytest.mark.parametrize("kind", [pytest.param("open", marks=NO_MODES), pytest.param("a link", marks=NO_MODES), "gone"])
def test_untrusted_cache_is_not_read(person: Person, kind: str) -> None:
    told = remember(person, "plan --provider animatic")
    if kind == "open":
        person.cache.chmod(0o755)
    elif kind == "a link":
        person.cache.rename(person.cache.with_name("x"))
        person.cache.symlink_to("x")
    else:
        person.forget()
    assert person.recalled("plan --provider animatic") == set()
    again, short = person("plan --provider animatic")
    assert again == told
    assert not short


def test_output_with_errors_or_pending_work_is_not_cached(person: Person) -> None:
    person("build")
    assert not person("build")[1]
    person.cli.write("a.story", STORY.replace("sea", "see", 1))
    for _ in range(2):
        assert person("plan") == (person.long_way("plan"), False)


OTHER = """\
story "Other"
  .model kirin_v3_t2v

let unused = text

shot s 3s
  A kite.
"""
MANY = ("lint", "lint --json", "lint --format github", "plan", "plan --json", "plan --provider animatic", "build")


@pytest.fixture
def several(person: Person) -> Person:
    """A project of three stories; the first imports a library, the second is worth a remark."""
    person.cli.write("b.story", OTHER)
    person.cli.write("c.story", OTHER.replace("kite", "fox").replace("let unused = text\n\n", ""))
    return person


@pytest.mark.parametrize("command", MANY)
def test_one_edited_story_alone_is_read_again(several: Person, command: str) -> None:
    remember(several, command)
    edited(several.cli.folder / "a.story")
    assert several.recalled(command) == {"b.story", "c.story", "house.story"}
    told, short = several(command)
    assert not short
    again, _ = several(command)
    assert again == several.long_way(command)
    assert command == "build" or told == again


@pytest.mark.parametrize("command", MANY)
def test_changed_import_counts_as_a_changed_story(several: Person, command: str) -> None:
    remember(several, command)
    edited(several.cli.folder / "house.story")
    assert several.recalled(command) == {"b.story", "c.story"}
    told, short = several(command)
    assert not short
    again, _ = several(command)
    assert again == several.long_way(command)
    assert command == "build" or told == again


def test_error_in_one_story_keeps_the_others_cached(several: Person) -> None:
    remember(several, "lint")
    for word in ("see", "sae", "eas"):
        several.cli.write("a.story", STORY.replace("sea", word, 1))
        told, _ = several("lint")
        assert told.code == 1
        assert several.recalled("lint") == {"b.story", "c.story", "house.story"}
        assert told == several("lint")[0]
    several.cli.write("a.story", STORY)
    assert several("lint")[0] == several.long_way("lint")


def test_changed_lock_affects_only_its_story(several: Person) -> None:
    remember(several, "plan --provider animatic")
    a_lock(several.cli.folder / "b.story.lock")
    assert several.recalled("plan --provider animatic") == {"a.story", "c.story", "house.story"}


@pytest.mark.parametrize("name", ["storyboard.toml", "cards/new.toml"])
def test_shared_input_affects_all_stories(several: Person, name: str) -> None:
    remember(several, "lint")
    written(several.cli.folder / name)
    assert several.recalled("lint") == set()


def test_deleted_story_is_no_longer_shown(several: Person) -> None:
    remember(several, "plan --provider animatic")
    (several.cli.folder / "b.story").unlink()
    told, short = several("plan --provider animatic")
    assert not short
    assert "b.story" not in told.out
    assert told == several.long_way("plan --provider animatic")


def test_deleted_clip_affects_the_stories_that_use_it(several: Person) -> None:
    remember(several, "build")
    a_delivered_clip(several).unlink()
    assert several.recalled("build") == {"b.story", "c.story", "house.story"}
    assert several("build")[0] == several.long_way("build")


def test_changed_output_format_is_cached_again(person: Person) -> None:
    told = remember(person, "plan --provider animatic")
    for entry in person.entries:
        made_for, question, _ = marshal.loads(entry.read_bytes()[len(cache._MAGIC) + 32 :])
        content = marshal.dumps((made_for, question, ("of another form", ())))
        entry.write_bytes(cache._MAGIC + cache.digest(content) + content)
    assert person("plan --provider animatic") == (told, False)
    assert person("plan --provider animatic") == (told, True)


def test_purchase_for_a_story_affects_only_its_free_plan(shop: Shop) -> None:
    person = Person(shop.cli)
    person.env = shop.env
    shop.cli.write("other.story", OTHER)
    free = "plan --provider animatic"
    assert person("build --provider animatic")[0].code == 0
    for _ in range(3):
        person(free)
    assert person("build --yes lanterns.story")[0].code == 0
    (shop.cli.folder / "lanterns.story.lock").unlink()

    def planned_anew() -> set[str]:
        run = Run(flags={"provider": "animatic"}, recalled=Memory().recalled)
        return {story.compiled.path.name for story in run.plan().stories}

    assert person.recalling(free, planned_anew) == {"lanterns.story"}
    assert person(free)[0] == person.long_way(free)


def test_totals_cover_all_stories_even_if_cached(several: Person) -> None:
    remember(several, "plan")
    several.cli.write("c.story", OTHER.replace("3s", "5s").replace("kite", "fox"))
    told, _ = several("plan")
    assert told == several.long_way("plan")
    several.cli.write("c.story", OTHER)
    told, _ = several("plan")
    assert told == several.long_way("plan")
    assert "to buy: 3 jobs" in told.out or "to buy: 2 jobs" in told.out


def test_cached_warnings_and_hints_go_to_standard_error(person: Person) -> None:
    person.cli.write("a.story", STORY + '\nlet unused = "text"\n')
    told = remember(person, "plan")
    assert "storyboard lint" in told.err
    assert told == person.long_way("plan")


@pytest.mark.parametrize("place", ["other.story.lock", "below/deep/other.story.lock"])
def test_project_budget_depends_on_every_lock_below_it(shop: Shop, place: str) -> None:
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\nbudget = 9\n')
    (shop.cli.folder / "below" / "deep").mkdir(parents=True)
    person = Person(shop.cli)
    person.env = shop.env
    assert person("build --yes")[0].code == 0
    person.forget()
    person("plan lanterns.story")
    told, short = person("plan lanterns.story")
    assert short
    bought = (shop.cli.folder / "lanterns.story.lock").read_text()
    shop.cli.write(place, bought.replace('"key": "', '"key": "f'))
    again, short = person("plan lanterns.story")
    assert not short
    assert again == person.long_way("plan lanterns.story")
    assert again.out != told.out


def test_a_file_that_a_command_writes_is_written_each_time(person: Person) -> None:
    kept = person.cli.folder / "p"
    for _ in range(3):
        person("plan --out p")
        assert kept.exists()
        kept.unlink()


def test_standard_input_is_read_each_time(cli: Cli) -> None:
    good, bad = b"let boat = boat\n", b"let boat = {{ nobody }}\n"
    assert [cli.process("lint", "-", input=text).code for text in (good, good, bad, good)] == [0, 0, 1, 0]


def test_a_saved_plan_that_has_changed_is_noticed(person: Person) -> None:
    person("build")
    person("plan --provider animatic --out p")
    for _ in range(3):
        told, short = person("build --plan p")
    assert short
    assert told.code == 0
    (person.cli.folder / "p").write_text("{")
    assert person("build --plan p")[0].code == 2


def test_fix_answers_from_the_cache_if_there_is_nothing_to_fix(person: Person) -> None:
    person("lint --fix")
    assert person("lint --fix")[1]
    appended(person.cli.folder / "a.story")
    assert not person("lint --fix")[1]


def test_key_is_not_stored_in_the_cache(person: Person) -> None:
    for _ in range(2):
        person("plan", STORYBOARD_API_KEY="sk-very-secret")
    assert person.entries
    assert all(b"sk-very-secret" not in entry.read_bytes() for entry in person.entries)


@pytest.mark.posix("nothing is bought there yet")
def test_running_jobs_are_polled_each_time(cli: Cli) -> None:
    with serve(SimulatorConfig(take=600)) as gateway:
        person = Person(cli)
        person.env = Shop(cli, gateway).env
        assert person("build --yes --no-wait")[0].code == 6
        for command in ("plan", "plan", "build --yes --no-wait", "build --yes --no-wait"):
            told, short = person(command)
            assert not short
            assert "running" in told.out


def test_bought_film_is_cached_if_a_key_is_present(shop: Shop) -> None:
    person = Person(shop.cli)
    person.env = shop.env
    assert person("build --yes")[0].code == 0
    person("build --yes")
    told, short = person("build --yes")
    assert short
    assert told == person.long_way("build --yes")
    for _ in range(2):
        assert not person("build --yes", STORYBOARD_API_KEY="")[1]


def test_cached_answer_is_given_only_to_the_same_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache_below(tmp_path, monkeypatch)
    assert cache.save(("version 1", "question"), ("answer",))
    assert cache.load(("version 1", "question")) == ("answer",)
    assert cache.load(("version 2", "question")) is None


def test_oldest_cache_entries_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = use_cache_below(tmp_path, monkeypatch)
    for number in range(cache.MOST_ENTRIES + 9):
        cache.save(number, "answer")
    assert len(list(kept.iterdir())) == cache.MOST_ENTRIES
    assert cache.load(cache.MOST_ENTRIES + 8) == "answer"


def test_large_answers_displace_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = use_cache_below(tmp_path, monkeypatch)
    monkeypatch.setattr(cache, "MOST_BYTES", 30_000)
    for number in range(9):
        cache.save(number, "answer" * 2_000)
    assert [number for number in range(9) if cache.load(number)] == [7, 8]
    cache.save("large", "answer" * 20_000)
    assert cache.load("large")
    assert len(list(kept.iterdir())) == 1


def test_without_a_cache_folder_nothing_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert not cache.save("question", "answer")
    assert cache.load("question") is None


@pytest.mark.posix("it has no pseudo-terminals")
def test_cached_output_in_a_terminal_is_identical_and_imports_nothing(person: Person) -> None:
    cli = person.cli
    cli.process("build")
    first = cli.terminal("plan", env={"NO_COLOR": "", "TERM": "xterm"})
    assert "\x1b[" in first.out
    assert person.entries
    assert first == cli.terminal("plan", env={"NO_COLOR": "", "TERM": "xterm"})
    assert "\x1b[" not in cli.terminal("plan").out
    cli.process("plan")
    assert "click" not in imported(cli, "plan")
