"""Section 4 of the language: templates, loops, addresses, and the bounds that make expansion end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front import HEAD, check_text


def addresses(folder: Path, text: str) -> list[str]:
    checked = check_text(folder, HEAD + text)
    assert checked.errors == []
    return list(checked.prompts)


def errors(folder: Path, text: str) -> list[str]:
    return [" ".join(line.split()[:2]) for line in check_text(folder, HEAD + text).errors]


def test_addresses_are_scene_label_and_shot_with_the_loop_values_between(tmp_path: Path) -> None:
    text = """\
let mei = Mei
template pair(who)
  shot wide 3s
    {{ who }}
  for n in 1..2
    shot near 3s
      {{ who }} {{ n }}

shot first 3s
  First.
scene river
for bank in north, "south bank"
  shot crowd 3s
    {{ bank }}
  use pair(bank) as pair
  for who in mei, 4s, 2
    shot walk 3s
      {{ who }}
use pair(mei)
"""
    assert addresses(tmp_path, text) == [
        "main.first",
        *(
            each.replace("BANK", bank)
            for bank in ("north", "south bank")
            for each in (
                'river.crowd["BANK"]',
                'river.pair["BANK"].wide',
                'river.pair["BANK"].near["1"]',
                'river.pair["BANK"].near["2"]',
                'river.walk["BANK"]["mei"]',
                'river.walk["BANK"]["4s"]',
                'river.walk["BANK"]["2"]',
            )
        ),
        "river.wide",
        'river.near["1"]',
        'river.near["2"]',
    ]


def test_loop_values_stand_for_the_texts_they_name(tmp_path: Path) -> None:
    text = """\
import "b.story" as b
let mei = Mei, a courier
phrase glow()
  G
for who in mei, "mei", the mei, b.tea, glow, 3, 4s
  shot s 3s
    <{{ who }}>
--- b.story
let tea = hot tea
"""
    checked = check_text(tmp_path, HEAD + text)
    assert checked.errors == ['9:3 SB103 two shots have the address `main.s["mei"]`']
    assert [shot.prompt for shot in checked.shots] == [
        "<Mei, a courier>", "<mei>", "<the mei>", "<hot tea>", "<glow>", "<3>", "<4s>",
    ]  # fmt: skip


def test_commas_of_other_scripts_separate_loop_values(tmp_path: Path) -> None:
    assert addresses(tmp_path, "for x in 北，南、东\n  shot s 3s\n    {{ x }}\n") == [
        f'main.s["{x}"]' for x in "北南东"
    ]


def test_quotes_in_a_loop_value_are_escaped_in_the_address(tmp_path: Path) -> None:
    text = 'for x in "a \\"b\\" \\\\"\n  shot s 3s\n    {{ x }}\n'
    assert addresses(tmp_path, text) == ['main.s["a \\"b\\" \\\\"]']


def test_a_range_has_both_ends(tmp_path: Path) -> None:
    assert addresses(tmp_path, "for x in 0..2, 7\n  shot s 3s\n    {{ x }}\n") == [
        f'main.s["{x}"]' for x in (0, 1, 2, 7)
    ]


def test_empty_range_is_an_error(tmp_path: Path) -> None:
    assert errors(tmp_path, "for x in 2..1\n  shot s 3s\n    {{ x }}\n")[0] == "4:10 SB122"


def test_second_shot_with_an_address_is_an_error(tmp_path: Path) -> None:
    text = "template t()\n  shot a 3s\n    X\nscene s\nuse t()\nuse t()\nshot a 3s\n  Y\n"
    checked = check_text(tmp_path, HEAD + text)
    assert [" ".join(line.split()[:2]) for line in checked.errors] == ["9:1 SB103", "10:1 SB103"]
    first, second = (each for each in checked.diagnostics if each.code == "SB103")
    assert [each.span.position.line for each in first.related] == [5, 5, 8]
    assert [each.span.position.line for each in second.related] == [5, 8]


def test_a_scene_given_twice_is_one_error_at_the_second(tmp_path: Path) -> None:
    assert errors(tmp_path, "scene a\nshot s 3s\n  X\nscene a\nshot s 3s\n  Y\n") == ["7:7 SB102"]


def test_shots_before_any_scene_form_the_scene_main(tmp_path: Path) -> None:
    assert errors(tmp_path, "shot s 3s\n  X\nscene main\nshot t 3s\n  Y\n") == ["6:7 SB102"]
    assert addresses(tmp_path, "scene main\nshot t 3s\n  Y\n") == ["main.t"]


def test_inserting_a_shot_changes_no_other_prompt_or_address(tmp_path: Path) -> None:
    text = "scene s\nfor x in a, b\n  shot t 3s\n    {{ x }} {{ shot.name }} {{ scene.name }}\n"
    before = check_text(tmp_path, HEAD + text).prompts
    after = check_text(tmp_path, HEAD + text.replace("for", "shot new 3s\n  New.\nfor", 1)).prompts
    assert before.items() <= after.items()


def test_split_ends_a_job_wherever_it_stands(tmp_path: Path) -> None:
    text = "template t()\n  split\n  shot b 3s\n    B\nshot a 3s\n  A\nuse t()\nshot c 3s\n  C\nsplit\nshot d 3s\n  D\n"
    checked = check_text(tmp_path, HEAD + text)
    assert [(shot.name, shot.split_before) for shot in checked.shots] == [
        ("a", False),
        ("b", True),
        ("c", False),
        ("d", True),
    ]


def test_defaults_are_filled_in_in_their_own_files_scope(tmp_path: Path) -> None:
    text = """\
