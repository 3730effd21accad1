"""Lines as they are pasted into stories: none of them reaches a prompt without a word at that line."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.diagnostics import Severity
from storyboard.diagnostics.edits import edited
from tests.support.front import check_text
from tests.support.honest_prompts import HONEST
from tests.support.pasted_documents import DOCUMENTS, LINES
from tests.support.pasted_documents import PROSE as MORE_PROSE
from tests.support.unseen_lines import PASTED

HEAD = 'story "T"\n  .model kirin_v3_t2v\n\nlet mei = Mei, a courier in a red coat\n\n'
WORDS = ("A wet street at night", "雨后的街道", "شارع مبتل", "रात की सड़क", "רחוב רטוב", "Mei walks, slowly")

SHOT_WORDS = (
    "Shot",
    "SHOT",
    "Scene",
    "Clip",
    "Frame",
    "镜头",
    "场景",
    "カット",
    "لقطة",
    "שוט",
    "शॉट",
    "Escena",
    "Einstellung",
)
LABELS = (
    "Negative prompt",
    "negative",
    "Avoid",
    "负面提示词",
    "ネガティブプロンプト",
    "السلبي",
    "नकारात्मक",
    "Negative Prompts",
)
LENGTHS = ("Duration", "duration", "Length", "时长", "Dauer", "المدة", "अवधि", "Time code")
SETTINGS = ("model", "Model", "aspect ratio", "Aspect Ratio", "seed", "FPS", "Resolution", "画幅", "cfg scale")
BESIDE = (
    "Dialogue",
    "Voice-over",
    "VO",
    "V.O.",
    "Caption",
    "Subtitle",
    "On-screen text",
    "SFX",
    "Music",
    "旁白",
    "台词",
    "字幕",
    "حوار",
)
MARKS = ("- ", "* ", "• ", "1. ", "2) ", "> ", "### ", "- [ ] ", "(3) ")
NOTES = (
    "<!-- ask Jo -->",
    "[[ask Jo]]",
    "{# ask Jo #}",
    "// ask Jo",
    "/* ask Jo */",
    "Note: ask Jo",
    "TODO: ask Jo",
    "备注：问乔",
    "Director's note: ask Jo",
)


FAMILIES: dict[str, list[str]] = {
    "titles": [
        form.format(word=word, number=number, text=text)
        for word, number, text in product(SHOT_WORDS, (1, 12), WORDS[:2])
        for form in ("{word} {number}: {text}", "{word} {number} (4s)", "**{word} {number}** {text}", "{word} #{number} - {text}")
    ],
    "headings of scripts": [
        *(f"{start} {place} - {time}" for start in ("INT.", "EXT.", "INT./EXT.", "EST.") for place in ("KITCHEN", "A ROOF") for time in ("DAY", "NIGHT")),
        "CUT TO:", "FADE OUT.", "FADE IN:", "SMASH CUT TO:", "DISSOLVE TO:", "MEI (V.O.)", "MEI (CONT'D)", "THE OLD MAN (O.S.)", "MEI",
    ],
    "time codes": [
        form.format(text=text)
        for text in WORDS[:3]
        for form in (
            "[00:00-00:05] {text}", "0:08-0:15 {text}", "00:01 - {text}", "(0:03–0:07) {text}", "[00:12] {text}",
            "0-3s: {text}", "3-8s {text}", "5s: {text}", "(4s) {text}", "00:00:05 --> 00:00:08", "[3s] {text}", "0:00 to 0:04 {text}",
        )
    ],
    "labels": [
        *(form.format(label=label) for label in LABELS for form in ("{label}: blurry, text", "{label}：模糊", "**{label}:** blurry", "- {label}: blurry", "{label} = blurry")),
        *(form.format(label=label) for label in LENGTHS for form in ("{label}: 5s", "**{label}:** 5 seconds", "{label}：5秒")),
        *(form.format(label=label) for label in SETTINGS for form in ("{label}: x", "**{label}:** x", "- {label}: x")),
        *(f"{label}: Hello there." for label in BESIDE),
        *(f"{label}: A street." for label in ("Prompt", "Positive prompt", "Visual prompt", "提示词", "Description", "プロンプト")),
        "avoid smiling", "Avoid crowds.", "else", "else:", "if rain:", "if mood == dark", "endif",
    ],
    "markdown": [
        *(mark + text for mark in MARKS for text in WORDS),
        "---", "***", "___", "```", "```yaml", "~~~", "A **bold** street.", "A *soft* light.", "__Wide__ street", "`street`",
        "[the look](https://example.test/look)", "![a](b.png)", "See https://example.test/look", "| 1 | A street | 5s |", "|---|---|",
        "<b>Wide</b> street", "A street<br>", "A street &amp; a lamp", "🎬 Wide street", "📷 Camera: slow",
    ],
    "data": [
        '"prompt": "A street",', '{"prompt": "A street", "duration": 5}', "{", "}", "],", '"A street",', "'prompt': 'A street'",
        "1,A street,5", "1;A street;5", '"1","A street","5"', "1\tA street\t5s", "A street\tnight\t5", "shot_type: wide", "scene,shot,prompt,seconds",
        "prompt: |", "- shot_id: 3", "[]", "[{", "a;b;c",
    ],
    "notes": [*NOTES, "A street. <!-- approved -->", "A street [[brass]]", "FIXME the lamp", "lorem ipsum dolor"],
    "references": [
        "@Image1 defines her.", "@图片2 的构图", "She enters <<<image_2>>>.", "[From image] a street", "将@视频1延长5s", "as in [Image 3]", "<image_1> walks",
        "@image walks", "参考图片的构图", "@Video 2 moves", "use [reference image]",
    ],
    "flags": [
        "A street --ar 16:9", "A street --v 6 --style raw", "--no text", "a (lamp:1.3) glows", "<lora:film:0.8>", "street::2 lamp::1", "A street --seed 42",
    ],
    "braces": ["{mei} waits.", "${mei} waits.", "@mei waits.", "<mei> waits.", "[mei] waits.", "%mei% waits.", "$mei waits.", "{ mei } waits."],
    "statements": ["shot bench 5s", "shot bench 5 s", "shot bell", "shot 3 4s", "scene river", "use reveal(mei)", "split", 'scene river "The river"', "let x = y", "import \"a.story\""],
    "chatter": [
        "Here is your storyboard:", "Sure! Here's a storyboard:", "Let me know if you want changes.", "以下是分镜：", "好的，这是您的分镜。", "Below is the script.",
        "I hope this helps!", "Would you like another version?", "Feel free to adjust.", "Certainly! The shots:", "Here are 5 shots:", "[INSERT NAME] walks", "<your product> glows",
    ],
    "invisible": ["A\u200b street", "A \u202estreet", "A\u2060 street", "soft\u00adly", "\ufeffA street", "A \u2066lamp\u2069", "A lamp\U000e0041"],
    "trailing comments": ["A street. # ask Jo", "A street. // keep it short", "A street #  later"],
}  # fmt: skip

PROSE = [
    "A wet street at night, no people, no text.", "#1a1a1a walls, #sunset light.", "She says: “Hello.”", 'He shouts "Stop", and runs.', '"Hello," she says.',
    "Camera: slow push-in. Lighting: soft. Style: 35mm film.", "At 12:30 the clock strikes; nobody moves.", "12 lanterns hang over 3 boats.", "1,000 lanterns drift.",
    "A 16:9 painting of a 4:3 screen.", "Mid-shot, eye-level, f/2.8, 24-70mm lens.", "Red & white; black/white, and/or grey.", "She waits (alone) by the gate.",
    "A man in a T-shirt — tired, wet — smiles.", "1970s New York, 80s-style neon.", "Shot on 35mm film, scene lit by candles.", "A scene of quiet after the storm.",
    "Clip-on lights; frame filled with smoke.", "镜头缓慢推近，雨夜的街道。", "画面中央是一盏灯笼。", "第一场雪落下。", "镜头一转，少年回头。", "雨の夜。提灯が揺れる。", "شارع مبتل بعد المطر.",
    "To avoid the rain she runs.", "If it rains, the lamps glow.", "else nobody would know", "The model walks; her duration of stillness is long.", "Note the lamp in the corner.",
    "Dialogue between two cats, silent.", "Music plays from a radio.", "Text on a shop sign reads OPEN.", "A sign reads \"EXIT\".", "C'est la nuit. Todo el mundo baila.", "Cut-out paper figures.",
    "Take a look: the sea.", "One. Two. Three.", "A & B walk @ dusk?", "50% fog, 3–5 lamps, 2x speed.", "{braces} and signs like #5 need no escape.", "A “quoted” word, an 'inner' one.",
    "Her name is Mei-Lin (Mei for short).", "Wide: a street. Close: a face.", "Plan B fails; panel doors open.", "Time stops. Location unknown.", "A beat - then silence.", "Over-the-shoulder shot of Mei.",
    "Sure-footed goats climb.", "Here the river bends.", "Let the camera rest on it.", "For a moment, nothing.", "a hand, a ring, a coin", "red,green and blue lamps", "Fade to warm tones; dissolve of mist.",
]  # fmt: skip
"""What authors write: nothing is said of it."""


NOT_MEANT = [
    line
    for documents in DOCUMENTS.values()
    for document in documents
    for line in document.split("\n")
    if not line.startswith("= ")
]
"""The lines of whole documents that were not meant as a prompt."""


UNSEEN = [line for lines in PASTED.values() for line in lines]


def told_at(folder: Path, text: str, line: int) -> list[str]:
    found = check_text(folder, text).diagnostics
    return [each.rule.code for each in found if each.severity is not Severity.HINT and each.span.position.line == line]


def story_with(line: str, where: int) -> tuple[str, int]:
    """A valid story with a line put into a shot's text, and the number of that line."""
    body = ["  {{ mei }} crosses the yard.", "  Warm light, soft shadows."]
    body.insert(where, f"  {line}")
    text = HEAD + "shot yard 5s\n" + "\n".join(body) + "\n\nshot door 4s\n  A door.\n"
    return text, HEAD.count("\n") + 2 + where


