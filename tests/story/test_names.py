"""Section 3 and 4 of the language: names, imports, arguments, circles, what is in scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.story import settable
from storyboard.syntax import Loader
from tests.support.front import HEAD, Checked, check_text, files_of

SHOT = "shot s 5s\n  A lamp.\n"


def errors(folder: Path, text: str) -> list[str]:
    """Place and code of each error."""
    return [" ".join(line.split()[:2]) for line in check_text(folder, HEAD + text).errors]


def prompt(folder: Path, text: str, overrides: dict[str, str] | None = None) -> str:
    checked = check_text(folder, HEAD + text, overrides)
    assert checked.errors == []
    return next(iter(checked.prompts.values()))


def test_order_does_not_matter(tmp_path: Path) -> None:
    assert (
        prompt(tmp_path, "shot s 5s\n  {{ p(a) }}\n\nphrase p(x)\n  {{ x }} {{ b }}\n\nlet a = {{ b }}!\nlet b = B\n")
        == "B! B"
    )


def test_a_template_may_be_used_before_its_line(tmp_path: Path) -> None:
    assert prompt(tmp_path, "use t()\n\ntemplate t()\n  shot s 5s\n    Here.\n") == "Here."


@pytest.mark.parametrize(
    "second",
    ["let city = B", "param city = B", "phrase city()\n  B", "template city()\n  shot s 3s\n    B"],
)
def test_duplicate_name_is_an_error_at_the_second(tmp_path: Path, second: str) -> None:
    column = second.index("city") + 1
    assert f"5:{column} SB101" in errors(tmp_path, f"let city = A\n{second}\n\n{SHOT}")


def test_import_alias_is_a_name_of_the_file(tmp_path: Path) -> None:
    assert errors(tmp_path, f'import "b.story" as city\nlet city = A\n\n{SHOT}--- b.story\nlet x = X\n') == [
        "5:5 SB101"
    ]


def test_duplicate_parameter_is_an_error_at_the_second(tmp_path: Path) -> None:
    assert errors(tmp_path, f"phrase p(a, b, a)\n  {{{{ a }}}}\n\n{SHOT}") == ["4:16 SB101"]


def test_shots_scenes_and_labels_have_their_own_namespace(tmp_path: Path) -> None:
    text = "let lamp = L\ntemplate t()\n  shot lamp 3s\n    {{ lamp }}\n\nscene lamp\nshot lamp 3s\n  {{ lamp }}\nuse t() as t\n"
    checked = check_text(tmp_path, HEAD + text)
    assert checked.errors == []
    assert list(checked.prompts) == ["lamp.lamp", "lamp.t.lamp"]


LIBRARY = """\
--- house.story
import "deep.story" as deep
import "flat.story"
let clean = clean {{ deep.d }} {{ flat }}
param mood = calm
phrase glow(x, how = "{{ mood }}")
  {{ x }} glows {{ how }}, {{ clean }}.
template t(n)
  shot in_t 5s
    {{ glow(n) }}
