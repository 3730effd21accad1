from __future__ import annotations

from tests.support.cli import Cli

GOOD = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 5s\n  A boat.\n'
BAD = 'story "T"\n  .model kirin_v3_t2v\n\nshto s 5s\n  A boat.\nshot t 5s\n  灯 A river.\n'


def test_mistakes_of_every_file_are_sorted_by_place_and_give_exit_code_1(cli: Cli) -> None:
    cli.write("b.story", BAD)
    cli.write("a.story", BAD)
    cli.write("good.story", GOOD)
    done = cli("lint")
    assert done.code == 1
    assert done.err == ""
    assert [line for line in done.out.splitlines() if "┌─" in line] == ["  ┌─ a.story:4:1", "  ┌─ b.story:4:1"]
    assert done.out.endswith("2 errors in 3 files\n2 can be fixed by storyboard lint --fix\n")


def test_json_paths_are_relative_to_the_working_directory(cli: Cli) -> None:
    cli.write("films/a.story", BAD)
    for arguments in (["--json"], ["--format", "json"]):
        document = cli("lint", "films", *arguments).json
        assert (document["errors"], document["warnings"]) == (1, 0)
        (found,) = document["diagnostics"]
        place = {name: found[name] for name in ("path", "line", "column", "end_line", "end_column")}
        assert place == {"path": "films/a.story", "line": 4, "column": 1, "end_line": 4, "end_column": 5}
        assert (found["severity"], found["code"]) == ("error", "SB003")
        assert found["fix"] == {"title": "write `shot`", "safe": True, "edits": [{**place, "text": "shot"}]}
        assert "help" in found
        assert found["related"] == []


def test_no_mistakes_gives_exit_code_0(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    done = cli("lint", "a.story")
    assert (done.code, done.out) == (0, "no problems found in 1 file\n")
    assert cli("lint", "--json").json["diagnostics"] == []


def test_a_library_is_linted_in_a_folder_and_by_name(cli: Cli) -> None:
    cli.write("house.story", "let clean = text\nshto\n")
    assert cli("lint").code == cli("lint", "house.story").code == 1


def test_import_is_read_from_the_project_of_the_file(cli: Cli) -> None:
    cli.write("one/storyboard.toml", "")
    cli.write("one/house.story", "let clean = text\n")
    cli.write(
        "one/films/a.story", GOOD.replace("\nshot", '\nimport "../house.story"\n\nshot').replace("boat", "{{ clean }}")
    )
    cli.write("two/storyboard.toml", "")
    cli.write("two/a.story", GOOD.replace("\nshot", '\nimport "../one/house.story"\n\nshot'))
    found = cli("lint", "one", "two", "--json").json["diagnostics"]
    assert {(one["path"], one["severity"]) for one in found if one["severity"] == "error"} == {("two/a.story", "error")}


def test_configuration_naming_something_unknown_is_wrong_use(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    cli.write("storyboard.toml", "concurency = 3\n")
    done = cli("lint")
    assert (done.code, done.out) == (2, "")
    assert "storyboard.toml:1: there is no setting `concurency`" in done.err
    assert "did you mean `concurrency`?" in done.err


def test_set_needs_a_name_and_a_value(cli: Cli) -> None:
    cli.write("a.story", GOOD)
    done = cli("lint", "--set", "city")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: --set `city` has no `=`")


def test_set_accepts_only_the_values_that_the_param_lists(cli: Cli) -> None:
    cli.write(
        "a.story", GOOD.replace("\nshot", "\nparam hook in question, number\n\nshot").replace("boat", "{{ hook }}")
    )
    assert cli("lint", "--set", "hook=number").code == 0
    done = cli("lint", "--set", "hook=numbr")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: --set: `hook` cannot be `numbr`")
    assert "did you mean `number`?" in done.err


def test_command_names_of_other_programs_are_understood(cli: Cli) -> None:
    for other, name in (("check", "lint"), ("init", "new"), ("render", "build"), ("biuld", "build")):
        done = cli(other)
        assert done.code == 2
        assert f"did you mean `{name}`?" in done.err


def test_hint_finds_an_address_by_its_end(cli: Cli) -> None:
    cli.write("a.story", 'story "T"\n  .model kirin_v3_t2v\n\nscene river\n\nshot push 5s\n  A boat.\n')
    done = cli("plan", "--only", "push")
    assert done.code == 2
    assert "did you mean `river.push`?" in done.err


def test_colour_is_used_only_on_terminals(cli: Cli) -> None:
    cli.write("a.story", BAD)
    assert "\x1b" not in cli.process("lint").out
    seen = {}
    for name, extra in (("plain", {"NO_COLOR": ""}), ("no colour", {"NO_COLOR": "1"})):
        seen[name] = cli.terminal("lint", env=extra).out
    assert "\x1b[1;31merror[SB003]\x1b[0m" in seen["plain"]
    assert "ms)" in seen["plain"]
    assert "\x1b" not in seen["no colour"]


def test_annotations_name_files_relative_to_the_checkout(cli: Cli) -> None:
    cli.write("films/a.story", 'story "A"\n  .model kirin_v3_t2v\n\nshot s\n  A moon.\n')
    inside = Cli(cli.folder / "films", cli.home)
    words = ("lint", "--format", "github")
    assert "file=a.story," in inside(*words).out
    assert "file=films/a.story," in inside(*words, env={"GITHUB_WORKSPACE": str(cli.folder)}).out
    assert "file=a.story," in inside(*words, env={"GITHUB_WORKSPACE": "/nowhere"}).out