def test_every_pasted_line_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried, silent = 0, []
    for family, lines in {**FAMILIES, **PASTED, "lines": LINES, "documents": NOT_MEANT}.items():
        for number, line in enumerate(lines):
            text, at = story_with(line, number % 3)
            tried += 1
            if not told_at(tmp_path, text, at):
                silent.append(f"{family}: {line}")
    with capsys.disabled():
        print(f"\nlines tried: {tried}, lines silent: {len(silent)}")  # noqa: T201
    assert silent == []


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("A man coils rope --ar 16:9 --seed 42", ["--ar", "--seed"]),
        ("A (lamp:1.3) glows, <lora:film:0.8>, a **bold** street.", ["(lamp:1.3)", "<lora:film:0.8>", "**bold**"]),
        ("@Image1 walks into <<<image_2>>>.", ["@Image1", "<<<image_2>>>"]),
        ("A street <!-- approved --> at night. FIXME the lamp", ["<!-- approved -->", "FIXME"]),
        ("The look of https://example.test/look and the sea", ["https://example.test/look"]),
        ("A horn sounds. Aspect ratio: 16:9. Gulls rise.", ["Aspect ratio: 16:9"]),
        ("A horn sounds. Style: noir. Resolution: 1080p", ["Resolution: 1080p"]),
        ("A horn sounds! Negative prompt: hands, text. Gulls rise.", ["Negative prompt: hands, text"]),
        ("雨夜的街道。旁白：她来了。", ["旁白：她来了"]),
        ("A horn sounds. Model: Kling 2.1", ["Model: Kling 2.1"]),
        ("A horn sounds. (slow) Voiceover: He was late.", ["Voiceover: He was late"]),
        ("Camera: slow dolly. Lighting: soft. Seed: 42.", ["Seed: 42"]),
    ],
)
def test_what_stands_inside_a_line_is_reported_at_its_place(tmp_path: Path, line: str, places: list[str]) -> None:
    text, at = story_with(line, 1)
    found = check_text(tmp_path, text).diagnostics
    assert [each.span.text for each in found if each.span.position.line == at] == places


