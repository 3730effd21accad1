"""`plan --against COMMIT` and `plan --format markdown`: what a pull request changes, and what that costs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from storyboard.project.schemas import SCHEMAS
from tests.support.cli import Cli
from tests.support.shop import SETTINGS, STORY

LONG = 'story "Long"\n  .model kirin_v3_t2v\n  .pack shot\n\n' + "".join(
    f"shot s{number} 3s\n  Lantern number {number} drifts past the old stone bridge at dusk, seen from below.\n\n"
    for number in range(1200)
)


class Repository:
    """A person in a git repository."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        """What git says."""
        settings = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        command = ["git", *settings, *words]
        return subprocess.run(command, cwd=self.cli.folder, check=True, capture_output=True, text=True).stdout

    def commit(self) -> str:
        """Commits everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A version")
        return self.git("rev-parse", "HEAD").strip()

    def edit(self, name: str, old: str, new: str) -> None:
        """Changes a text."""
        file = self.cli.folder / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture
def repository(cli: Cli) -> Repository:
    """With the story of two jobs, committed."""
    made = Repository(cli)
    cli.write("storyboard.toml", SETTINGS)
    cli.write("lanterns.story", STORY)
    made.commit()
    return made


def since(repository: Repository, name: str = "HEAD", *more: str) -> dict[str, object]:
    """`against` of the plan's document."""
    done = repository.cli("plan", "--json", "--against", name, *more)
    assert done.code == 0, (done.out, done.err)
    assert not list(Draft202012Validator(SCHEMAS["plan"].make()).iter_errors(done.json))
    against = done.json["against"]
    assert isinstance(against, dict)
    return against


def fates(against: dict[str, object]) -> list[tuple[str, str]]:
    shots = against["shots"]
    assert isinstance(shots, list)
    return [(shot["change"], shot["address"]) for shot in shots]


def test_changed_shot_is_shown_with_only_the_price_of_its_job(repository: Repository) -> None:
    repository.edit("lanterns.story", "dusk", "dawn")
    against = since(repository)
    assert fates(against) == [("changed", "street.wide")]
    assert against["estimate"] == "0.504" and against["new_seconds"] == 6
    assert against["commit"] == repository.git("rev-parse", "HEAD").strip()
    shown = repository.cli("plan", "--against", "HEAD").out
    assert "since HEAD: 1 shot changed\nto buy because of that: 1 job, 6 s, about $0.50\n" in shown
    assert "prompt: A street of lanterns at [-dusk-]{+dawn+}." in shown
    assert "to buy: 2 jobs, 10 s, about $0.84" in shown


def test_no_change_is_reported_as_such(repository: Repository) -> None:
    against = since(repository)
    assert fates(against) == [] and against["jobs"] == []
    assert (
        "since HEAD: no shot changed\nnothing to buy because of that" in repository.cli("plan", "--against", "HEAD").out
    )


def test_added_removed_and_renamed_shots_of_every_story_are_shown(repository: Repository) -> None:
    repository.cli.write(
        "old.story", 'story "O"\n  .model kirin_v3_t2v\n\nshot moon 5s\n  A moon.\n\nshot fox 5s\n  A fox.\n'
    )
    repository.commit()
    (repository.cli.folder / "old.story").unlink()
    repository.cli.write(
        "new.story", 'story "N"\n  .model kirin_v3_t2v\n\nshot disc 5s\n  A moon.\n\nshot owl 5s\n  An owl.\n'
    )
    against = since(repository)
    assert fates(against) == [("moved", "main.disc"), ("added", "main.owl"), ("gone", "main.fox")]


def test_only_the_named_stories_are_compared(repository: Repository) -> None:
    repository.cli.write("more/other.story", 'story "O"\n  .model kirin_v3_t2v\n\nshot moon 5s\n  A moon.\n')
    repository.commit()
    (repository.cli.folder / "more/other.story").unlink()
    assert fates(since(repository, "HEAD", "lanterns.story")) == []
    assert fates(since(repository)) == [("gone", "main.moon")]


