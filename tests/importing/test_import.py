"""Scripts and shot lists of many kinds become stories: without errors, without a lost word, and never over a file."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from storyboard import Run
from storyboard.diagnostics import Severity
from storyboard.errors import UsageError
from storyboard.importing.labels import FIELD_LABELS, Field, field_of, words
from storyboard.importing.source_formats import READERS, decode_text
from storyboard.importing.story_text import ImportedStory
from storyboard.project.import_file import import_bytes
from storyboard.source import Source
from storyboard.story.checks.pasted_labels import known_labels
from storyboard.syntax import format_source
from tests.support.cli import Cli

SOURCES = sorted((Path(__file__).parent / "sources").iterdir())
LABELS = {
    word
    for label in known_labels().keys() | frozenset().union(*map(words, FIELD_LABELS.values()))
    for word in re.findall(r"\w+", label)
}
OTHER_LABELS = sorted((label for label in LABELS if not label.isascii()), key=len, reverse=True)
MARKS = words(
    "int|ext|est|cont|d|s|sec|seconds|secs|sequence|field|value|true|false|json|text|shot|shots|scene|scenes|storyboard|null|"
    "none|amp|imagine|sek|分镜脚本|ws|cu|ms|ots|pov|project|continuity|第一幕|第二幕|스토리보드|ثوان|сек"
)
"""Words that a source needs and a story does not."""


def imported(path: Path) -> ImportedStory:
    return import_bytes(path.name, path.read_bytes(), Run(["x.story"]), Path("/nowhere/x.story"))


@pytest.fixture(params=SOURCES, ids=lambda path: path.name)
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_are_sources_of_every_kind() -> None:
    assert len(SOURCES) >= 40
    assert {path.suffix for path in SOURCES} >= {".fountain", ".fdx", ".csv", ".tsv", ".json", ".jsonl", ".md", ".txt"}


def test_every_source_becomes_a_story_that_lints(source: Path) -> None:
    story = imported(source)
    worse = [found for found in story.findings if found.severity is not Severity.HINT]
    assert worse == [], [found.message for found in worse]
    assert format_source(Source(Path("/x.story"), story.text)) == story.text
    lines = decode_text(source.read_bytes()).text.count("\n") + 1
    assert all(0 <= kept.line <= lines for kept in story.kept)


def is_kept(word: str, written: str) -> bool:
    """Whether a word is in the story; labels and numbers need not be. Where words have no ends, labels are cut off."""
    if word in written or word in LABELS | MARKS or any(sign.isdecimal() for sign in word):
        return True
    if word.isascii():
        return False
    rest = word
    for label in OTHER_LABELS:
        rest = rest.replace(label, "")
    return len(rest) < 2 or rest in written


def test_no_word_of_a_source_is_lost(source: Path) -> None:
    story = imported(source)
    text = re.sub(r"<[^<>]*>|<!--|-->|\[x\]|https?://\S+", " ", decode_text(source.read_bytes()).text)
    written = re.sub(r"\{\{ (\w+) \}\}", r"\1", story.text).casefold()
    lost = {word for word in re.findall(r"[^\W_]+", text.casefold()) if not is_kept(word, written)}
    assert lost == set()


def lines_of(name: str) -> list[str]:
    return imported(Path(__file__).parent / "sources" / name).text.splitlines()


def test_a_screenplay_becomes_scenes_shots_and_spoken_words() -> None:
    lines = lines_of("ferry.fountain")
    assert 'scene kitchen "INT. KITCHEN - NIGHT"' in lines
    assert "  .prefix Interior, kitchen, night." in lines
    assert "let mei = Mei, 30s, in a red coat" in lines
    assert "  A woman, {{ mei }}, sets down a plate." in lines
    assert "  .say Mei: Wait for me." in lines
    assert "  .note brass, not steel" in lines
    assert "  .caption THE END" in lines
    assert "shot 1 shot_length" in lines, "only the author knows how long it lasts"


def test_a_table_becomes_shots_with_lengths_negatives_and_words() -> None:
    lines = lines_of("shot_list.csv")
    assert [line for line in lines if re.match(r"shot \d \ds", line)] == ["shot 1 5s", "shot 2 3s", "shot 3 4s"]
    assert "  .cut 2.5s" in lines
    assert "  .avoid blurry, text" in lines
    assert "  .caption SUZHOU" in lines
    assert "  .say Mei: Wait for me." in lines
    assert '  {{ ".mode" }} is a word' in lines


def test_chinese_columns_are_known() -> None:
    lines = lines_of("chinese_tabs.tsv")
    assert [line for line in lines if line.startswith("shot ")] == ["shot 1 4s", "shot 2 3s", "shot 3 5s"]
    assert "  .negative 模糊, 文字" in lines
    assert "  .caption 苏州" in lines
    assert "  .say 是谁？" in lines


def test_times_become_lengths() -> None:
    for name, lengths in {
        "merged_cells.csv": ["3s", "3s", "4s", "2s"],
        "table_with_times.md": ["3s", "4s", "3s"],
        "only_starts.csv": ["3s", "4s", "shot_length"],
        "time_codes.txt": ["5s", "3s", "4s"],
        "bold_shots.md": ["3s", "2s", "4s"],
        "plain_seconds.txt": ["3s", "4s", "3s"],
        "storyboard_key.json": ["5s", "7s"],
        "numbered_list.md": ["5s", "shot_length", "3s"],
        "arabic.csv": ["5s", "4s"],
        "short_names.csv": ["4s", "4s", "3s"],
        "inch_marks.tsv": ["5s", "3s", "4s"],
        "lengths_first.txt": ["5s", "4s", "3s"],
        "numbered_in_scenes.md": ["3s", "3s", "4s"],
        "chinese.md": ["4s", "3s", "5s"],
    }.items():
        found = [line.split(" ")[2] for line in lines_of(name) if line.startswith("shot ")]
        assert found == lengths, name


def test_every_shot_of_a_source_is_one_of_the_story() -> None:
    for name, headers in {
        "fences_in_list.md": ["1 5s", "2 4s", "3 6s"],
        "word_processor.txt": ["1 5s", "2 3s", "3 7s"],
        "titles_in_bold.md": ["1 4s", "2 6s", "3 10s"],
        "length_after_number.txt": ["1 3s", "2 4s", "3 3s"],
        "emoji_labels.txt": ["1 5s", "2 4s"],
        "checkboxes.md": ["01 5s", "02 3s", "03 6s"],
        "lettered.txt": ["a 3s", "b 2s", "c 4s", "a 3s", "b 5s"],
        "full_width_digits.txt": ["1 5s", "2 4s", "3 6s"],
        "dotted_numbers.md": ["1-1 4s", "1-2 5s", "1-3 2s", "2-1 5s", "2-2 3s"],
        "settings_in_prompts.md": ["1 8s", "2 6s"],
        "start_times.txt": ["1 3s", "2 4s", "3 5s", "4 shot_length"],
        "frame_codes.txt": ["1 5s", "2 5s", "3 3s"],
        "data_in_chat.md": ["1 5s", "2 4s"],
        "arabic_table.md": ["1 5s", "2 4s", "3 6s"],
        "hindi.csv": ["1 5s", "2 4s"],
        "korean_table.md": ["1 5s", "2 4s"],
        "russian.txt": ["1 5s", "2 4s", "3 6s"],
        "portuguese.csv": ["1 5s", "2 4s"],
        "headings_in_list.md": ["1 6s", "2 4s", "3 5s"],
        "generation_parameters.txt": ["1 shot_length", "2 shot_length"],
        "two_columns.txt": ["1 shot_length", "2 shot_length", "3 shot_length"],
        "bare_numbers.txt": ["1 shot_length", "2 shot_length", "3 shot_length"],
        "shots_by_name.json": ["shot-1 6s", "shot-2 4s"],
        "short_columns.csv": ["a 5s", "b 3s", "a 7s"],
        "lengths_between.md": ["1 4s", "2 2s", "3 5s"],
        "pipe_lines.txt": ["1 4s", "2 2s", "3 5s"],
        "typed_by_hand.txt": ["1 5s", "2 4s", "3 3s", "4 2s"],
        "bracketed.txt": ["1 5s", "2 4s"],
        "labelled_blocks.txt": ["1 5s", "2 4s"],
        "scenes_in_bold.md": ["1 6s", "2 5s"],
        "arabic_chat.md": ["1 5s", "2 4s"],
        "spanish.md": ["1 5s", "2 4s", "3 6s"],
        "german.csv": ["totale 5s", "nah 3s"],
        "table_in_chat.md": ["1-hook 3s", "2-build 6s", "3-payoff 6s"],
    }.items():
        found = [line.removeprefix("shot ") for line in lines_of(name) if line.startswith("shot ")]
        assert found == headers, name


def prompts_of(name: str) -> list[str]:
    """The lines of a source's story that are sent: texts of shots."""
    lines = lines_of(name)
    begin = next(index for index, line in enumerate(lines) if line.startswith("shot "))
    return [line.strip() for line in lines[begin:] if line.startswith("  ") and not line.startswith("  .")]


