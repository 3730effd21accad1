from __future__ import annotations

import tomllib

import pytest

from tests.support.cli import Cli


def test_a_project_is_a_story_its_settings_and_an_example_for_ci(cli: Cli) -> None:
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
    }
    story = (cli.folder / "lantern" / "lantern.story").read_text()
    assert story.startswith("edition 1\n")
    assert 'story "Lantern" 24s' in story
    assert tomllib.loads((cli.folder / "lantern" / "storyboard.toml").read_text()) == {}
    assert (cli.folder / "lantern" / ".gitattributes").read_text() == "*.story.lock merge=union\n"


def test_nothing_is_overwritten(cli: Cli) -> None:
    (cli.folder / "lantern").mkdir()
    assert cli("new", "lantern").code == 0, "an empty folder is as good as none"
    again = cli("new", "lantern")
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: `lantern` is there already, and is left as it is\n  help: choose another name\n"
    (cli.folder / "file").write_text("mine")
    assert cli("new", "file").code == 2
    assert (cli.folder / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["..", ".", "", "/", ".hidden", "a\nb", "films/..", ".story"])
def test_a_name_that_makes_no_folder_is_refused(cli: Cli, name: str) -> None:
    (cli.folder / "something").write_text("")
    assert cli("new", name).code == 2


def test_a_name_may_be_a_path_and_hold_any_letters(cli: Cli) -> None:
    assert cli("new", 'films/灯笼 "x"').code == 0
    story = (cli.folder / "films" / '灯笼 "x"' / '灯笼 "x".story').read_text()
    assert 'story "灯笼 \\"x\\"" 24s' in story
    assert cli("new", "a_quiet-night.story").code == 0
    assert 'story "A quiet night" 24s' in (cli.folder / "a_quiet-night" / "a_quiet-night.story").read_text()
