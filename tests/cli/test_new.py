from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.cli import Cli


def test_new_project_has_a_story_settings_and_a_ci_example(cli: Cli) -> None:
    done = cli("new", "lantern")
    assert done.code == 0
    assert done.out.splitlines()[0] == "✓ lantern/lantern.story   a story of 24 s to begin with"
    assert "cd lantern && storyboard build" in done.out
    files = {
        str(path.relative_to(cli.folder / "lantern")) for path in (cli.folder / "lantern").rglob("*") if path.is_file()
    }
    assert files == {
        "lantern.story",
        "storyboard.toml",
        ".gitignore",
        ".gitattributes",
        ".github/workflows/stories.yml",
        "AGENTS.md",
    }
    story = (cli.folder / "lantern" / "lantern.story").read_text()
    assert story.startswith("edition 1\n")
    assert 'story "Lantern" 24s' in story
    settings = tomllib.loads((cli.folder / "lantern" / "storyboard.toml").read_text())
    assert re.fullmatch(r"lantern-[0-9a-f]{4}", settings.pop("project")) and not settings
    assert (cli.folder / "lantern" / ".gitattributes").read_text() == "*.story.lock merge=union\n"


def test_nothing_is_overwritten(cli: Cli) -> None:
    (cli.folder / "lantern").mkdir()
    assert cli("new", "lantern").code == 0, "an empty folder is as good as none"
    again = cli("new", "lantern")
    assert (again.code, again.out) == (2, "")
    assert (
        again.err
        == "error: `lantern` already exists and is not replaced\n  help: choose another name, or run `storyboard new .` in that folder\n"
    )
    (cli.folder / "file").write_text("mine")
    assert cli("new", "file").code == 2
    assert (cli.folder / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["..", "", "/", ".hidden", "a\nb", "films/..", ".story"])
def test_name_that_cannot_be_a_folder_is_refused(cli: Cli, name: str) -> None:
    (cli.folder / "something").write_text("")
    assert cli("new", name).code == 2


def test_name_may_be_a_path_with_any_letters(cli: Cli) -> None:
    assert cli("new", "films/灯笼 'x'").code == 0
    story = (cli.folder / "films" / "灯笼 'x'" / "灯笼 'x'.story").read_text("utf-8")
    assert "story \"灯笼 'x'\" 24s" in story
    assert cli("new", "a_quiet-night.story").code == 0
    assert 'story "A quiet night" 24s' in (cli.folder / "a_quiet-night" / "a_quiet-night.story").read_text()


@pytest.mark.posix("no name holds quotation marks")
def test_quotation_marks_of_a_name_are_escaped_in_the_title(cli: Cli) -> None:
    assert cli("new", 'a "b"').code == 0
    assert 'story "A \\"b\\"" 24s' in (cli.folder / 'a "b"' / 'a "b".story').read_text()


@pytest.mark.parametrize("starter", ["short", "ad", "series"])
def test_every_starter_lints_and_is_formatted(cli: Cli, starter: str) -> None:
    assert cli("new", "lantern", "--starter", starter).code == 0
    assert (
        cli("lint", "lantern").out
        == f"no problems found in {2 if starter == 'series' else 1} file{'s' * (starter == 'series')}\n"
    )
    assert cli("fmt", "--check", "lantern").code == 0
    assert cli("compile", "lantern").code == 0


def test_project_can_start_in_the_current_folder(cli: Cli) -> None:
    (cli.folder / ".gitignore").write_text("mine\n")
    (cli.folder / "notes.txt").write_text("mine\n")
    done = cli("new", ".")
    assert done.code == 0
    assert done.out.splitlines() == [
        "✓ work.story   a story of 24 s to begin with",
        "  Kept as they were: .gitignore",
        "  The film, as a free local animatic:  storyboard build",
    ]
    assert (cli.folder / ".gitignore").read_text() == "mine\n"
    assert cli("lint").code == 0
    again = cli("new", ".")
    assert (again.code, again.out) == (2, "")
    assert "`work.story` already exists and is not replaced" in again.err


def test_agents_file_is_added_to_a_project(cli: Cli) -> None:
    assert cli("new", "lantern").code == 0
    page = (cli.folder / "lantern" / "AGENTS.md").read_text()
    assert len(page.splitlines()) <= 15
    for word in (
        "explain language",
        "lint --json",
        "lint --fix",
        "plan --json",
        "animatic",
        "--yes",
        "--max-cost",
        "--rebuy",
    ):
        assert word in page
    assert cli("new", "--agents").code == 0
    assert (cli.folder / "AGENTS.md").read_text() == page
    assert cli("new", "--agents").code == 2, "it is never overwritten"
    assert cli("new", "--agents", "elsewhere").code == 2


def test_name_is_required(cli: Cli) -> None:
    assert (
        cli("new").err == "error: NAME is missing\n  help: storyboard new NAME, or storyboard new . for this folder\n"
    )


@pytest.mark.parametrize("folder", ["Été à Paris", "灯笼 夜", "PROJECT", "a" * 90])
def test_name_of_a_project_is_made_from_any_folder(cli: Cli, folder: str) -> None:
    """The name is a setting that a later command reads, whatever the folder is called."""
    (cli.folder / folder).mkdir()
    here = Cli(cli.folder / folder, cli.home)
    assert here("new", ".").code == 0
    assert here("plan", "--provider", "animatic").code == 0
    name = tomllib.loads((here.folder / "storyboard.toml").read_text())["project"]
    assert re.fullmatch(r"[\w-]{1,40}-[0-9a-f]{4}", name)
