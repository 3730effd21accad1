"""One mistake is one message, at the place where its author must act."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front import HEAD, check_text

SHOT = "\nshot z 5s\n  A lamp.\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shot a 5s\nA detective lights a match.\nSlow push-in, 35mm.\n", "5 SB003"),
        ("shot a 5s\nA detective lights a match.\n\nThe flame grows.\n", "5 SB003"),
        ("shot a 5s\n雨后的街道。\n灯笼亮着。\n", "5 SB003"),
        ("shot a 5s\nA street.\n  Slow push-in.\n", "5 SB003"),
        ("shot a 5s\n  A street.\nLet the camera rest on it.\n", "6 SB003"),
        ("phrase walk(who)\n{{ who }} walks.\n\nshot a 5s\n  {{ walk('Mei') }}\n", "5 SB003"),
        ("let mei\nMei, a courier\n\nshot a 5s\n  {{ mei }} waits.\n", "5 SB003"),
        ("template t(who)\nshot a 5s\n  {{ who }} waits.\n\nuse t('x')\n".replace("'", '"'), "4 SB025"),
        ("for x in a, b\nshot s 5s\n  {{ x }} waits.\n", "4 SB025"),
        ("phrase walk\n  A walk.\n\nshot a 5s\n  {{ walk() }}\n", "4 SB017"),
        ('template t()\n  shot a 5s\n    A lamp.\n  shot b 5s\n    A street.\n\nuse t()\nuse t()\n', "11 SB103"),
        ("for i in range(2)\n  shot a 5s\n    A lamp.\n", "4 SB020"),
        ("for i in 1-3\n  shot a 5s\n    A lamp.\n", "4 SB020"),
        ("for i in left; right\n  shot a 5s\n    A lamp.\n", "4 SB020"),
        ("for i in old man\n  shot a 5s\n    A lamp.\n", "4 SB020"),
        ("shot a 3-8s\n  A lamp.\n", "4 SB013"),
        ("shot a ٤s\n  A lamp.\n", "4 SB010"),
        ("scene INT. KITCHEN - NIGHT\n", "4 SB014"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_error(tmp_path: Path, text: str, found: str) -> None:
    checked = check_text(tmp_path, HEAD + text + SHOT)
    assert [f"{line.split(':')[0]} {line.split()[1]}" for line in checked.errors] == [found]


def test_missing_as_is_one_error(tmp_path: Path) -> None:
    files = HEAD + 'import "cast.story" cast\n\nshot a 5s\n  {{ cast.mei }} waits.\n--- cast.story\nlet mei = Mei\n'
    assert [line.split()[1] for line in check_text(tmp_path, files).errors] == ["SB011"]


@pytest.mark.parametrize("values", ['"old man"', "alone", "1..3", "north, south", "north، south", "a and b, c"])
def test_valid_loop_is_no_mistake(tmp_path: Path, values: str) -> None:
    assert check_text(tmp_path, HEAD + f"for x in {values}\n  shot s 5s\n    At {{{{ x }}}}.\n").errors == []


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("shot a 5s\n  {{ ines }} waits.\n", "`ines` is not declared", "did you mean `cast.ines`?"),
        ("shot a 5s\n  {{ cats.ines }} waits.\n", "`cats` is not declared", "did you mean `cast`?"),
        ("shot a 5s\n  {{ cast.quay }} waits.\n", "`quay` is not declared in `cast`", "did you mean `place.quay`?"),
        ("shot a 5s\n  .aspect 16:9\n  A lamp.\n", "no parameter `aspect`", "did you mean `.aspect_ratio`?"),
        ("shot a 5s\n  .ratio 16:9\n  A lamp.\n", "no parameter `ratio`", "did you mean `.aspect_ratio`?"),
        ("shot a 5s\n  .seed 7\n  A lamp.\n", "no parameter `seed`", "`.take 2`"),
        ("shot a 5s\n  .length 7s\n  A lamp.\n", "no parameter `length`", "`shot name 5s`"),
    ],
)
def test_intended_name_is_suggested(tmp_path: Path, text: str, message: str, help_: str) -> None:
    imports = 'import "cast.story" as cast\nimport "place.story" as place\n\n'
    libraries = "--- cast.story\nlet ines = Ines\n--- place.story\nlet quay = the quay\n"
    checked = check_text(tmp_path, HEAD + imports + text + libraries)
    error = next(found for found in checked.diagnostics if message in found.message)
    assert help_ in (error.help or "")


@pytest.mark.parametrize("used", ["{{ cast.cat }}", '{{ cast.cat("x") }}', "{{ cast.ines.coat }}"])
def test_import_is_not_called_unused_where_a_name_of_it_is_misspelt(tmp_path: Path, used: str) -> None:
    libraries = "--- cast.story\nlet ines = Ines\n"
    text = f'{HEAD}import "cast.story" as cast\n\nshot a 5s\n  {used} waits.\n{libraries}'
    assert [found.rule.code for found in check_text(tmp_path, text).diagnostics] in (["SB110"], ["SB111"])


@pytest.mark.parametrize(
    ("setting", "right"),
    [
        (".negative ＋people", ".negative + people"),
        (".negative – people", ".negative - people"),
        (".negative 人群、none", ".negative 人群"),
        (".avoid + smiling", ".avoid smiling"),
        (".suffix +Blue light.", ".suffix + Blue light."),
        (".avoid none", None),
        (".negative blurry, -text", None),
        (".negative + none", None),
    ],
)
def test_symbol_that_would_be_sent_as_text_is_reported(tmp_path: Path, setting: str, right: str | None) -> None:
    text = HEAD + f"shot a 5s\n  {setting}\n  A lamp.\n"
    found = check_text(tmp_path, text).only("SB351")
    if right is None:
        assert found.fix is None
    else:
        assert found.fix is not None
        (edit,) = found.fix.edits
        assert f"  {right}\n" in text[: edit.span.start] + edit.text + text[edit.span.end :]


@pytest.mark.parametrize(
    "setting", [".suffix +1 stop over.", ".prefix - a dash", ".negative 无人机", ".avoid no-entry sign"]
)
def test_text_that_only_looks_like_a_symbol_is_left_alone(tmp_path: Path, setting: str) -> None:
    codes = check_text(tmp_path, HEAD + f"shot a 5s\n  {setting}\n  A lamp.\n").codes
    assert not {"SB350", "SB351"} & set(codes)


CHOICE = 'param hook in question, number, "a claim"\n\nshot a 5s\n  A {{ hook }}.\n'


def test_param_defaults_to_its_first_value(tmp_path: Path) -> None:
    checked = check_text(tmp_path, HEAD + CHOICE)
    assert (checked.lines, checked.prompts) == ([], {"main.a": "A question."})
    assert check_text(tmp_path, HEAD + CHOICE, {"hook": "a claim"}).prompts == {"main.a": "A a claim."}


def test_param_accepts_no_other_value(tmp_path: Path) -> None:
    (error,) = check_text(tmp_path, HEAD + CHOICE, {"hook": "numbr"}).errors
    assert "not one of the values of `hook`" in error