def test_only_what_is_seen_is_in_a_prompt() -> None:
    for name, prompts in {
        "fences_in_list.md": [
            "A drone shot over a frozen lake at sunrise, cracks in the ice.",
            "A figure skater in a yellow coat traces a circle, blades hissing.",
            "The skater waves; the camera rises into fog.",
        ],
        "midjourney_flags.txt": [
            "Neon alley in the rain, lone samurai, reflections.",
            "Samurai draws his sword, close on hands",
            "Wide of the city, dawn breaking",
        ],
        "word_processor.txt": [
            "The harbour at night, boats rocking",
            "A rope creaks — close-up",
            "She walks down the pier, doesn’t look back",
        ],
        "length_after_number.txt": [
            "A cat on a windowsill, tail flicking",
            "It leaps at a moth",
            "Curtain falls over the lens",
        ],
        "checkboxes.md": [
            "Runners crouch at the line, breath in cold air",
            "Gun fires. Shoes explode off blocks",
            "Finish tape snaps, arms wide",
        ],
        "settings_in_prompts.md": [
            "A glass city floats above clouds, birds wheel between towers. Camera: slow orbit.",
            "Inside a tower, a librarian catalogues storms in jars. Camera: dolly-in.",
        ],
        "runway_columns.csv": [
            "A diver descends past a coral wall, sunbeams",
            "A manta ray glides overhead",
            "The diver surfaces, gasps, boat in bg",
        ],
        "typed_by_hand.txt": [
            "wide of the city at night. no people.",
            "a taxi pulls up, door opens.",
            "woman in red dress gets out",
            "closeup of her eyes",
        ],
        "pipe_lines.txt": [
            "Wide. Desert highway, heat haze",
            "Close-up. Boot on the pedal",
            "Point-of-view shot. The road rushing under the hood",
        ],
        "bracketed.txt": ["A violin lies on a chair.", "Slow dolly in.", "A hand reaches for it.", "Static."],
        "quoted_prompts.txt": [
            "A drone shot of a lighthouse on a cliff, waves crashing.",
            "Close-up of the lamp, glass gleaming.",
            "The keeper looks out to sea.",
        ],
        "two_columns.txt": [
            "Wide shot: city rooftops at dusk",
            "Close-up: pigeon takes off",
            "Medium shot: a woman on a balcony",
        ],
    }.items():
        assert prompts_of(name) == prompts, name


