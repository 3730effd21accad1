"""`--stdin-name`: a text that is not saved yet, checked, compiled and formatted as the file that it will be."""

from __future__ import annotations

import json

from tests.support.cli import Cli

HEAD = 'story "T"\n  .model kirin_v3_t2v\n\n'
GOOD = f"{HEAD}shot s 5s\n  A boat.\n"
BAD = f"{HEAD}let spare = a lamp\n\nshto s 5s\n  A boat.\nshot t 5s\n  灯 A river.\n"
IMPORTING = f'{HEAD}import "house.story"\n\nshot s 5s\n  {{{{ clean }}}} boat.\n'


def test_findings_are_those_of_the_saved_file(cli: Cli) -> None:
    cli.write("films/storyboard.toml", '[lint]\nignore = ["SB140"]\n')
    cli.write("films/a.story", BAD)
    saved = cli("lint", "films/a.story", "--json")
    cli.write("films/a.story", GOOD)
    for paths in ((), ("-",)):
        typed = cli("lint", *paths, "--stdin-name", "films/a.story", "--json", stdin=BAD)
        assert (typed.code, typed.json) == (1, saved.json)
    assert saved.json["diagnostics"][0]["path"] == "films/a.story"


def test_unsaved_file_uses_its_imports_and_project(cli: Cli) -> None:
    cli.write("films/storyboard.toml", "")
    cli.write("films/house.story", "let clean = a clean\n")
    assert cli("lint", "--stdin-name", "films/new.story", stdin=IMPORTING).code == 0
    done = cli("lint", "--stdin-name", "elsewhere/new.story", stdin=IMPORTING)
    assert done.code == 1
    assert "elsewhere/new.story:4:8" in done.out


def test_compile_prints_the_jobs_of_the_typed_text(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    done = cli("compile", "--stdin-name", "a.story", stdin=GOOD.replace("boat", "lantern"))
    assert done.code == 0
    assert "A lantern." in done.out
    assert "A boat." not in done.out
    assert json.loads(done.out)["stories"][0]["path"] == "a.story"


def test_fmt_prints_the_typed_text_and_writes_nothing(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    done = cli("fmt", "--stdin-name", "a.story", stdin=GOOD.replace("shot s 5s", "shot   s   5s"))
    assert (done.code, done.out) == (0, GOOD)
    assert (cli.folder / "a.story").read_text() == GOOD
    checked = cli("fmt", "--check", "--diff", "--stdin-name", "a.story", stdin=GOOD.replace("shot s 5s", "shot   s 5s"))
    assert checked.code == 1
    assert "-shot   s 5s" in checked.out
    assert "a.story" in checked.out


def test_fmt_names_the_file_of_a_text_that_is_not_utf8(cli: Cli) -> None:
    done = cli("fmt", "--stdin-name", "films/a.story", stdin=b"\xff\xfe\x00")
    assert done.code == 1
    assert "films/a.story" in done.err


def test_cached_answer_for_the_saved_file_is_not_used_for_unsaved_text(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    assert cli.process("lint", "a.story").code == 0
    assert cli.process("lint", "a.story").code == 0
    assert cli.process("lint", "--stdin-name", "a.story", input=BAD.encode()).code == 1
    assert cli.process("lint", "--stdin-name", "a.story", input=GOOD.encode()).code == 0
    assert cli.process("lint", "--stdin-name", "a.story", input=BAD.encode()).code == 1


def test_other_files_and_folders_beside_a_typed_text_are_wrong_use(cli: Cli) -> None:
    cli.write("films/a.story", GOOD)
    for arguments in (
        ("lint", "films", "--stdin-name", "films/a.story"),
        ("lint", "--stdin-name", "films"),
        ("lint", "--stdin-name", ""),
        ("fmt", "--stdin-name", "-"),
        ("lint", "--fix", "--stdin-name", "films/a.story"),
    ):
        done = cli(*arguments, stdin=GOOD)
        assert (done.code, done.out) == (2, ""), arguments
        assert done.err.startswith("error: ")