def test_imports_cards_and_settings_are_read_from_the_commit(repository: Repository) -> None:
    repository.cli.write("lib.story", "let lamp = a paper lamp\n")
    repository.cli.write(
        "lamp.story", 'import "lib.story"\n\nstory "L"\n  .model kirin_v3_t2v\n\nshot a 5s\n  See {{ lamp }}.\n'
    )
    repository.commit()
    (repository.cli.folder / "lib.story").rename(repository.cli.folder / "words.story")
    repository.edit("words.story", "paper", "silk")
    repository.edit("lamp.story", "lib.story", "words.story")
    against = since(repository)
    assert fates(against) == [("changed", "main.a")]
    assert '"was": "See a paper lamp."' in repository.cli("plan", "--json", "--against", "HEAD").out


def test_later_lock_does_not_affect_how_the_commit_is_packed(repository: Repository) -> None:
    repository.cli.write("lanterns.story.lock", "this is no lock\n")
    repository.commit()
    (repository.cli.folder / "lanterns.story.lock").unlink()
    assert repository.cli("plan", "--against", "HEAD~1").code == 0
    done = repository.cli("plan", "--against", "HEAD")
    assert done.code == 2 and "--against HEAD" in done.err


def test_a_story_with_errors_at_the_commit_is_named_and_others_are_compared(repository: Repository) -> None:
    repository.cli.write("bad.story", 'story "B"\n  .model kirin_v3_t2v\n\nshot a\n  A moon.\n')
    repository.commit()
    repository.cli.write("bad.story", 'story "B"\n  .model kirin_v3_t2v\n\nshot a 5s\n  A moon.\n')
    repository.edit("lanterns.story", "Paper boats", "Paper junks")
    against = since(repository)
    assert fates(against) == [("changed", "river.boats")] and against["not_compared"] == ["bad.story"]
    assert "bad.story had errors then" in repository.cli("plan", "--against", "HEAD").out


def test_param_added_later_can_be_set(repository: Repository) -> None:
    repository.edit("lanterns.story", "  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n\nparam what = boats\n")
    repository.edit("lanterns.story", "Paper boats", "Paper {{ what }}")
    assert fates(since(repository)) == []
    assert fates(since(repository, "HEAD", "--set", "what=lamps")) == [("changed", "river.boats")]


def test_the_working_tree_and_the_index_are_left_as_they_are(repository: Repository) -> None:
    repository.edit("lanterns.story", "dusk", "dawn")
    before = {path: path.read_bytes() for path in repository.cli.folder.rglob("*") if path.is_file()}
    since(repository)
    assert {path: path.read_bytes() for path in repository.cli.folder.rglob("*") if path.is_file()} == before


def test_git_variables_of_another_repository_are_ignored(repository: Repository, tmp_path: Path) -> None:
    env = {"GIT_DIR": str(tmp_path / "elsewhere"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    assert repository.cli("plan", "--against", "HEAD", env=env).code == 0


@pytest.mark.parametrize("name", ["nowhere", "", "--all", "HEAD:lanterns.story", "a\0b"])
def test_unknown_commit_is_refused_with_a_message(repository: Repository, name: str) -> None:
    done = repository.cli("plan", f"--against={name}")
    assert done.code == 2 and "git knows no commit" in done.err and "fetch" in done.err


def test_outside_a_repository_git_says_why(cli: Cli) -> None:
    cli.write("lanterns.story", STORY)
    done = cli("plan", "--against", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(cli.folder.parent)})
    assert done.code == 2 and "not a git repository" in done.err


def test_without_git_the_message_says_what_to_do(repository: Repository, tmp_path: Path) -> None:
    done = repository.cli("plan", "--against", "HEAD", env={"PATH": str(tmp_path)})
    assert done.code == 2 and "`git` is not installed" in done.err


def markdown(repository: Repository, *more: str, code: int = 0) -> str:
    done = repository.cli("plan", "--format", "markdown", *more)
    assert done.code == code, done.err
    return done.out


def html(text: str) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text))