def test_what_a_flag_forbids_is_avoided() -> None:
    assert "  .avoid text, watermark" in lines_of("midjourney_flags.txt")
    assert "  .aspect_ratio 16:9" in lines_of("midjourney_flags.txt")
    assert "  .avoid bad anatomy" in lines_of("generation_parameters.txt")


def test_a_reference_to_another_model_is_kept_as_a_note() -> None:
    assert "  .note <lora:winter:0.7>" in lines_of("generation_parameters.txt")


def test_titles_are_found_wherever_they_stand() -> None:
    for name, title in {
        "chinese_chat.md": "城市黎明",
        "printed_script.txt": "THE LAST BUS",
        "headings_in_list.md": "Fern & Fox",
        "word_processor.txt": "“Harbour Lights” (v3 FINAL)",
    }.items():
        assert f'story "{title}"' in lines_of(name), name
    assert "  .note The Grind" in lines_of("titles_in_bold.md"), "a shot's title is no prompt"


def test_words_of_a_column_for_all_sounds_are_spoken() -> None:
    assert "  .say 每座城市，都有人比太阳先醒来。" in lines_of("chinese_chat.md")
    assert {"  .say Listen.", "  .note Audio: Music fades in"} <= set(lines_of("two_sounds.md"))
    assert "  .say WOMAN: Finally." in lines_of("two_columns.txt")


