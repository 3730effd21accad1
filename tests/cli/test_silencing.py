"""Findings under control: codes that are ignored or errors, by project and by folder, and comments that silence one."""

from __future__ import annotations

from tests.support.cli import Cli

HEAD = 'story "T"\n  .model kirin_v3_t2v\n\n'
SPARE = f"{HEAD}let spare = a lamp\n\nshot s 5s\n  A boat.\n"
SILENCED = SPARE.replace("let", "# ok SB140: for the next episode\nlet")


def found(cli: Cli, *arguments: str) -> list[tuple[str, str, str]]:
    document = cli("lint", *arguments, "--json").json
    return [(each["path"], each["code"], each["severity"]) for each in document["diagnostics"]]


def test_project_setting_turns_a_warning_into_an_error(cli: Cli) -> None:
    cli.write("a.story", SPARE)
    assert found(cli) == [("a.story", "SB140", "warning")]
    cli.write("storyboard.toml", '[lint]\nerror = ["SB140"]\n')
    assert found(cli) == [("a.story", "SB140", "error")]
    assert cli("lint").code == 1
    assert cli("build", "--json").code == 1
    assert not (cli.folder / "build").exists()


def test_nearest_folder_that_names_a_code_decides(cli: Cli) -> None:
    cli.write(
        "storyboard.toml",
        '[lint]\nerror = ["SB140"]\n\n[lint.folders.films]\nignore = ["SB140"]\n\n'
        '[lint.folders."films/final"]\nerror = ["SB140"]\n\n[lint.folders."films/final/old"]\nignore = ["SB357"]\n',
    )
    for name in ("a.story", "films/a.story", "films/final/a.story", "films/final/old/a.story"):
        cli.write(name, SPARE)
    assert [path for path, _, severity in found(cli) if severity == "error"] == [
        "a.story",
        "films/final/a.story",
        "films/final/old/a.story",
    ]


def test_contradictory_lint_settings_are_refused(cli: Cli) -> None:
    cli.write("a.story", SPARE)
    for settings, words in (
        ('[lint]\nignore = ["SB203"]\n', "cannot ignore `SB203`"),
        ('[lint]\nerror = ["SB999"]\n', "knows no `SB999`"),
        ('[lint]\nerror = ["SB140"]\nignore = ["SB140"]\n', "under `ignore` and under `error`"),
        ("[lint.folders.films]\nfolders = {}\n", "has no `folders`"),
        ("[lint]\nfolders = 3\n", "must be a table per folder"),
        ('[lint.folders.films]\nignore = ["SB203"]\n', "cannot ignore `SB203`"),
    ):
        cli.write("storyboard.toml", settings)
        done = cli("lint")
        assert (done.code, done.out) == (2, ""), settings
        assert words in done.err


def test_a_comment_silences_a_code_in_the_statement_below_it(cli: Cli) -> None:
    cli.write("a.story", SILENCED)
    assert found(cli) == []
    cli.write("a.story", SILENCED + "\nlet other = a door\n")
    assert found(cli) == [("a.story", "SB140", "warning")]


def test_comment_covers_everything_indented_below_it(cli: Cli) -> None:
    text = f"{HEAD}# ok SB141, SB140: names of the house\ntemplate t(s)\n  for s in a, b\n    shot s 5s\n      {{{{ s }}}}\n"
    cli.write("a.story", text + "\nuse t(mei)\n\nlet mei = Mei\n")
    assert "SB141" not in {code for _, code, _ in found(cli)}
    cli.write(
        "a.story", (text + "\nuse t(mei)\n\nlet mei = Mei\n").replace("# ok SB141, SB140: names of the house\n", "")
    )
    assert "SB141" in {code for _, code, _ in found(cli)}


def test_a_comment_that_silences_nothing_is_a_hint_with_a_fix(cli: Cli) -> None:
    good = SPARE.replace("A boat", "A boat and {{ spare }}")
    cli.write("a.story", SILENCED.replace("A boat", "A boat and {{ spare }}"))
    (hint,) = cli("lint", "--json").json["diagnostics"]
    assert (hint["code"], hint["severity"], hint["message"]) == ("SB359", "hint", "nothing here breaks `SB140`")
    assert (hint["fix"]["title"], hint["fix"]["safe"]) == ("remove the comment", False)
    (edit,) = hint["fix"]["edits"]
    assert (edit["line"], edit["end_line"], edit["text"]) == (4, 5, "")
    assert (
        SILENCED.replace("A boat", "A boat and {{ spare }}").replace("# ok SB140: for the next episode\n", "") == good
    )


def test_comment_that_cannot_silence_is_reported(cli: Cli) -> None:
    for comment, message in (
        ("# ok SB140", "this comment gives no reason and silences nothing"),
        ("# ok SB140:", "this comment gives no reason and silences nothing"),
        ("# ok SB203: why", "`SB203` is an error, and errors are never silenced"),
        ("# ok SB1400: why", "there is no code `SB1400`; did you mean `SB140`?"),
    ):
        cli.write("a.story", SILENCED.replace("# ok SB140: for the next episode", comment))
        messages = {each["message"] for each in cli("lint", "--json").json["diagnostics"]}
        assert message in messages, comment
        assert any("spare" in each for each in messages), comment


def test_error_set_by_the_project_cannot_be_silenced(cli: Cli) -> None:
    cli.write("a.story", SILENCED)
    cli.write("storyboard.toml", '[lint]\nerror = ["SB140"]\n')
    assert [(code, severity) for _, code, severity in found(cli)] == [("SB359", "hint"), ("SB140", "error")]


def test_a_second_run_says_the_same(cli: Cli) -> None:
    cli.write("storyboard.toml", '[lint]\nerror = ["SB140"]\n')
    cli.write("a.story", SILENCED)
    cli.write("b.story", SPARE.replace("let spare = a lamp\n\n", "# ok SB140: no longer\n"))
    runs = {(done.code, done.out) for done in (cli.process("lint", "--json") for _ in range(3))}
    assert len(runs) == 1
    cli.write("b.story", SPARE.replace("let spare = a lamp\n\n", "# ok SB357: no longer\n"))
    third = cli.process("lint", "--json")
    assert "nothing here breaks `SB357`" in third.out
    assert '"SB140"' in third.out


def test_last_line_and_other_line_ends_work(cli: Cli) -> None:
    cli.write("a.story", (SPARE + "\n# ok SB140: kept\nlet last = a door").replace("\n", "\r\n"))
    (left,) = cli("lint", "--json").json["diagnostics"]
    assert "`spare`" in left["message"]
    cli.write("a.story", SPARE + "\n# ok SB140: nothing follows")
    assert "SB359" in {code for _, code, _ in found(cli)}