import "b.story" as b
let city = here
template t(x, y = "{{ city }}")
  shot t 3s
    {{ x }} {{ y }}
use t("{{ city }}")
use b.t("{{ city }}") as b
--- b.story
let city = there
template t(x, y = "{{ city }}", z = city)
  shot t 3s
    {{ x }} {{ y }} {{ z }}
"""
    checked = check_text(tmp_path, HEAD + text)
    assert checked.prompts == {"main.t": "here here", "main.b.t": "here there there"}


def test_arguments_are_strings_durations_numbers_and_names(tmp_path: Path) -> None:
    text = """\
let mei = Mei
template t(a, b, c, d)
  shot t b
    {{ a }} {{ b }} {{ c }} {{ d }}
use t(c = 2.5, a = mei, b = 4s, d = story.title)
"""
    assert check_text(tmp_path, HEAD + text).prompts == {"main.t": "Mei 4s 2.5 Night"}


def test_string_argument_is_filled_in_once(tmp_path: Path) -> None:
    text = 'param p = {{ "{{ x }}" }}\ntemplate t(a)\n  shot t 3s\n    {{ a }}\nuse t("{{ p }}")\n'
    assert check_text(tmp_path, HEAD + text).prompts == {"main.t": "{{ x }}"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('template t(n)\n  shot s n\n    X\nuse t("long")\n', ["7:5 SB113"]),
        ("template t(n)\n  shot s n\n    X\nuse t(5)\n", ["7:5 SB113"]),
        ("let x = long\ntemplate t(n)\n  shot s n\n    X\nuse t(x)\n", ["8:5 SB113"]),
        ("template t(n)\n  shot s n\n    X\ntemplate u(m)\n  use t(m)\nuse u(3)\n", ["9:5 SB113"]),
        ('template t(n = "x")\n  shot s n\n    X\nuse t()\n', ["4:16 SB113"]),
        ("for n in 3s, x\n  shot s n\n    X\n", ["4:14 SB113"]),
        ("let x = long\nshot s x\n  X\n", ["5:8 SB113"]),
        ("shot s x\n  X\n", ["4:8 SB110"]),
        ("phrase x()\n  X\nshot s x\n  X\n", ["6:8 SB111"]),
        ("template t(n)\n  shot s n\n    X\nuse t(nope)\n", ["7:7 SB110"]),
    ],
)
def test_length_that_is_not_a_duration_is_an_error_at_the_call(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert errors(tmp_path, text) == wanted


def test_a_length_may_be_a_name_whose_value_is_a_duration(tmp_path: Path) -> None:
    text = 'let x = 3s\nparam y = {{ x }}\ntemplate t(n)\n  shot c n\n    C\nshot a x\n  A\nshot b y\n  B {{ shot.seconds }}\nuse t(y)\nuse t("{{ x }}") as t\n'
    checked = check_text(tmp_path, HEAD + text)
    assert checked.errors == []
    assert [int(shot.seconds) for shot in checked.shots] == [3, 3, 3, 3]
    assert checked.prompts["main.b"] == "B 3"


def test_the_chain_of_a_shot_is_its_uses_and_loops_innermost_first(tmp_path: Path) -> None:
    text = "template t()\n  shot s 3s\n    .mode pro\ntemplate u()\n  use t()\nfor x in a\n  use u()\n"
    found = check_text(tmp_path, HEAD + text).only("SB310")
    assert found.span.position == (5, 3)
    assert [each.span.position.line for each in found.related] == [8, 10, 9]


def test_loops_make_at_most_ten_thousand_shots(tmp_path: Path) -> None:
    text = "for a in 1..100\n  for b in 1..100\n    shot s 3s\n      {{ a }} {{ b }}\n"
    assert len(check_text(tmp_path, HEAD + text).shots) == 10_000
    checked = check_text(tmp_path, HEAD + text + "use t()\ntemplate t()\n  shot t 3s\n    T\n")
    assert [" ".join(line.split()[:2]) for line in checked.errors] == ["10:3 SB130"]
    assert [each.span.position.line for each in checked.only("SB130").related] == [8]


def test_at_most_two_hundred_thousand_statements_are_expanded(tmp_path: Path) -> None:
    text = "shot s 3s\n  X\ntemplate t()\n  split\n  split\nfor a in 1..{}\n  use t()\n"
    assert errors(tmp_path, text.format(60_000)) == []
    assert errors(tmp_path, text.format(70_000)) == ["10:3 SB130"]


def test_templates_that_multiply_end(tmp_path: Path) -> None:
    text = "".join(f"template t{n}()\n" + f"  use t{n + 1}()\n" * 10 for n in range(40))
    found = errors(tmp_path, text + "template t40()\n  shot s 3s\n    X\nuse t0()\n")
    assert "SB130" in [each.split()[1] for each in found]


def test_a_huge_range_ends_at_its_bound(tmp_path: Path) -> None:
    checked = check_text(tmp_path, HEAD + "for a in 1..999999999999999\n  shot s 3s\n    X{{ a }}\n")
    assert [" ".join(line.split()[:2]) for line in checked.errors] == ["5:3 SB130"]


def test_errors_that_follow_from_a_limit_are_not_shown(tmp_path: Path) -> None:
    text = 'scene a 12s\nfor a in 1..20000\n  shot s 3s\n    X{{ a }}\nscene b\nuse t("x")\ntemplate t(a)\n  shot s 3s\n    {{ a }}\n'
    assert errors(tmp_path, text) == ["6:3 SB130"]


def test_a_deep_row_of_templates_is_a_clear_error(tmp_path: Path) -> None:
    text = "".join(f"template t{n}()\n  use t{n + 1}()\n" for n in range(3000))
    checked = check_text(tmp_path, HEAD + text + "template t3000()\n  shot s 3s\n    X\nuse t0()\n")
    assert [line.split()[1] for line in checked.errors] == ["SB130"]


def test_a_deep_row_of_phrases_is_a_clear_error(tmp_path: Path) -> None:
    text = "".join(f"phrase p{n}(x)\n  {{{{ p{n + 1}((x)) }}}}\n" for n in range(3000))
    checked = check_text(tmp_path, HEAD + text + "phrase p3000(x)\n  X\nshot s 3s\n  {{ p0('y') }}\n")
    assert [line.split()[1] for line in checked.errors] == ["SB308"]
    few = "".join(f"phrase p{n}(x)\n  {{{{ p{n + 1}((x)) }}}}\n" for n in range(40))
    assert errors(tmp_path, few + "phrase p40(x)\n  {{ x }}\nshot s 3s\n  {{ p0('y') }}\n") == []


def test_phrase_calls_are_bounded_at_the_call(tmp_path: Path) -> None:
    text = "".join(f"phrase p{n}()\n  " + f"{{{{ p{n + 1}() }}}}" * 8 + "\n" for n in range(6))
    checked = check_text(tmp_path, HEAD + text + 'phrase p6()\n  {{ "" }}\nshot s 3s\n  {{ p0() }}\nshot t 3s\n  T\n')
    assert [line.split()[1] for line in checked.errors] == ["SB309"]
    assert len(checked.only("SB309").related) >= 5


def test_growing_text_is_stopped_at_its_limit(tmp_path: Path) -> None:
    text = "phrase a(x)\n  " + "{{ x }}" * 20 + "\nshot s 3s\n  {{ a(a(a(a('lantern light')))) }}\n"
    assert errors(tmp_path, text) == ["5:69 SB307"]


def test_total_text_of_a_story_is_bounded(tmp_path: Path) -> None:
    text = (
        "phrase a()\n  " + "x" * 40_000 + "\nfor n in 1..9000\n  shot s 3s\n    A lamp{% if a() == '' %}{% endif %}.\n"
    )
    assert errors(tmp_path, text) == ["5:3 SB307"]


@pytest.mark.parametrize(
    "growing",
    ["'{x}' | replace('x', '{x}')", "'{x}' | replace('', '{x}')", "'{x}' | join('{x}')", "'{x}' | upper"],
)
def test_a_value_is_bounded_before_a_filter_runs(tmp_path: Path, growing: str) -> None:
    expression = growing.replace("{x}", "x" * 4000)
    checked = check_text(tmp_path, HEAD + f"shot s 3s\n  {{{{ {expression} }}}}\n")
    assert "SB307" in checked.codes or len(checked.prompts["main.s"]) <= 50_000


def test_written_shots_are_bounded_only_by_the_file_size(tmp_path: Path) -> None:
    checked = check_text(tmp_path, HEAD + "".join(f"shot s{n} 3s\n  {n}\n" for n in range(10_001)))
    assert (checked.errors, len(checked.shots)) == ([], 10_001)