def test_an_emoji_before_a_line_is_its_label() -> None:
    lines = lines_of("emoji_labels.txt")
    assert {"  .note Audio: distant thunder", "  .say Not today."} <= set(lines)


@pytest.mark.parametrize(
    ("prompt", "becomes"),
    [
        ("A pier at dawn. Caption: The Sea. Gulls rise.", ["  .caption The Sea", "  A pier at dawn. Gulls rise."]),
        (
            'A pier. Dialogue: Ines: "Hold fast. Now!" Gulls rise.',
            ["  .say Ines: Hold fast. Now!", "  A pier. Gulls rise."],
        ),
        ("A pier. Avoid: hands, text.", ["  .avoid hands, text", "  A pier."]),
        ("A pier. SFX: rain. Style: 35mm.", ["  .note SFX: rain", "  A pier. Style: 35mm."]),
        ("A pier (6s). Gulls rise.", ["shot 1 6s", "  A pier. Gulls rise."]),
    ],
)
def test_what_a_label_inside_a_prompt_names_goes_to_its_place(prompt: str, becomes: list[str]) -> None:
    quoted = prompt.replace('"', '""')
    table = f'shot,prompt\n1,"{quoted}"\n'
    story = import_bytes("list.csv", table.encode(), Run(["x.story"]), Path("/nowhere/x.story"))
    assert [line for line in story.text.split("\n") if line in becomes] == becomes
    assert sum(prompt.split(".", maxsplit=1)[0][:6] in line for line in story.text.split("\n")) == 1


def test_lines_that_name_scenes_begin_them() -> None:
    for name, scenes in {
        "lettered.txt": ["kitchen", "table"],
        "chinese_acts.txt": ["相遇", "离别"],
        "portuguese.csv": ["1"],
    }.items():
        assert [line.split(" ")[1] for line in lines_of(name) if line.startswith("scene ")] == scenes, name


def test_sizes_of_shots_in_capitals_are_not_speakers() -> None:
    lines = lines_of("dotted_numbers.md")
    assert "  WIDE SHOT: The clockmaker steps out, snow falling." in lines
    assert not any(line.startswith("  .say") for line in lines)


def test_nested_styles_and_framings_of_json_are_read() -> None:
    lines = lines_of("nested_styles.json")
    assert "  .suffix handheld documentary, muted greens." in lines
    assert "let amara = Amara, a ranger in khaki, braided hair" in lines
    assert "  Savanna at dawn." in lines