@pytest.mark.parametrize(
    "line",
    [
        "Two clocks. Time: midnight.",
        'A sign reads "Stop. Warning: high voltage".',
        'A poster reads "Tonight. Music: The Lanterns".',
        "A tall woman enters. Model: poised, in a red coat.",
        "Rain falls. No: it pours.",
        "One take. Shot: wide, from below.",
        "She turns. Line: a thin red thread leads away.",
    ],
)
def test_sentence_that_begins_like_a_label_is_no_label(tmp_path: Path, line: str) -> None:
    text, at = story_with(line, 1)
    assert told_at(tmp_path, text, at) == []


def test_fix_moves_what_to_avoid_out_of_a_sentence(tmp_path: Path) -> None:
    line = "A horn sounds. Avoid: hands, text. Gulls rise."
    text, _ = story_with(line, 0)
    [found] = check_text(tmp_path, text).diagnostics
    assert found.fix is not None
    mended = edited(found.span.source, found.fix.edits)
    assert "  .avoid hands, text\n  A horn sounds. Gulls rise.\n" in mended
    assert not check_text(tmp_path, mended).diagnostics


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_pasted_line_is_reported_except_prose(tmp_path: Path, kind: str) -> None:
    silent, told = [], []
    for document in DOCUMENTS[kind]:
        lines = document.split("\n")
        body = "".join(f"  {line.removeprefix('= ')}\n" for line in lines)
        text = HEAD + "shot yard 5s\n  {{ mei }} crosses the yard.\n" + body + "\nshot door 4s\n  A door.\n"
        found = {
            each.span.position.line
            for each in check_text(tmp_path, text).diagnostics
            if each.severity is not Severity.HINT
        }
        for number, line in enumerate(lines, HEAD.count("\n") + 3):
            if line.startswith("= ") and number in found:
                told.append(line)
            if not line.startswith("= ") and number not in found:
                silent.append(line)
    assert (silent, told) == ([], [])


