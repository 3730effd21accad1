"""Section 4 of the language: what may stand in braces, what it prints, and where its mistakes stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.front import HEAD, Checked, check_text

BEFORE = """\
let mei = Mei
param rain =
param hold = 4s
let n = 3
let list = a, b
phrase glow(what, how = "softly")
  {{ what }} glows {{ how }}.

"""


def checked(folder: Path, body: str, before: str = BEFORE) -> Checked:
    return check_text(folder, HEAD + before + f"shot s 5s\n  {body}\n")


def printed(folder: Path, body: str) -> str:
    result = checked(folder, body)
    assert result.errors == []
    return result.prompts["main.s"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("{{ mei }}", "Mei"),
        ("{{mei}}", "Mei"),
        ("{{ 'single' }} {{ \"double\" }}", "single double"),
        ("{{ 3 }} {{ 2.50 }}", "3 2.50"),
        ("{{ hold }}", "4s"),
        ("{{ glow('It') }}", "It glows softly."),
        ("{{ glow('It', 'hard') }}", "It glows hard."),
        ("{{ glow(how = 'hard', what = mei) }}", "Mei glows hard."),
        ("{{ glow(glow('It')) }}", "It glows softly. glows softly."),
        ("{{ story.title }} {{ scene.name }}.{{ scene.title }}{{ scene.text }} {{ shot.name }} {{ shot.seconds }}", "Night main. s 5"),
        ("{% if rain %}wet{% else %}dry{% endif %}", "dry"),
        ("{% if mei == 'Mei' %}a{% elif rain %}b{% else %}c{% endif %}", "a"),
        ("{% if rain %}a{% elif n > 2 %}b{% endif %}", "b"),
        ("{% if not rain and (mei or rain) %}yes{% endif %}", "yes"),
        ("{% if 'e' in mei and 'x' not in mei %}yes{% endif %}", "yes"),
        ("{{ rain or 'sun' }} {{ mei and 'moon' }}", "sun moon"),
        ("{{ mei | upper }} {{ mei | lower }}", "MEI mei"),
        ("{{ 'the night market' | title }}|{{ 'tHE' | capitalize }}", "The Night Market|The"),
        ("{{ ' x ' | trim }}|{{ mei | first }}{{ mei | last }}{{ mei | length }}", "x|Mi3"),
        ("{{ rain | default('sun') }} {{ mei | default('x') }}", "sun Mei"),
        ("{{ mei | replace('M', 'W') | upper }}", "WEI"),
        ("{{ mei | join(', ') }}", "Mei"),
        ("{{ avoid('x') }}", "No x."),
        ("{{ 'a string is {{ mei }} as it is' }}", "a string is {{ mei }} as it is"),
        ("{{ 'back\\\\slash \\'q\\' \\d' }}", "back\\slash 'q' \\d"),
        ("{ } % }} %}", "{ } % }} %}"),
        ("{{ '{{' }} {{ \"}}\" }} {{ '{%' }}", "{{ }} {%"),
        ("{{ 1 == 1.0 }}", None),
        ("{% if n == 3.0 %}a{% endif %}{% if n == '3' %}b{% endif %}{% if n == '3.0' %}c{% endif %}", "ab"),
        ("{% if hold == '4s' %}a{% endif %}{% if hold != '4.0s' %}b{% endif %}", "ab"),
        ("{% if 1 < 2 <= 2 < 3 %}a{% endif %}{% if 'a' < 'b' %}b{% endif %}", "ab"),
        ("{{ glow(\n    'It',\n    how = 'hard'\n  ) }}", "It glows hard."),
        ("{{ ((mei)) }}", "Mei"),
    ],
)  # fmt: skip
def test_output_of_braces(tmp_path: Path, body: str, wanted: str | None) -> None:
    if wanted is None:
        assert checked(tmp_path, body).only("SB304")
    else:
        assert printed(tmp_path, body) == wanted


COLUMN = 3


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        ("a {{ 1 + 1 }}", "SB301", 7),
        ("a {{ n - 1 }}", "SB301", 7),
        ("{{ mei ~ mei }}", "SB301", 7),
        ("{{ mei[0] }}", "SB301", 6),
        ("{{ [1] }}", "SB301", 3),
        ("{{ {'a': 1} }}", "SB301", 3),
        ("{{ mei if rain else n }}", "SB301", 7),
        ("{{ mei is defined }}", "SB301", 7),
        ("{{ mei.__class__ }}", "SB301", 7),
        ("{{ 'x'.upper() }}", "SB301", 7),
        ("{{ mei, n }}", "SB301", 6),
        ("{{ mei | safe }}", "SB301", 9),
        ("{{ mei | attr('x') }}", "SB301", 9),
        ("{{- mei }}", "SB301", 0),
        ("{{ mei -}}", "SB301", 0),
        ("{%- if rain %}x{% endif %}", "SB301", 0),
        ("{%+ if rain %}x{% endif %}", "SB301", 0),
        ("{% for x in mei %}x{% endfor %}", "SB301", 0),
        ("{% set x = 1 %}", "SB301", 0),
        ("{% raw %}x{% endraw %}", "SB301", 0),
        ("{% include 'x' %}", "SB301", 0),
        ("{{ 1_000 }}", "SB301", 3),
        ("{{ 0x10 }}", "SB301", 3),
        ("{{ }}", "SB302", 2),
        ("{{ mei }", "SB302", 0),
        ("{{ mei }. Then {{ n }}", "SB302", 0),
        ("{% if rain } a {% endif %}", "SB302", 0),
        ("{{ 'mei }}", "SB302", 0),
        ("{{ (mei }}", "SB302", 2),
        ("{{ mei) }}", "SB302", 6),
        ("{{ mei mei }}", "SB302", 7),
        ("{{ mei == }}", "SB302", 9),
        ("{{ 'a' 'b' }}", "SB302", 7),
        ("{{ 'a'none }}", "SB302", 6),
        ("{{ or }}", "SB302", 3),
        ("{{ mei or in }}", "SB302", 10),
        ("{% if mei and and %}x{% endif %}", "SB302", 14),
        ("{{ mei.in }}", "SB302", 7),
        ("{{ glow(in = mei) }}", "SB302", 8),
        ("{{ glow(true false) }}", "SB302", 13),
        ("{% if }} %}x{% endif %}", "SB302", 6),
        ("{% if mei == }} %}x{% endif %}", "SB302", 13),
        ("{% if }} '{# x #}' %}x{% endif %}", "SB302", 6),
        ("{{ mei ! }}", "SB302", 7),
        ("{{ 4s }}", "SB302", 4),
        ("{{ '\\ud800' }}", "SB302", 4),
        ("{% if rain %}x", "SB303", 0),
        ("x{% endif %}", "SB303", 1),
        ("{% if rain %}a{% else %}b{% else %}c{% endif %}", "SB303", 25),
        ("{% else if rain %}", "SB303", 0),
        ("{{ true }}", "SB304", 3),
        ("{{ none }}", "SB304", 3),
        ("{{ mei == n }}", "SB304", 3),
        ("{{ not rain }}", "SB304", 3),
        ("{% if n < mei %}x{% endif %}y", "SB305", 6),
        ("{% if hold < 5 %}x{% endif %}y", "SB305", 6),
        ("{% if 'x' in 5 %}x{% endif %}y", "SB305", 6),
        ("{{ mei | upper(1) }}", "SB306", 9),
        ("{{ mei | default }}", "SB306", 9),
        ("{{ true | upper }}", "SB306", 10),
        ("{{ nope }}", "SB110", 3),
        ("{{ range(3) }}", "SB110", 3),
        ("{{ nope | default('x') }}", "SB110", 3),
        ("{{ glow(nope) }}", "SB110", 8),
        ("{% if nope %}x{% endif %}", "SB110", 6),
        ("{% if true %}x{% else %}{{ nope }}{% endif %}", "SB110", 27),
        ("{{ scene.titel }}", "SB110", 9),
        ("{{ scene }}", "SB111", 3),
        ("{{ mei.name }}", "SB111", 7),
        ("{{ glow }}", "SB111", 3),
        ("{{ mei() }}", "SB111", 3),
        ("{{ glow() }}", "SB112", 3),
        ("{{ glow('a', 'b', 'c') }}", "SB112", 3),
        ("{{ glow('a', who = 'b') }}", "SB112", 3),
        ("{{ glow('a', what = 'b') }}", "SB112", 3),
    ],
)
def test_errors_in_braces_and_their_places(tmp_path: Path, body: str, code: str, at: int) -> None:
    found = checked(tmp_path, body)
    assert [line.split()[1] for line in found.errors] == [code], found.lines
    assert found.only(code).span.position.column == COLUMN + at, found.lines


def test_mistake_in_a_long_text_has_its_own_line_and_column(tmp_path: Path) -> None:
    text = (
        HEAD
        + "shot s 5s\n  One.\n# a comment\n\n    Deep {{ story.title }} and {{ nope }}.\n  {{ story.title\n    | uper }}\n"
    )
    assert [line.split()[0] for line in check_text(tmp_path, text).errors] == ["8:35", "10:7"]


def test_texts_are_compared_in_nfc(tmp_path: Path) -> None:
    text = (
        HEAD
        + "let a = e\u0301\ntemplate t(x)\n  shot t 3s\n    {% if x == a and x == 'e\u0301' %}same {{ x }}{% endif %}\n"
        'use t("e\u0301")\nfor y in "e\u0301"\n  use t(y) as y\n'
    )
    checked = check_text(tmp_path, text)
    assert checked.prompts == {"main.t": "same \u00e9", 'main.y["\u00e9"].t': "same \u00e9"}


CHAIN = """\
phrase inner(x)
  {% if x < 1 %}small{% endif %} {{ x }}