def test_a_prompt_of_its_own_keeps_descriptions_out_of_the_prompt() -> None:
    lines = lines_of("ai_columns.csv")
    assert "  .note Camera Movement: Dolly in" in lines
    assert "  Wide dolly in on a wet street at dusk, 35mm" in lines
    assert "  .aspect_ratio 9:16" in lines


def test_column_names_are_known_in_short_forms_and_with_units() -> None:
    meant = {
        Field.LENGTH: "Dur.|Est. dur. (sec)|Approx length|Length (mm:ss)|Target duration|Clip length, s",
        Field.PICTURE: "Desc.|Shot desc.|Description (EN)",
        Field.PROMPT: "prompt_en|English prompt|Video Prompt (English)",
        Field.NEGATIVE: "Neg.",
        Field.CRAFT: "Cam.|Shot size",
    }
    assert {name: field_of(name) for names in meant.values() for name in names.split("|")} == {
        name: field for field, names in meant.items() for name in names.split("|")
    }
    assert field_of("scene seconds unit") is None


def test_a_time_code_with_frames_says_how_they_were_read() -> None:
    kept = imported(Path(__file__).parent / "sources" / "short_names.csv").kept
    assert [(each.line, each.became) for each in kept] == [(4, "its frames, as all others here: 25 a second")]


def test_a_column_of_sentences_is_the_picture_whatever_its_name() -> None:
    assert "  Beans fall into a grinder" in lines_of("shot_column.md")
    assert "  Steam rises over a white cup" in lines_of("scenes_as_sentences.csv")
    assert 'scene kitchen "Kitchen"' in lines_of("named_scenes.json")


def test_of_several_prompts_the_one_for_the_video_is_used() -> None:
    lines = lines_of("several_prompts.csv")
    assert "  The cat turns its head" in lines
    assert "  .note Image prompt: Still of a cat" in lines
    assert not any(line.strip() in ("Still of a cat", "猫转头") for line in lines)


def test_fields_behind_the_last_shot_hold_for_the_film() -> None:
    lines = lines_of("chat_with_settings.md")
    head = lines[: lines.index("shot 1 4s")]
    assert {"  .aspect_ratio 9:16", "  .negative blurry, extra fingers, watermark"} <= set(head)
    assert "  .note Sure! Here's a storyboard for your 15-second perfume ad:" in head
    assert "  .note Let me know if you'd like any changes!" in head


def test_numbered_lines_with_lengths_are_shots_below_headings_of_scenes() -> None:
    lines = lines_of("numbered_in_scenes.md")
    assert [line for line in lines if line.startswith("scene ")] == ['scene kitchen "Kitchen"', 'scene garden "Garden"']
    assert "  Anna fills the kettle" in lines


def test_a_style_below_the_last_numbered_line_holds_for_the_film() -> None:
    assert "  .suffix cinematic, warm." in lines_of("lengths_first.txt")


def test_an_aside_in_a_label_is_kept() -> None:
    lines = lines_of("chat_with_settings.md")
    assert {"  .say Every morning begins with a secret.", "  .note VO: female, whisper"} <= set(lines)


def test_text_that_looks_like_the_language_stays_text() -> None:
    lines = lines_of("injections.csv")
    assert '  {{ "{{" }} secret }} and {{ "{%" }} if x %} stay text' in lines
    assert '  {{ "#" }} a hash begins this' in lines
    assert "  .note shot fake 5s" in lines


def test_unknown_label_becomes_a_note_and_is_listed() -> None:
    story = imported(Path(__file__).parent / "sources" / "comments.json")
    assert "  .note Weight kg: 2" in story.text.splitlines()
    assert [(kept.line, kept.text) for kept in story.kept] == [(6, "weight_kg: 2")]


def test_labels_are_recognised_in_any_spelling() -> None:
    for label in ("Duration (s)", "duration_seconds", "durationSeconds", "时长（秒）", "**Duration:**", "LENGTH"):
        assert field_of(label) is Field.LENGTH, label
    for label in ("Negative Prompt", "negative_prompt", "negativePrompt", "负面提示词"):
        assert field_of(label) is Field.NEGATIVE, label
    assert field_of("Lens brand") is None