@pytest.mark.parametrize("braces", ["${hero}", "#{hero}", "{0}", "{}", "${ hero.name }"])
def test_braces_of_another_template_language_are_reported(tmp_path: Path, braces: str) -> None:
    [found] = check_text(
        tmp_path, HEAD + f"shot yard 5s\n  Here {braces} crosses the yard, past {{{{ mei }}}}.\n"
    ).diagnostics
    assert (found.code, found.span.text) == ("SB337", braces)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        (".suffix {mei} waits", "SB336"),
        (".suffix a street --ar 16:9", "SB339"),
        (".prefix @Image1.", "SB338"),
        (".suffix Negative prompt: blurry", "SB335"),
        (".avoid smiling # ask Jo", "SB344"),
    ],
)
def test_text_sent_by_a_setting_is_checked(tmp_path: Path, setting: str, code: str) -> None:
    text = HEAD + f"shot yard 5s\n  {setting}\n  {{{{ mei }}}} crosses the yard.\n"
    assert [found.code for found in check_text(tmp_path, text).diagnostics] == [code]


def test_text_of_an_imported_file_is_checked(tmp_path: Path) -> None:
    (tmp_path / "house.story").write_text("let grain = 35mm film <!-- ask Jo -->\n", encoding="utf-8")
    text = 'story "T"\n  .model kirin_v3_t2v\n\nimport "house.story"\n\nshot yard 5s\n  A yard, {{ grain }}.\n'
    [found] = check_text(tmp_path, text).diagnostics
    assert (found.code, found.span.source.path.name) == ("SB330", "house.story")


