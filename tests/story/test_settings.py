"""Section 3 of the language: settings, negatives, the look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storyboard.cards.vendor_words import written_by_storyboard
from tests.support.front import Checked, check_text

SHOT = "shot s 5s\n  A lamp.\n"


def story(*settings: str, model: str = "kirin_v3_t2v") -> str:
    return 'story "T"\n' + "".join(f"  {line}\n" for line in (f".model {model}", *settings))


def errors(checked: Checked) -> list[str]:
    return [" ".join(line.split()[:2]) for line in checked.errors]


def only_shot(folder: Path, text: str) -> Any:
    checked = check_text(folder, text)
    assert checked.errors == []
    return checked.shots[0]


def test_settings_are_inherited_inwards(tmp_path: Path) -> None:
    text = story(".mode pro", ".sound on") + "scene a\n  .sound off\nshot s 5s\n  .mode std\n  A\nshot t 5s\n  B\n"
    first, second = check_text(tmp_path, text).shots
    assert first.parameters == {"mode": "std", "sound": "off"}
    assert second.parameters == {"mode": "pro", "sound": "off"}


def test_unset_setting_is_absent(tmp_path: Path) -> None:
    assert only_shot(tmp_path, story() + SHOT).parameters == {}


def test_setting_spans_name_the_line_that_set_each(tmp_path: Path) -> None:
    shot = only_shot(tmp_path, story(".mode pro", ".watermark on") + "scene a\n  .mode std\n" + SHOT)
    assert {name: span.position.line for name, span in shot.setting_spans.items()} == {"mode": 6, "watermark": 4}


def test_watermark_is_sent_as_an_object_and_only_when_written(tmp_path: Path) -> None:
    assert only_shot(tmp_path, story(".watermark on") + SHOT).parameters == {"watermark": True}
    assert only_shot(tmp_path, story(".watermark off") + SHOT).parameters == {"watermark": False}


@pytest.mark.parametrize(
    ("model", "line", "value"),
    [
        ("kirin_v1_t2v", ".cfg_scale 0.5", {"cfg_scale": 0.5}),
        ("kirin_v1_t2v", ".cfg_scale 1", {"cfg_scale": 1}),
        ("kirin_v1_t2v", '.camera_control {"type": "down_back", "config": {"pan": -1.5}}',
         {"camera_control": {"type": "down_back", "config": {"pan": -1.5}}}),
        ("kirin_v3_t2v", ".aspect_ratio 9:16", {"aspect_ratio": "9:16"}),
        ("kirin_v3_t2v", ".callback_url https://example.org/x?y=1", {"callback_url": "https://example.org/x?y=1"}),
        ("kirin_v3_t2v", ".mode {{ mode }}", {"mode": "pro"}),
        ("kirin_v3_t2v", ".mode   pro  ", {"mode": "pro"}),
    ],
)  # fmt: skip
def test_parameter_is_parsed_by_its_rule(tmp_path: Path, model: str, line: str, value: object) -> None:
    assert only_shot(tmp_path, story(line, model=model) + "param mode = pro\n" + SHOT).parameters == value


@pytest.mark.parametrize(
    ("model", "line", "code"),
    [
        ("kirin_v3_t2v", ".mode fast", "SB205"),
        ("kirin_v3_t2v", ".mode Pro", "SB205"),
        ("kirin_v3_t2v", ".mode", "SB205"),
        ("kirin_v3_t2v", ".sound yes", "SB205"),
        ("kirin_v3_t2v", ".aspect_ratio 4:3", "SB205"),
        ("kirin_v3_t2v", ".watermark true", "SB205"),
        ("kirin_v3_t2v", ".callback_url ftp://x", "SB205"),
        ("kirin_v3_t2v", ".callback_url example.org", "SB205"),
        ("kirin_v1_t2v", ".cfg_scale 1.5", "SB205"),
        ("kirin_v1_t2v", ".cfg_scale half", "SB205"),
        ("kirin_v1_t2v", ".camera_control {a: 1}", "SB205"),
        ("kirin_v1_t2v", ".camera_control [1]", "SB205"),
        ("kirin_v1_t2v", '.camera_control {"a": NaN}', "SB205"),
        ("kirin_v1_t2v", ".camera_control " + '{"a":' * 5000 + "1" + "}" * 5000, "SB205"),
        ("kirin_v3_t2v", ".moed pro", "SB204"),
        ("kirin_v3_t2v", ".cfg_scale 0.5", "SB204"),
        ("kirin_v2_master_t2v", ".mode pro", "SB204"),
        ("kirin_v3_t2v", ".pack all", "SB205"),
        ("kirin_v3_t2v", ".negatives outline", "SB205"),
        ("kirin_v3_t2v", ".budget 12", "SB205"),
        ("kirin_v3_t2v", ".budget 12 EUR", "SB205"),
        ("kirin_v3_t2v", ".prefix", "SB205"),
        ("kirin_v3_t2v", ".negative", "SB205"),
        ("kirin_v3_t2v", ".negative +", "SB205"),
        ("kirin_v3_t2v", ".avoid x", "SB206"),
        ("kirin_v3_t2v", ".take 2", "SB206"),
        *[("kirin_v3_t2v", f".{name} x", "SB207") for name in (*written_by_storyboard(), "watermark_info")],
    ],
)
def test_refused_setting_is_an_error_at_its_line(tmp_path: Path, model: str, line: str, code: str) -> None:
    checked = check_text(tmp_path, story(line, model=model) + SHOT)
    assert errors(checked) == [f"3:3 {code}"], checked.lines


@pytest.mark.parametrize("line", [".take 0", ".take two", ".take -1", ".take 1.5", ".take"])
def test_take_starts_at_one(tmp_path: Path, line: str) -> None:
    assert errors(check_text(tmp_path, story() + f"shot s 5s\n  {line}\n  A\n")) == ["4:3 SB205"]
    assert only_shot(tmp_path, story() + "shot s 5s\n  .take 3\n  A\n").take == 3


def test_budget_is_a_story_setting(tmp_path: Path) -> None:
    assert errors(check_text(tmp_path, story() + "scene a\n  .budget 3 USD\n" + SHOT)) == ["4:3 SB206"]
    checked = check_text(tmp_path, story(".budget 12.50 USD") + SHOT)
    assert checked.story is not None
    assert str(checked.story.budget) == "12.50"


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        (".moed pro", ".mode pro"),
        (".mode prro", ".mode pro"),
        (".Mode pro", ".mode pro"),
        (".mode Pro", ".mode pro"),
        (".model kirin_v3_t2w", ".model kirin_v3_t2v"),
        (".negative_prompt a, b", ".negative a, b"),
        ('.watermark_info {"enabled": true}', ".watermark on"),
        (".watermark onn", ".watermark on"),
        (".negatives inlin", ".negatives inline"),
        (".sufix x", ".suffix x"),
        (".budget 5.00", ".budget 5.00 USD"),
        (".budget $12", ".budget 12 USD"),
        (".budget 7 dollars", ".budget 7 USD"),
        (".budget 7USD", ".budget 7 USD"),
    ],
)
def test_misspelt_setting_has_a_fix(tmp_path: Path, line: str, fixed: str) -> None:
    text = 'story "T"\n' + ("" if "model" in line else "  .model kirin_v3_t2v\n") + f"  {line}\n" + SHOT
    checked = check_text(tmp_path, text)
    fix = checked.diagnostics[0].fix
    assert fix is not None, checked.lines
    for edit in fix.edits:
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert f"  {fixed}\n" in text
    assert check_text(tmp_path, text).errors == []


@pytest.mark.parametrize("others", ["", "  .note x\n  .caption y\n"])
def test_text_beside_a_card_is_moved_below_the_settings(tmp_path: Path, others: str) -> None:
    text = f"shot t 3s\n  .card THE END\n{others}"
    checked = check_text(tmp_path, story() + SHOT + text)
    assert checked.lines[0].endswith("`.card` takes no value: a card shows the text of the shot, not `THE END`")
    fix = checked.only("SB205").fix
    assert fix is not None and not fix.safe
    mended = checked.diagnostics[0].span.source.text
    for edit in reversed(fix.edits):
        mended = mended[: edit.span.start] + edit.text + mended[edit.span.end :]
    assert mended.endswith(f"shot t 3s\n  .card\n{others}  THE END\n")
    assert check_text(tmp_path, mended).errors == []


def test_a_missing_model_is_one_error_at_the_story_line_with_a_fix(tmp_path: Path) -> None:
    text = '# A comment\nstory "T"  # why\n  .mode pro\n' + SHOT + SHOT.replace("s 5s", "t 5s")
    found = check_text(tmp_path, text)
    assert errors(found) == ["2:1 SB201"]
    fix = found.only("SB201").fix
    assert fix is not None
    (edit,) = fix.edits
    assert check_text(tmp_path, text[: edit.span.start] + edit.text + text[edit.span.end :]).errors == []


def test_missing_model_is_fixed_in_crlf_and_at_the_end_of_a_file(tmp_path: Path) -> None:
    for text in ('story "T"\r\n\r\n' + SHOT.replace("\n", "\r\n"), SHOT + 'story "T"'):
        fix = check_text(tmp_path, text).only("SB201").fix
        assert fix is not None
        (edit,) = fix.edits
        mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
        assert check_text(tmp_path, mended).errors == []
        assert mended.count("\r\n") in (0, mended.count("\n"))


def test_each_scene_can_name_its_own_model(tmp_path: Path) -> None:
    text = 'story "T"\nscene a\n  .model kirin_v3_t2v\nshot s 5s\n  A\nscene b\n  .model kirin_v1_t2v\nshot t 5s\n  B\n'
    checked = check_text(tmp_path, text)
    assert checked.errors == []
    assert [shot.model for shot in checked.shots] == ["kirin_v3_t2v", "kirin_v1_t2v"]


def test_unknown_model_is_one_error_without_follow_ups(tmp_path: Path) -> None:
    checked = check_text(tmp_path, story(".mode nonsense", model="kirin_v9") + SHOT)
    assert errors(checked) == ["2:3 SB202"]


def test_inherited_parameter_is_checked_against_the_inner_model(tmp_path: Path) -> None:
    text = story(".mode pro", ".sound on") + "scene a\n  .model kirin_v2_master_t2v\n" + SHOT
    checked = check_text(tmp_path, text)
    assert errors(checked) == ["3:3 SB204", "4:3 SB204"]
    assert checked.diagnostics[0].related[0].span.position.line == 6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (story(".sound on", model="kirin_v2_6_t2v") + SHOT, ["3:3 SB209"]),
        (story(".sound on", ".mode pro", model="kirin_v2_6_t2v") + SHOT, []),
        (story(".mode std", ".sound on", model="kirin_v2_6_t2v") + SHOT, ["4:3 SB209"]),
        (story(".mode pro", ".sound on", model="kirin_v2_6_t2v") + "scene a\n  .mode std\n" + SHOT, ["6:3 SB209"]),
        (story(".mode pro", model="kirin_v2_6_t2v") + "scene a\n  .sound on\n" + SHOT, []),
        (story('.camera_control {"type": "x"}', ".mode pro", model="kirin_v1_t2v") + SHOT, ["3:3 SB209"]),
        (story(".sound on", model="kirin_v3_t2v") + SHOT, []),
    ],
)
def test_setting_that_needs_another_names_it(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert errors(check_text(tmp_path, text)) == wanted


def test_a_missing_need_has_a_fix(tmp_path: Path) -> None:
    text = story(".sound on", model="kirin_v2_6_t2v") + SHOT
    fix = check_text(tmp_path, text).only("SB209").fix
    assert fix is not None
    (edit,) = fix.edits
    assert edit.text == "\n  .mode pro"
    assert check_text(tmp_path, text[: edit.span.start] + edit.text + text[edit.span.end :]).errors == []


def negatives(folder: Path, *lines: str, scene: tuple[str, ...] = (), shot: tuple[str, ...] = ()) -> Any:
    inner = "scene a\n" + "".join(f"  {line}\n" for line in scene)
    own = "shot s 5s\n" + "".join(f"  {line}\n" for line in shot) + "  A lamp.\n"
    return only_shot(folder, story(*lines) + "let two = x, y\nlet word = none\n" + inner + own)


@pytest.mark.parametrize(
    ("settings", "found", "right"),
    [
        ((".negative +a",), "SB351", ".negative + a"),
        ((".negative -a",), "SB351", ".negative - a"),
        ((".negative none, a",), "SB351", ".negative a"),
        ((".negative a, none",), "SB351", ".negative a"),
        ((".negative a", ".negative b"), "SB352", ".negative + b"),
        ((".negative no text",), "SB350", ".negative text"),
        ((".negative a, without people",), "SB350", ".negative a, people"),
    ],
)
def test_misleading_list_is_reported_with_a_fix(
    tmp_path: Path, settings: tuple[str, ...], found: str, right: str
) -> None:
    text = story(*settings) + SHOT
    fix = check_text(tmp_path, text).only(found).fix
    assert fix is not None
    for edit in reversed(fix.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert f"  {right}\n" in text


def test_arabic_commas_separate_a_list(tmp_path: Path) -> None:
    assert negatives(tmp_path, ".negative نص، ناس؛ ضباب").negative.items == ("نص", "ناس", "ضباب")


def test_plus_adds_to_the_look_and_replacing_it_is_a_hint(tmp_path: Path) -> None:
    added = story(".suffix Film grain.") + "scene a\n  .suffix + Moonlight.\n" + SHOT
    checked = check_text(tmp_path, added)
    assert checked.shots[0].prompt == "A lamp. Film grain. Moonlight."
    replaced = check_text(tmp_path, added.replace(".suffix + ", ".suffix "))
    assert replaced.only("SB353").span.position.line == 5
    assert replaced.shots[0].prompt == "A lamp. Moonlight."


def test_the_sentence_of_negatives_follows_a_chinese_prompt(tmp_path: Path) -> None:
    shot = "shot 街 5s\n  .avoid 人群、字幕\n  雨后的街道，灯笼。\n"
    assert only_shot(tmp_path, story() + shot).prompt == "雨后的街道，灯笼。不要出现人群、字幕。"
    japanese = "shot s 5s\n  .avoid 人\n  雨の夜。\n"
    assert only_shot(tmp_path, story() + japanese).prompt.endswith("No 人.")


def test_capfirst_raises_the_first_letter_alone(tmp_path: Path) -> None:
    text = story() + "let mei = a courier called Mei-Lin (4K)\nshot s 5s\n  {{ mei | capfirst }} waits.\n"
    assert only_shot(tmp_path, text).prompt == "A courier called Mei-Lin (4K) waits."


def test_names_of_shots_scenes_and_labels_may_begin_with_a_digit(tmp_path: Path) -> None:
    text = story() + 'template t()\n  shot 12b 3s\n    A lamp.\nscene 2 "River"\nshot 1 5s\n  A boat.\nuse t() as 3rd\n'
    checked = check_text(tmp_path, text)
    assert [shot.address for shot in checked.shots] == ["2.1", "2.3rd.12b"]
    assert errors(check_text(tmp_path, story() + "shot 5s street\n  A\n")) != []


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("0:08-0:15", "7s"), ("[00:08-00:15]", "7s"), ("3-8s", "5s"), ("1m30s", "90s"), ("2 min", "120s"), ("(5s)", "5s"),
        ("~5s", "5s"), ("٤s", "4s"), ("५s", "5s"),
    ],
)  # fmt: skip
def test_a_length_that_can_be_worked_out_has_a_fix(tmp_path: Path, written: str, right: str) -> None:
    text = story() + f"shot street {written}\n  A lamp.\n"
    fixes = [found.fix for found in check_text(tmp_path, text).diagnostics if found.fix is not None]
    (fix,) = fixes
    for edit in reversed(fix.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert f"shot street {right}\n" in text


@pytest.mark.parametrize(
    ("lines", "scene", "wanted"),
    [
        ((".negative a, b",), (), "a, b"),
        ((".negative a，b、c",), (), "a, b, c"),
        ((".negative  a  x ,, b, ",), (), "a x, b"),
        ((".negative a, b, a",), (), "a, b"),
        ((".negative a", ".negative + b", ".negative - a"), (), "b"),
        ((".negative a", ".negative + a, b"), (".negative + b, c",), "a, b, c"),
        ((".negative a, b",), (".negative + c",), "a, b, c"),
        ((".negative a, b",), (".negative - a",), "b"),
        ((".negative a, b",), (".negative none",), ""),
        ((".negative a, b",), (".negative c",), "c"),
        ((".negative a, b",), (".negative none", ".negative + c"), "c"),
        ((".negative {{ two }}, z",), (), "x, y, z"),
        ((".negative + a",), (), "a"),
        ((".negative {{ word }}",), (), "none"),
        ((".negative {{ '- x' }}",), (), "- x"),
        ((".negative +\ta",), (), "a"),
        ((".negative nonesuch",), (), "nonesuch"),
    ],
)
def test_shared_negatives(tmp_path: Path, lines: tuple[str, ...], scene: tuple[str, ...], wanted: str) -> None:
    assert negatives(tmp_path, *lines, scene=scene).negative.joined == wanted


@pytest.mark.parametrize(
    ("lines", "at"),
    [((".negative - a",), 3), ((".negative a", ".negative - b"), 4), ((".negative none", ".negative - a"), 4)],
)
def test_reducing_by_what_is_not_there_is_an_error(tmp_path: Path, lines: tuple[str, ...], at: int) -> None:
    assert errors(check_text(tmp_path, story(*lines) + SHOT)) == [f"{at}:3 SB210"]


def test_negatives_remember_the_last_line_that_added(tmp_path: Path) -> None:
    shot = negatives(tmp_path, ".negative a", ".negative + b", ".negative - a")
    assert shot.negative.span.position.line == 4


def test_own_negative_comes_from_the_line_of_the_shot(tmp_path: Path) -> None:
    assert negatives(tmp_path, ".negative a").own_negative is None
    assert negatives(tmp_path, ".negative a", shot=(".negative + b",)).own_negative.position.line == 8


def test_avoid_is_a_negated_sentence_on_the_prompts_last_line(tmp_path: Path) -> None:
    shot = negatives(tmp_path, ".negative a", ".prefix Pre.", ".suffix Suf.", shot=(".avoid x, y、x",))
    assert shot.prompt == "Pre. A lamp. Suf. No x, no y."
    assert shot.negative.joined == "a"


def test_avoid_sentence_is_in_the_last_paragraph(tmp_path: Path) -> None:
    text = story(".suffix Suf.") + "shot s 5s\n  .avoid x\n  One.\n\n  Two.\n"
    assert only_shot(tmp_path, text).prompt == "One.\nTwo. Suf. No x."


def test_negatives_inline_are_one_sentence_shared_ones_first(tmp_path: Path) -> None:
    shot = negatives(tmp_path, ".negative a, b", ".negatives inline", shot=(".avoid c, a",))
    assert shot.prompt == "A lamp. No a, no b, no c."
    assert shot.negative.items == ()


def test_negatives_both_are_in_the_field_and_the_prompt(tmp_path: Path) -> None:
    shot = negatives(tmp_path, ".negative a", ".negatives both", shot=(".avoid c",))
    assert (shot.prompt, shot.negative.joined) == ("A lamp. No a, no c.", "a")


def test_no_negatives_no_sentence(tmp_path: Path) -> None:
    assert negatives(tmp_path, ".negatives inline").prompt == "A lamp."
    assert negatives(tmp_path, ".negative a", ".negatives inline", scene=(".negative none",)).prompt == "A lamp."


@pytest.mark.parametrize("more", [(), (".negatives both",), (".negatives field",)])
def test_a_model_without_negatives_is_an_error_whose_fix_is_inline(tmp_path: Path, more: tuple[str, ...]) -> None:
    text = story(".negative a", *more, model="kirin_v2_1_master_t2v") + SHOT
    checked = check_text(tmp_path, text)
    assert errors(checked) == ["3:3 SB211"]
    fix = checked.only("SB211").fix
    assert fix is not None
    (edit,) = fix.edits
    mended = check_text(tmp_path, text[: edit.span.start] + edit.text + text[edit.span.end :])
    assert mended.errors == []
    assert mended.prompts == {"main.s": "A lamp. No a."}


@pytest.mark.parametrize(
    ("outer", "inner", "wanted"),
    [
        ((".prefix A", ".suffix B"), (), "A lamp. B"),
        ((".prefix A", ".suffix B"), (".prefix none",), "lamp. B"),
        ((".prefix A", ".suffix B"), (".suffix none", ".prefix C"), "C lamp."),
        ((".prefix 胶片。",), (".suffix 中",), "胶片。 lamp.中"),
        ((".prefix {{ two }}",), (), "x, y lamp."),
        ((".prefix {{ word }}",), (), "none lamp."),
    ],
)
def test_prefix_and_suffix_are_lines_around_the_text(
    tmp_path: Path, outer: tuple[str, ...], inner: tuple[str, ...], wanted: str
) -> None:
    text = (
        story(*outer)
        + "let two = x, y\nlet word = none\nshot s 5s\n"
        + "".join(f"  {line}\n" for line in inner)
        + "  lamp.\n"
    )
    assert only_shot(tmp_path, text).prompt == wanted


@pytest.mark.parametrize(
    "text",
    ["  .prefix A\n  .avoid x\n", "  .prefix A\n  {{ '' }}\n", "  {% if false %}x{% endif %}\n", "  {{ '\u00a0' }}\n"],
)
def test_prompt_with_only_prefix_and_suffix_counts_as_empty(tmp_path: Path, text: str) -> None:
    assert errors(check_text(tmp_path, story() + "shot s 5s\n" + text)) == ["3:1 SB310"]


def test_pack_is_inherited(tmp_path: Path) -> None:
    checked = check_text(
        tmp_path, story(".pack shot") + "scene a\nshot s 5s\n  A\nscene b\n  .pack auto\nshot t 5s\n  B\n"
    )
    assert [shot.pack for shot in checked.shots] == ["shot", "auto"]


def test_a_mistake_in_a_templates_setting_shows_the_use(tmp_path: Path) -> None:
    text = story() + 'template t(m)\n  shot s 5s\n    .mode {{ m }}\n    A lamp.\nuse t("fast")\n'
    found = check_text(tmp_path, text).only("SB205")
    assert found.span.position == (5, 5)
    assert [each.span.position.line for each in found.related] == [7]


def test_settings_of_an_unused_template_are_checked(tmp_path: Path) -> None:
    text = (
        story()
        + SHOT
        + "template t(m)\n  shot t 5s\n    .moed {{ m }}\n    .duration 5\n    .budget 3 USD\n    {{ m }}\n"
    )
    assert errors(check_text(tmp_path, text)) == ["7:5 SB204", "8:5 SB207", "9:5 SB206"]


def test_contributions_add_up_to_the_prompt(tmp_path: Path) -> None:
    text = (
        story(".suffix 35mm film grain.", ".prefix Film.")
        + "let mei = Mei, " + "a young woman, " * 20 + "\nphrase p(x)\n  {{ x }} " + "walks. " * 10 + "\n"
        + "scene a\n  The street.\nshot s 5s\n  .avoid x\n  {{ mei }} {{ scene.text }} {{ p('It') }} {{ mei }} {% if mei %}{{ 'more' }}{% endif %}\n"
    )  # fmt: skip
    shot = only_shot(tmp_path, text)
    assert sum(share.length for share in shot.shares) == len(shot.prompt)
    assert [(share.what, share.span.position.line) for share in shot.shares if share.length > 12] == [
        ("{{ mei }}", 5),
        ("{{ p(…) }}", 6),
        (".suffix", 3),
    ]


def test_shares_are_kept_only_near_a_limit(tmp_path: Path) -> None:
    assert only_shot(tmp_path, story() + "shot s 5s\n  " + "x" * 460 + "\n").shares == ()
    assert len(only_shot(tmp_path, story() + "shot s 5s\n  " + "x" * 461 + "\n").shares) == 1


def test_negatives_sentence_is_attributed_to_the_line_of_the_shot(tmp_path: Path) -> None:
    text = story(".negative crowds", ".negatives inline") + "shot s 5s\n  .avoid text\n  " + "x" * 470 + "\n"
    shares = only_shot(tmp_path, text).shares
    assert [(share.what, share.span.position.line) for share in shares[1:]] == [("the sentence of 2 negatives", 6)]