def test_story_is_written_beside_the_source_and_nothing_is_overwritten(cli: Cli) -> None:
    (cli.folder / "night.csv").write_text("shot,duration,prompt,lens brand\n1,5,A lamp.,Zeiss\n2,,A street.,\n")
    done = cli("import", "night.csv")
    assert done.code == 0
    assert done.out.splitlines() == [
        "✓ night.story   1 scene, 2 shots   from night.csv (table)",
        "  changed or not understood, in 1 place:",
        "    line 2  lens brand: Zeiss   → a `.note` of its shot",
        "  left for you to write: the length of 1 shot (look for `shot_length`)",
        "  The film, as a free local animatic:  storyboard build night.story",
    ]
    assert cli("lint", "night.story").code == 0
    assert cli("fmt", "--check", "night.story").code == 0
    before = (cli.folder / "night.story").read_text()
    again = cli("import", "night.csv")
    assert (again.code, again.out) == (2, "")
    assert "`night.story` already exists and is not replaced" in again.err
    assert (cli.folder / "night.story").read_text() == before
    assert cli("import", "night.csv", "--out", "other.story").code == 0
    assert (cli.folder / "other.story").read_text() == before


def test_import_result_is_available_as_json(cli: Cli) -> None:
    (cli.folder / "night.csv").write_text("shot,prompt\n1,A lamp.\n2,\n")
    document = cli("import", "night.csv", "--json").json
    assert document["story"] == "night.story"
    assert (document["shots"], document["without_length"], document["without_picture"]) == (2, 2, 1)
    assert document["not_understood"] == []


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "no shots found"),
        ("book.xlsx", b"PK\x03\x04rest", "spreadsheet or document of an office program"),
        ("film.pdf", b"%PDF-1.7", "a PDF"),
        ("broken.json", b'{"shots": [', "line 1: it is not JSON: a list is not closed"),
        ("deep.json", b"[" * 5000, "nested too deeply"),
        ("list.yaml", b"title: x\nshots:\n  - prompt: a\n    duration: 5\n", "it is YAML"),
        ("bombs.fdx", b'<!DOCTYPE a [<!ENTITY b "c">]><FinalDraft/>', "declares entities"),
        ("other.fdx", b"<html></html>", "not a screenplay of Final Draft"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x81\x9d", "cannot be imported"),
    ],
)
def test_unreadable_source_is_refused_with_a_message(cli: Cli, name: str, content: bytes, why: str) -> None:
    (cli.folder / name).write_bytes(content)
    done = cli("import", name)
    assert (done.code, done.out) == (2, "")
    assert why in done.err
    assert "help:" in done.err
    assert not list(cli.folder.glob("*.story"))


def test_lint_suggests_import(cli: Cli) -> None:
    (cli.folder / "list.story").write_text('{"shots": [{"prompt": "A lamp.", "duration": 5}]}\n')
    said = cli("lint", "list.story")
    assert "`storyboard import list.story --out NAME.story` writes a story from it" in said.out + said.err
    assert cli("import", "list.story", "--out", "lamp.story").code == 0


def test_exported_table_can_be_imported_again(cli: Cli) -> None:
    (cli.folder / "a.story").write_text(
        'story "Night"\n  .model kirin_v3_t2v\n\nscene river "The river"\n\nshot wide 5s\n  .say Mei: Wait.\n'
        "  A river at night.\n\nshot close 3s\n  .caption Suzhou\n  A paper boat.\n"
    )
    for form in ("csv", "md"):
        assert cli("export", form, "a.story", "--out", f"list.{form}").code == 0
        assert cli("import", f"list.{form}", "--out", f"{form}.story").code == 0
        lines = (cli.folder / f"{form}.story").read_text().splitlines()
        assert [line for line in lines if line.startswith("shot ")] == ["shot wide 5s", "shot close 3s"], form
        for kept in ("  .say Mei: Wait.", "  .caption Suzhou", "  A river at night."):
            assert kept in lines, form