@pytest.mark.parametrize(
    "hidden",
    [
        "\n# shot window 4s\n",
        "# shot window 4s\n",
        "\n# old\n# shot window 4s\n",
        "\n# shot window 4s\n# 35mm\n",
        "\n# shot window 4s\n\n",
        "\n## Window\n",
        "\n# Shot 3: window\n",
        "\n# 镜头3\n",
        '\n# scene river "The river"\n',
    ],
)
def test_comment_that_hides_a_header_is_reported(tmp_path: Path, hidden: str) -> None:
    text = HEAD + "shot plate 5s\n  {{ mei }} sets down a plate.\n" + hidden + "  A man looks out.\n"
    assert [found.code for found in check_text(tmp_path, text).diagnostics] == ["SB347"]


@pytest.mark.parametrize(
    "comment", ["# a note\n", "\n# a note\n", "# shot of the day\n", "\n# the scene is dark here\n"]
)
def test_text_continues_after_an_ordinary_comment(tmp_path: Path, comment: str) -> None:
    text = HEAD + "shot plate 5s\n  {{ mei }} sets down a plate.\n" + comment + "  A man looks out.\n"
    assert check_text(tmp_path, text).diagnostics == ()


def test_fix_of_a_negative_line_adds_no_second_avoid(tmp_path: Path) -> None:
    body = "shot yard 5s\n  .avoid rain\n  {{ mei }} waits.\n  Negative prompt: blurry\n"
    assert check_text(tmp_path, HEAD + body).only("SB335").fix is None


def test_every_line_with_invisible_characters_is_reported(tmp_path: Path) -> None:
    body = "shot yard 5s\n  {{ mei }} wa\u200bits.\n  Warm light.\n  A\u2028lamp.\n"
    found = check_text(tmp_path, HEAD + body).diagnostics
    assert [(each.code, each.span.position.line) for each in found] == [("SB345", 7), ("SB345", 9)]


@pytest.mark.parametrize("line", [*PROSE, *MORE_PROSE])
def test_prose_has_no_findings(tmp_path: Path, line: str) -> None:
    text, at = story_with(line, 1)
    assert told_at(tmp_path, text, at) == []


def test_ordinary_prompts_have_no_findings(tmp_path: Path) -> None:
    told = []
    for line in HONEST:
        text, at = story_with(line, 1)
        alone = HEAD + f"shot yard 5s\n  {line}\n\nshot door 4s\n  {{{{ mei }}}} waits.\n"
        if told_at(tmp_path, text, at) or told_at(tmp_path, alone, HEAD.count("\n") + 2):
            told.append(line)
    assert told == []


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"invisible", "trailing comments"}))
def test_text_in_braces_is_intended(tmp_path: Path, family: str) -> None:
    for line in FAMILIES[family][:10]:
        if '"' in line or "\\" in line:
            continue
        text, at = story_with(f'{{{{ "{line}" }}}}', 1)
        assert told_at(tmp_path, text, at) == [], line


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*(line for lines in FAMILIES.values() for line in lines), *NOT_MEANT, *UNSEEN]),
    st.integers(0, 2),
    st.sampled_from(["", " ", "   "]),
)
def test_pasted_line_is_reported_at_any_place_and_indent(
    tmp_path_factory: pytest.TempPathFactory, line: str, where: int, more: str
) -> None:
    text, at = story_with(more + line if where else line, where)
    assert told_at(tmp_path_factory.mktemp("p"), text, at), line


@pytest.mark.parametrize(
    "line", ["2) A door opens.", "Camera: slow push-in.", "Music: soft piano.", "use reveal(mei)", "split"]
)
def test_no_fix_turns_an_unintended_line_into_prompt_text(tmp_path: Path, line: str) -> None:
    text, at = story_with(line, 1)
    [found] = [each for each in check_text(tmp_path, text).diagnostics if each.span.position.line == at]
    assert found.fix is None


def test_a_statement_moves_with_the_text_below_it(tmp_path: Path) -> None:
    text, at = story_with("shot bench 5s", 1)
    [found] = [each for each in check_text(tmp_path, text).diagnostics if each.span.position.line == at]
    assert found.fix is not None
    assert check_text(tmp_path, edited(found.span.source, found.fix.edits)).prompts == {
        "main.yard": "Mei, a courier in a red coat crosses the yard.",
        "main.bench": "Warm light, soft shadows.",
        "main.door": "A door.",
    }