--- deep.story
let d = D
--- flat.story
let flat = F
"""


def test_an_import_with_as_is_reached_through_its_name(tmp_path: Path) -> None:
    text = 'import "house.story" as house\nshot s 5s\n  {{ house.clean }} / {{ house.glow("It") }}\n'
    assert prompt(tmp_path, text + LIBRARY) == "clean D F / It glows calm, clean D F."


def test_an_import_without_as_joins_the_names(tmp_path: Path) -> None:
    text = 'import "house.story"\nshot s 5s\n  {{ clean }} / {{ glow("It") }}\nuse t("x")\n'
    checked = check_text(tmp_path, HEAD + text + LIBRARY)
    assert checked.errors == []
    assert checked.prompts["main.in_t"] == "x glows calm, clean D F."


@pytest.mark.parametrize("name", ["house.flat", "house.deep", "house.d", "flat", "deep.d"])
def test_imports_are_not_passed_on(tmp_path: Path, name: str) -> None:
    text = f'import "house.story" as house\nshot s 5s\n  {{{{ {name} }}}}\n'
    assert [line.split()[1] for line in check_text(tmp_path, HEAD + text + LIBRARY).errors] == ["SB110"]


def test_joined_names_are_not_passed_on(tmp_path: Path) -> None:
    text = 'import "house.story"\nshot s 5s\n  {{ clean }} {{ flat }}\n'
    assert [line.split()[1] for line in check_text(tmp_path, HEAD + text + LIBRARY).errors] == ["SB110"]


def test_a_template_of_an_import_is_used_by_its_dotted_name(tmp_path: Path) -> None:
    text = 'import "house.story" as house\nuse house.t("x")\n'
    assert prompt(tmp_path, text + LIBRARY) == "x glows calm, clean D F."


def test_name_clash_of_an_import_is_an_error_at_the_later_line(tmp_path: Path) -> None:
    library = "--- b.story\nlet city = B\n"
    assert errors(tmp_path, f'import "b.story"\nlet city = A\n{SHOT}{library}') == ["5:5 SB101"]
    assert errors(tmp_path, f'let city = A\nimport "b.story"\n{SHOT}{library}') == ["5:8 SB101"]
    two = 'import "b.story"\nimport "c.story"\n' + SHOT + library + "--- c.story\nlet city = C\n"
    assert errors(tmp_path, two) == ["5:8 SB101"]


def test_imported_story_contributes_no_shots(tmp_path: Path) -> None:
    other = '--- b.story\nstory "B"\n  .model nonsense\nlet city = B\nscene x\nshot y 3s\n  {{ nope }}\n'
    checked = check_text(
        tmp_path, HEAD + 'import "b.story" as b\nshot s 5s\n  {{ b.city }} {{ story.title }}\n' + other
    )
    assert checked.errors == []
    assert checked.prompts == {"main.s": "B Night"}


def test_mistakes_of_an_import_are_reported_in_its_file(tmp_path: Path) -> None:
    text = 'import "b.story" as b\nshot s 5s\n  {{ b.city }}\n--- b.story\nlet city = {{ nope }}\n'
    assert errors(tmp_path, text) == ["b.story:1:15 SB110"]


def test_file_imported_twice_is_reported_once(tmp_path: Path) -> None:
    text = (
        'import "b.story" as b\nimport "c.story" as c\nshot s 5s\n  {{ b.x }} {{ c.y }}\n'
        '--- b.story\nimport "d.story" as d\nlet x = {{ d.z }}\n--- c.story\nimport "d.story" as d\nlet y = {{ d.z }}\n'
        "--- d.story\nlet z = {{ nope }}\n"
    )
    assert errors(tmp_path, text) == ["d.story:1:12 SB110"]


def test_errors_that_follow_from_a_failed_import_are_not_shown(tmp_path: Path) -> None:
    assert errors(tmp_path, 'import "no.story" as house\nshot s 5s\n  {{ house.clean }} {{ house.p("x") }}\n') == [
        "4:8 SB030"
    ]
    assert errors(tmp_path, 'import "no.story"\nshot s 5s\n  {{ clean }} {{ p("x") }}\nuse t()\n') == ["4:8 SB030"]


@pytest.mark.parametrize("broken", ["let mei: Mei", "lett mei = Mei", "param mei Mei"])
def test_errors_that_follow_from_a_broken_declaration_are_not_shown(tmp_path: Path, broken: str) -> None:
    found = check_text(tmp_path, HEAD + f"{broken}\n\nshot s 5s\n  A lamp and {{{{ mei }}}}.\n")
    assert len(found.errors) == 1
    assert found.errors[0].startswith("4:")


def test_call_of_a_broken_phrase_is_not_checked(tmp_path: Path) -> None:
    found = check_text(
        tmp_path,
        HEAD
        + 'phrase p(a b)\n  {{ a }}\ntemplate t(a\n  shot x 3s\n    X\nshot s 5s\n  {{ p("x", "y") }}\nuse t(1, 2)\n',
    )
    assert [line.split()[0].split(":")[0] for line in found.errors] == ["4", "6"]


def test_an_avoid_that_is_imported_without_as_replaces_the_sentence(tmp_path: Path) -> None:
    text = 'import "b.story"\nshot s 5s\n  .avoid x, y\n  A lamp.\n--- b.story\nphrase avoid(items)\n  Never {{ items | join(" or ") }}!\n'
    assert prompt(tmp_path, text) == "A lamp. Never x or y!"
    other = text.replace('"b.story"\n', '"b.story" as b\n')
    assert prompt(tmp_path, other) == "A lamp. No x, no y."


def test_avoid_phrase_of_the_story_replaces_the_sentence(tmp_path: Path) -> None:
    text = 'phrase avoid(items, end = "!")\n  Without {{ items }}{{ end }}\nshot s 5s\n  .avoid x、y，x\n  A lamp.\n'
    assert prompt(tmp_path, text) == "A lamp. Without x, y!"


@pytest.mark.parametrize(
    ("call", "at"),
    [
        ("use t()", "7:5"),
        ('use t("a", "b", "c")', "7:5"),
        ('use t("a", whoo = "b")', "7:5"),
        ('use t("a", who = "b")', "7:5"),
        ("use t(n = 3s)", "7:5"),
    ],
)
def test_wrong_arguments_are_reported_at_the_call(tmp_path: Path, call: str, at: str) -> None:
    text = f"template t(who, n = 4s)\n  shot s n\n    {{{{ who }}}}\n{call}\n"
    assert errors(tmp_path, text) == [f"{at} SB112"]


def test_wrong_use_of_a_template_shows_its_parameters(tmp_path: Path) -> None:
    text = "template t(who, place, n = 4s)\n  shot s n\n    {{ who }} {{ place }}\nuse t(n = 3s)\n"
    assert check_text(tmp_path, HEAD + text).only("SB112").message == "`t` also needs `who` and `place`"


@pytest.mark.parametrize(
    ("use", "code", "at"),
    [
        ("use nope()", "SB110", "6:5"),
        ("use glow()", "SB111", "6:5"),
        ("use mei()", "SB111", "6:5"),
        ("use t(nope)", "SB110", "6:7"),
        ("use t(p)", "SB111", "6:7"),
        ('use t("{{ nope }}")', "SB110", "6:11"),
    ],
)
def test_wrong_use_lists_the_declared_templates(tmp_path: Path, use: str, code: str, at: str) -> None:
    text = f"phrase glow()\n  G.\n{use}\nlet mei = Mei\nphrase p()\n  P.\ntemplate t(x)\n  shot s 3s\n    {{{{ x }}}}\n"
    assert errors(tmp_path, text)[0] == f"{at} {code}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("let a = {{ b }}\nlet b = {{ a }}\n", "4:5 SB114"),
        ("let a = {{ a }}\n", "4:5 SB114"),
        ("phrase p(x)\n  {{ p(x) }}\n", "4:8 SB114"),
        ("phrase p(x)\n  {% if false %}{{ q(x) }}{% endif %}\nphrase q(x)\n  {{ p(x) }}\n", "4:8 SB114"),
        ("phrase p(x = b)\n  {{ x }}\nlet b = {{ p() }}\n", "4:8 SB114"),
        ('phrase p(x = "{{ b }}")\n  {{ x }}\nlet b = {{ p() }}\n', "4:8 SB114"),
        ("template t()\n  use u()\ntemplate u()\n  for n in 1..2\n    use t()\n", "4:10 SB114"),
        ("let c = {{ b }}\nlet b = {{ a }}\nlet a = {{ c }} {{ b }}\n", "4:5 SB114"),
    ],
)
def test_cycle_is_one_error_at_its_first_declaration(tmp_path: Path, text: str, wanted: str) -> None:
    assert errors(tmp_path, text + SHOT) == [wanted]


def test_cycle_is_shown(tmp_path: Path) -> None:
    found = check_text(
        tmp_path, HEAD + "let a = {{ b }}\nlet b = {{ c }}\nlet c = {{ a }}\nshot s 5s\n  {{ a }}{{ b }}\n"
    )
    assert found.only("SB114").message == "`a` refers to itself: a → b → c → a"
    assert [each.span.position for each in found.only("SB114").related] == [(4, 12), (5, 12), (6, 12)]
    assert len(found.errors) == 1


def test_two_cycles_are_two_errors(tmp_path: Path) -> None:
    text = "let a = {{ b }}\nlet b = {{ a }}\nlet c = {{ d }} {{ a }}\nlet d = {{ c }}\n"
    assert errors(tmp_path, text + SHOT) == ["4:5 SB114", "6:5 SB114"]


def test_chain_of_thousands_of_lets_is_resolved(tmp_path: Path) -> None:
    lets = "".join(f"let v{n} = {{{{ v{n + 1} }}}}\n" for n in range(2_000))
    assert prompt(tmp_path, lets + "let v2000 = end\nshot s 5s\n  {{ v0 }}\n") == "end"


def test_cycle_of_thousands_is_one_error(tmp_path: Path) -> None:
    lets = "".join(f"let v{n} = {{{{ v{(n + 1) % 2_000} }}}}\n" for n in range(2_000))
    assert errors(tmp_path, lets + SHOT) == ["4:5 SB114"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("let x = {{ story.title }}\nshot s 5s\n  {{ x }}\n", []),
        ("let x = {{ scene.name }}\nshot s 5s\n  {{ x }}\n", ["4:12 SB115"]),
        ("param x = {{ shot.name }}\nshot s 5s\n  {{ x }}\n", ["4:14 SB115"]),
        ("let x = {{ p() }}\nphrase p()\n  {{ shot.name }}\nshot s 5s\n  {{ x }}\n", ["6:6 SB115"]),
        ("scene a\n  .suffix {{ scene.name }}\nshot s 5s\n  X\n", []),
        ("scene a\n  .suffix {{ shot.name }}\nshot s 5s\n  X\n", ["5:14 SB115"]),
        ("scene a\n  In {{ shot.name }}.\nshot s 5s\n  X\n", ["5:9 SB115"]),
        ("scene a\n  In {{ scene.text }}.\nshot s 5s\n  X\n", ["5:9 SB114"]),
        ("scene a\n  In {{ p() }}.\nphrase p()\n  {{ scene.text }}\nshot s 5s\n  X\n", ["7:6 SB114"]),
        ("scene a\n  In {{ scene.name }}.\nshot s 5s\n  .suffix {{ shot.name }} {{ scene.text }}\n  X\n", []),
        ('template t(x)\n  shot s 5s\n    {{ x }}\nscene a\nuse t("{{ scene.name }}")\n', []),
        ('template t(x)\n  shot s 5s\n    {{ x }}\nscene a\nuse t("{{ shot.name }}")\n', ["8:11 SB115"]),
        ("template t()\n  shot s 5s\n    .suffix {{ shot.name }}\n    {{ scene.name }}\nscene a\nuse t()\n", []),
        ("template t()\n  shot s 5s\n    {{ x }}\nfor x in a, b\n  use t()\n", ["6:8 SB110"]),
        ("phrase p()\n  {{ x }}\nfor x in a, b\n  shot s 5s\n    {{ p() }}\n", ["5:6 SB110"]),
    ],
)
def test_names_visible_in_each_text(tmp_path: Path, body: str, wanted: list[str]) -> None:
    assert errors(tmp_path, body) == wanted


def test_a_setting_of_the_story_sees_neither_scene_nor_shot(tmp_path: Path) -> None:
    for what in ("scene.name", "shot.name"):
        text = f'story "T"\n  .model kirin_v3_t2v\n  .suffix {{{{ {what} }}}} {{{{ story.title }}}}\n{SHOT}'
        assert [line.split()[:2] for line in check_text(tmp_path, text).errors] == [["3:14", "SB115"]]


def test_parameters_and_loop_variables_hide_outer_names_with_a_hint(tmp_path: Path) -> None:
    text = (
        "let x = outer\nphrase p(x)\n  {{ x }}\nfor x in a\n  for x in b\n    shot s 5s\n      {{ x }} {{ p('c') }}\n"
    )
    checked = check_text(tmp_path, HEAD + text)
    assert checked.prompts == {'main.s["a"]["b"]': "b c"}
    assert [line.split()[0] for line in checked.lines if "SB141" in line] == ["5:10", "7:5", "8:7"]


def test_set_overrides_a_param_without_filling_in(tmp_path: Path) -> None:
    text = "param city = Suzhou\nlet where = in {{ city }}\nshot s 5s\n  {{ where }} {{ city }}\n"
    assert prompt(tmp_path, text, {"city": "{{ x }}"}) == "in {{ x }} {{ x }}"
    assert prompt(tmp_path, text, {"city": "Wuxi"}) == "in Wuxi Wuxi"


def test_set_overrides_a_param_of_an_import(tmp_path: Path) -> None:
    text = 'import "b.story" as b\nshot s 5s\n  {{ b.p() }}\n--- b.story\nparam city = B\nphrase p()\n  {{ city }}\n'
    assert prompt(tmp_path, text, {"b.city": "C"}) == "C"
    joined = text.replace(" as b", "").replace("b.p()", "p()")
    assert prompt(tmp_path, joined, {"city": "C"}) == "C"


def test_a_param_may_be_empty(tmp_path: Path) -> None:
    text = "param extra =\nshot s 5s\n  A lamp{{ extra }}.\n"
    assert prompt(tmp_path, text) == "A lamp."
    assert prompt(tmp_path, text, {"extra": ", lit"}) == "A lamp, lit."


@pytest.mark.parametrize(
    ("default", "value", "fits"),
    [
        ("4s", "5s", True),
        ("4s", "5", False),
        ("4s", "long", False),
        ("3", "4.5", True),
        ("3", "x", False),
        ("x", "4s", True),
    ],
)
def test_set_keeps_to_the_kind_of_the_default(tmp_path: Path, default: str, value: str, fits: bool) -> None:
    text = f"param hold = {default}\nshot s 5s\n  A lamp {{{{ hold }}}}.\n"
    checked = check_text(tmp_path, HEAD + text, {"hold": value})
    assert [line.split()[:2] for line in checked.errors] == ([] if fits else [["4:7", "SB116"]])


def test_settable_lists_the_params_that_can_be_set(tmp_path: Path) -> None:
    text = 'import "b.story" as b\nimport "c.story"\nparam city = A\nlet x = X\n' + SHOT
    files = files_of(HEAD + text + "--- b.story\nparam m = M\nlet n = N\n--- c.story\nparam k = K\n")
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    unit = Loader(tmp_path).load(tmp_path / "main.story").value
    assert unit is not None
    assert set(settable(unit)) == {"b.m", "city", "k"}


def test_quoted_value_is_a_hint_with_a_fix(tmp_path: Path) -> None:
    text = 'let a = "Mei"\nlet b = "x" and "y"\nparam c = \'z\'\nshot s 5s\n  {{ a }} {{ b }} {{ c }}\n'
    checked = check_text(tmp_path, HEAD + text)
    assert [line.split()[0] for line in checked.lines] == ["4:9", "6:11"]
    assert all(each.fix is not None and each.code == "SB322" for each in checked.diagnostics)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('.say "Higher!"', ".say Higher!"),
        ('.say Mei: "Higher!"', ".say Mei: Higher!"),
        (".say 梅: 「高一点！」", ".say 梅: 高一点！"),
        (".caption “A hill”", ".caption A hill"),
        ('.say "One," she said, "two."', None),
        ('.note "as in the book"', None),
    ],
)
def test_quotes_around_words_that_are_shown_are_a_hint_with_a_fix(
    tmp_path: Path, written: str, meant: str | None
) -> None:
    checked = check_text(tmp_path, HEAD + f"shot s 5s\n  {written}\n  A lamp.\n")
    fixes = [each.fix for each in checked.diagnostics if each.code == "SB322"]
    assert len(fixes) == (meant is not None)
    for fix in fixes:
        assert fix is not None and fix.safe
        (edit,) = fix.edits
        text = edit.span.source.text
        assert f"  {meant}\n" in text[: edit.span.start] + edit.text + text[edit.span.end :]


def library(folder: Path, text: str) -> Checked:
    return check_text(folder, text)


def test_a_library_is_checked_without_a_story(tmp_path: Path) -> None:
    text = "let a = {{ nope }}\nphrase p(x)\n  {{ y }}\ntemplate t(z)\n  shot s z\n    .moed pro\n    {{ w }}\nlet unused = U\n"
    found = library(tmp_path, text)
    assert [" ".join(line.split()[:2]) for line in found.lines] == ["1:12 SB110", "3:6 SB110", "6:5 SB204", "7:8 SB110"]


def test_library_has_no_shots(tmp_path: Path) -> None:
    assert "SB027" in library(tmp_path, "let a = A\nshot s 5s\n  {{ a }}\n").codes


def test_long_name_with_combining_marks_is_one_name(tmp_path: Path) -> None:
    assert prompt(tmp_path, "let é_नमस्ते = x\nshot s 5s\n  {{ e\u0301_नमस्ते }}\n") == "x"