@pytest.mark.parametrize(("encoding", "named"), [("gbk", "GB18030"), ("utf-16", "UTF-16"), ("utf-8-sig", "UTF-8")])
def test_files_of_spreadsheets_are_read_in_their_own_encoding(cli: Cli, encoding: str, named: str) -> None:
    (cli.folder / "list.csv").write_bytes(
        "镜头,时长,画面,旁白\r\n1,5,清晨的海港,天亮了\r\n2,3,渔船出海,\r\n".encode(encoding)
    )
    assert cli("import", "list.csv", "--json").json["encoding"] == named
    lines = (cli.folder / "list.story").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("shot ")] == ["shot 1 5s", "shot 2 3s"]
    assert "  .say 天亮了" in lines


def test_a_shot_that_no_job_is_short_enough_for_keeps_its_length_in_the_film(cli: Cli) -> None:
    (cli.folder / "list.csv").write_text("scene,shot,duration,prompt\nA,1,1.5,A lamp.\nB,1,4,A street.\nB,2,1,A cat.\n")
    assert cli("import", "list.csv").code == 0
    assert cli("lint", "list.story").code == 0
    lines = (cli.folder / "list.story").read_text().splitlines()
    assert [line for line in lines if line.startswith(("shot ", "  .cut"))] == [
        "shot 1 3s",
        "  .cut 1.5s",
        "shot 1 4s",
        "shot 2 1s",
    ]


def test_fragments_of_any_format_are_read_or_refused_with_a_message() -> None:
    """Lines of all sources, mixed and mistyped, as every format: what comes out lints, but for lengths."""
    chance = random.Random(15)
    texts = [decode_text(path.read_bytes()).text.split("\n") for path in SOURCES]
    for _ in range(60):
        lines = [chance.choice(chance.choice(texts)) for _ in range(chance.randint(1, 20))]
        text = "\n".join(lines)
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice("\n\t|,;:\"'{}[]()#*-_=>!@~./\\%&<镜ا") + text[at:]
        try:
            story = import_bytes(
                "a.txt", text.encode(), Run(["x.story"]), Path("/nowhere/x.story"), chance.choice([None, *READERS])
            )
        except UsageError:
            continue
        worse = [found.message for found in story.findings if found.severity is not Severity.HINT]
        assert [message for message in worse if "makes jobs of" not in message] == [], text


def test_story_in_a_code_block_is_extracted(cli: Cli) -> None:
    story = 'story "Night"\n  .model kirin_v3_t2v\n\nshot lamp 3s\n  A lamp burns.\n'
    (cli.folder / "chat.md").write_text(f"Here is your story:\n\n```story\n{story}```\n\nLet me know if you like it!\n")
    document = cli("import", "chat.md", "--json").json
    assert (cli.folder / "chat.story").read_text() == story
    assert [(each["line"], each["text"]) for each in document["not_understood"]] == [
        (1, "Here is your story:"),
        (11, "Let me know if you like it!"),
    ]
    done = cli("import", "chat.story", "--out", "again.story")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: chat.story cannot be imported: it is a story already")


def test_lengths_sizes_and_speech_in_model_output_are_recognised() -> None:
    lines = lines_of("pipes.md")
    assert [line for line in lines if line.startswith("shot ")] == ["shot 1a 3s", "shot 1b 4s", "shot 2a 5s"]
    assert "  .say LENA: Come on." in lines
    assert "  .caption LAST CALL" in lines
    assert "  Wide shot." in lines_of("abbreviations.json")
    assert "  .note Opening" in lines_of("bold_items.md"), "a title is no part of the picture"
    assert "  .prefix Beach, dawn." in lines_of("nested_objects.json")