phrase outer(y)
  Say {{ inner(y) }}.

template twice(z)
  for n in 1..2
    shot s 5s
      {{ outer(z) }}

use twice("text")
"""


def test_a_mistake_shows_the_chain_that_led_to_it_innermost_first(tmp_path: Path) -> None:
    checked = check_text(tmp_path, HEAD + CHAIN)
    found = checked.only("SB305")
    assert found.span.position == (5, 9)
    chain = [(each.span.position.line, each.message) for each in found.related]
    assert chain == [
        (8, "`inner` is called here"),
        (13, "`outer` is called here"),
        (11, "repeated by this `for n`, at `1`"),
        (15, "expanded by this `use twice`"),
    ]


def test_unknown_name_shows_its_chain_and_is_reported_once(tmp_path: Path) -> None:
    text = HEAD + "phrase p()\n  {{ nope }}\n\nshot a 5s\n  {{ p() }}\n\nshot b 5s\n  {{ p() }} {{ p() }}\n"
    found = check_text(tmp_path, text)
    assert len(found.errors) == 1
    assert [each.span.position.line for each in found.only("SB110").related] == [8]


def test_name_in_an_unreached_branch_is_checked(tmp_path: Path) -> None:
    text = (
        HEAD
        + "phrase idle()\n  {{ nope }}\n\ntemplate idle_too(x)\n  shot s 5s\n    {{ nope2 }}\n\nshot a 5s\n  A lamp.\n"
    )
    assert [line.split()[0] for line in check_text(tmp_path, text).errors] == ["5:6", "9:8"]


def test_did_you_mean_offers_a_fix(tmp_path: Path) -> None:
    outcome = checked(tmp_path, "{{ mie }} {{ glwo('x') }} {{ mei | uper }} {{ scene.titel }}")
    found = [each for each in outcome.diagnostics if each.severity == "error"]
    helps = [each.help for each in found]
    assert helps == [f"did you mean `{name}`?" for name in ("mei", "glow", "upper", "title")]
    fix = found[0].fix
    assert fix is not None
    assert [(edit.span.text, edit.text) for edit in fix.edits] == [("mie", "mei")]


@pytest.mark.parametrize("name", ["x", "ab", "city2", "lantern"])
def test_did_you_mean_needs_a_close_match(tmp_path: Path, name: str) -> None:
    assert "did you mean" not in (checked(tmp_path, "{{ " + name + " }}").only("SB110").help or "")


@pytest.mark.parametrize(
    "deep",
    [
        "{{ " + "(" * 5000 + "mei" + ")" * 5000 + " }}",
        "{{ " + "not " * 2000 + "mei }}",
        "{{ " + "glow(" * 1000 + "mei" + ")" * 1000 + " }}",
        "{{ " + " or ".join(["mei"] * 1500) + " }}",
        "{{ mei" + " | upper" * 1200 + " }}",
        "{{ mei" + ".x" * 4000 + " }}",
        "{{ " + " == ".join(["mei"] * 1000) + " }}",
        "{% if rain %}" * 3000 + "x" + "{% endif %}" * 3000,
        "{{ " + "-" * 5000 + "1 }}",
        "{{ " + "x" * 1_000_000 + " }}",
        "{{ '" + "x" * 1_000_000 + "' }}",
        "{{" * 50_000,
        "{{ '" * 50_000,
        "{% " * 50_000,
        "{{ ! }}" * 20_000,
    ],
    ids=range(15),
)
def test_depth_and_length_inside_braces_never_exhaust_python(tmp_path: Path, deep: str) -> None:
    limit = sys.getrecursionlimit()
    found = checked(tmp_path, deep)
    assert found.diagnostics or found.shots[0].prompt
    assert sys.getrecursionlimit() == limit


def test_text_without_braces_never_loads_jinja(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.support.front import HEAD, check_text\n"
        f"assert check_text(Path({str(tmp_path)!r}), HEAD + 'shot s 5s\\n  A {{ lamp }} #5.\\n').errors == []\n"
        "assert 'jinja2' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