def test_comment_shows_the_price_of_the_change_beside_the_total(repository: Repository) -> None:
    repository.edit("lanterns.story", "dusk", "dawn")
    text = markdown(repository, "--against", "HEAD", "--page", "https://ci.example/runs/7")
    assert text.splitlines()[:2] == ["<!-- storyboard plan -->", "### To buy: 2 jobs, 10 s, about $0.84"]
    assert "| because of this change | 1 | 6 s | $0.50 |\n| altogether | 2 | 10 s | $0.84 |" in text
    shown = html(text)
    assert shown.count("<table>") == 2
    assert "at <del>dusk</del><ins>dawn</ins>." in shown
    assert '<a href="https://ci.example/runs/7">' in shown


def test_same_state_gives_the_same_comment_byte_for_byte(repository: Repository) -> None:
    repository.edit("lanterns.story", "dusk", "dawn")
    first = markdown(repository, "--against", "HEAD")
    os.utime(repository.cli.folder / "lanterns.story", (1, 1))
    assert markdown(repository, "--against", "HEAD") == first
    assert not re.search(r"\d\d:\d\d|ago", first)


@pytest.mark.posix("no file has such a name")
def test_text_of_an_author_cannot_format_mention_or_link(repository: Repository) -> None:
    evil = (
        "@ada see #12 ![x](http://e.example/p.png) [l](http://e.example) a_b_c `code` | ~~x~~ <img src=x> ~~~ $x$ &lt;"
    )
    repository.edit("lanterns.story", "at dusk.", '{{ "' + evil + '" }}')
    repository.cli.write("a `|@ada <b> story.story", 'story "O"\n  .model kirin_v3_t2v\n\nshot moon 5s\n  A moon.\n')
    shown = html(markdown(repository, "--against", "HEAD"))
    assert "<img" not in shown and "<a " not in shown and "<s>" not in shown and "<em>" not in shown
    assert "<b>" not in shown and "@ada" not in re.sub("<code>.*?</code>", "", shown)
    assert shown.count("<table>") == 3, "no word ends a table"
    plain = re.sub("</?(ins|del)>|\u200b", "", shown)
    assert "see #12 ![x](http://e.example/p.png) [l](http://e.example) a_b_c `code` | ~~x~~ &lt;img src=x&gt;" in plain


def test_same_edit_to_many_shots_is_shown_once(repository: Repository) -> None:
    repository.cli.write("long.story", LONG)
    repository.commit()
    repository.edit("long.story", "stone bridge", "wooden bridge")
    text = markdown(repository, "--against", "HEAD", "long.story")
    assert "and 1194 more" in text and text.count("<del>stone</del>") == 1


def test_a_comment_stays_below_sixty_kilobytes_and_counts_what_is_cut(repository: Repository) -> None:
    repository.cli.write("long.story", LONG)
    text = markdown(repository, "--against", "HEAD", "--page", "https://ci.example/runs/7")
    assert 30_000 < len(text.encode()) <= 60_000
    rows, shots = re.findall(r"… and (\d+) more (?:rows|changes)", text)
    listed = sum(line.startswith("- added") for line in text.splitlines())
    assert int(shots) + listed == 1200 and int(rows) > 0
    assert "https://ci.example/runs/7" in text


def test_jobs_that_need_no_decision_are_only_counted(repository: Repository) -> None:
    repository.cli.write("storyboard.toml", 'provider = "animatic"\n')
    assert repository.cli("build").code == 0
    repository.edit("lanterns.story", "Paper boats", "Paper junks")
    text = markdown(repository)
    assert "### 1 job to render, free" in text and "Not listed: 1 cached" in text and "`street#1`" not in text


def test_errors_are_listed_with_their_places(repository: Repository) -> None:
    repository.edit("lanterns.story", "shot wide 3s", "shot wide")
    text = markdown(repository, "--against", "HEAD", code=1)
    assert text.startswith("<!-- storyboard plan -->\n### 1 error: nothing can be planned\n")
    assert re.search(r"^- `lanterns.story`:5: SB\d+ ", text, re.MULTILINE)


def test_page_option_without_markdown_is_refused(repository: Repository) -> None:
    done = repository.cli("plan", "--page", "https://x.example")
    assert done.code == 2 and "--format markdown" in done.err