def test_flags_for_other_programs_are_removed_from_prompts(cli: Cli) -> None:
    rows = (
        "shot,duration,prompt",
        "1,5,A lamp burns. Negative prompt: blurry and text",
        '2,4,"A (red:1.3) door opens, --ar 16:9 --v 6"',
        "3,4,[00:00-00:02] A cat sits. [00:02-00:04] It leaps.",
    )
    (cli.folder / "list.csv").write_text("\n".join(rows) + "\n")
    assert cli("import", "list.csv").code == 0
    lines = (cli.folder / "list.story").read_text().splitlines()
    for line in (
        "  .avoid blurry and text",
        "  A lamp burns.",
        "  A red door opens",
        "  .aspect_ratio 16:9",
        "  .note --v 6",
        "  A cat sits. It leaps.",
        "  .note [00:02-00:04]",
    ):
        assert line in lines, line
    assert cli("lint", "list.story").code == 0


def test_unmarked_chinese_script_has_speakers_and_a_title(cli: Cli) -> None:
    (cli.folder / "s.txt").write_text(
        "标题：灯笼\n作者：李明\n\n第一场 内景 茶馆 夜\n\n梅（30岁，红衣）走进门。\n\n梅\n（轻声）\n有人吗？\n\n老板：没有。\n",
        "utf-8",
    )
    assert cli("import", "s.txt").code == 0
    lines = (cli.folder / "s.story").read_text("utf-8").splitlines()
    for line in (
        'story "灯笼"',
        "  .note 作者: 李明",
        "let 梅 = 梅, 30岁，红衣",
        "  .say 梅: 有人吗？",
        "  .say 老板: 没有。",
    ):
        assert line in lines, line


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pasted_veo.json", ["  .say Old Tom: Wind's from the east.", "  .note Sfx: gulls, engines"]),
        ("pasted_bold_times.md", ["shot problem 5s", "  A phone buzzes, 43 messages."]),
        ("pasted_list_plain.txt", ["shot 1 4s", "  Wide of the city at dawn", "shot 5 1s"]),
        ("pasted_mj.txt", ["  .aspect_ratio 16:9", "  close-up of a keeper's hands lighting a lamp, warm glow"]),
        ("pasted_higgs.txt", ["  Crash Zoom In.", "  360 Orbit."]),
        ("pasted_ko_list.txt", ["  .note 효과음: 찰칵", "  .say 돌아왔다.", "  문이 열리고 빛이 쏟아진다."]),
        ("pasted_pt.md", ["  .note Som: ondas", "  .caption Fim", "  O barco some na névoa."]),
        ("pasted_de.md", ["  Totale.", "  .say ANNA (flüstert): Zu spät."]),
        ("pasted_nested.md", ["  Wide. Stalls of lanterns; a boy weaves through the crowd."]),
        ("pasted_kling_multi.txt", ["  .aspect_ratio 9:16", "  .suffix cinematic realism, 35mm, teal and orange."]),
        ("pasted_zh_table.md", ["  .aspect_ratio 16:9", "  .suffix 水墨感，电影质感。", "  .say 那年她十七岁。"]),
        ("pasted_ja_conte.md", ["  .note 音: 雨音", "  .say 老人: 使いなさい"]),
    ],
)
def test_each_part_of_a_pasted_list_finds_its_place(name: str, expected: list[str]) -> None:
    lines = lines_of(name)
    assert [line for line in expected if line not in lines] == []


def test_cells_without_a_column_are_kept_and_listed() -> None:
    table = b"Shot,Prompt,Sec\n1,A lamp,5\n2,A door,4,slower\n"
    story = import_bytes("list.csv", table, Run(["x.story"]), Path("/nowhere/x.story"))
    assert "  .note slower" in story.text.splitlines()
    assert [(kept.line, kept.text) for kept in story.kept] == [(3, "slower")]
