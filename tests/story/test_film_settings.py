"""Words beside the picture, cuts, and shots that are not bought: what the language makes of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.language_codes import three_letters
from storyboard.story.film_settings import Misread, read_music, read_spoken, read_transition
from storyboard.story.story import Music, Spoken, Transition, WordsBeside
from tests.support.front import Checked, check_text
from tests.support.pictures import save_picture
from tests.support.shots import span
from tests.support.sounds import save_tone

HEAD = 'story "Night"\n  .model kirin_v3_t2v\n'


def checked(folder: Path, body: str, head: str = HEAD) -> Checked:
    return check_text(folder, f"{head}\n{body}")


def test_spoken_words_and_captions_are_not_in_the_prompt_or_key(tmp_path: Path) -> None:
    plain = checked(tmp_path, "shot a 4s\n  Mei runs.\n")
    words = "  .say Mei: We are late.\n  .say I know.\n  .caption 1999\n  .note Dolly in.\n"
    beside = checked(tmp_path, f"shot a 4s\n{words}  Mei runs.\n")
    assert beside.codes == []
    assert beside.prompts == plain.prompts
    assert beside.jobs and plain.jobs and [job.content for job in beside.jobs] == [job.content for job in plain.jobs]
    [shot] = beside.shots
    assert shot.beside == WordsBeside((Spoken("Mei", "We are late."), Spoken("", "I know.")), ("1999",), ("Dolly in.",))


def test_notes_are_allowed_in_story_and_scene(tmp_path: Path) -> None:
    scene = 'scene s "S"\n  .note Wet asphalt.\n\nshot a 4s\n  Mei runs.\n'
    found = checked(tmp_path, scene, HEAD + "  .note Before the rain.\n")
    assert found.story is not None
    assert (found.story.notes, found.story.scenes[0].notes) == (("Before the rain.",), ("Wet asphalt.",))


def test_spoken_words_are_written_into_the_prompt_on_request(tmp_path: Path) -> None:
    found = checked(tmp_path, "shot a 4s\n  .say Mei: We are late.\n  .say Run!\n  Mei shouts: {{ shot.say }}\n")
    assert found.prompts == {"main.a": "Mei shouts: Mei: We are late. Run!"}


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        ("Mei: We are late.", "Mei", "We are late."),
        ("梅：快跑！", "梅", "快跑！"),
        ("MEI (V.O.): Home.", "MEI (V.O.)", "Home."),
        ("We leave at 5:30.", "", "We leave at 5:30."),
        ("Look, Mei: the lantern.", "", "Look, Mei: the lantern."),
        ("Run!", "", "Run!"),
    ],
)
def test_a_speaker_is_a_short_name_before_a_colon(text: str, speaker: str, words: str) -> None:
    assert read_spoken(text) == Spoken(speaker, words)


def test_spoken_words_missing_from_the_prompt_are_a_hint(tmp_path: Path) -> None:
    shot = "shot a 4s\n  .sound on\n  .say Mei: We are late.\n  Mei runs"
    assert checked(tmp_path, f"{shot}.\n").codes == ["SB370"]
    assert checked(tmp_path, f"{shot}: {{{{ shot.say }}}}\n").codes == []
    assert checked(tmp_path, f"{shot} and says: We are late.\n").codes == []
    assert checked(tmp_path, shot.replace("on", "off", 1) + ".\n").codes == []


def test_a_cut_changes_the_film_and_not_the_job(tmp_path: Path) -> None:
    whole = checked(tmp_path, "shot a 4s\n  Mei runs.\n")
    cut = checked(tmp_path, "shot a 4s\n  .cut 0.4s..3.8s\n  Mei runs.\n", HEAD.replace('"Night"', '"Night" 3.4s'))
    assert cut.codes == []
    assert cut.jobs and whole.jobs and cut.jobs[0].content == whole.jobs[0].content
    assert (cut.shots[0].seconds, cut.shots[0].film_seconds) == (Decimal(4), Decimal("3.4"))


@pytest.mark.parametrize(
    ("value", "code", "near"),
    [
        ("4.5s", "SB160", None),
        ("3s..2s", "SB205", None),
        ("0.4-3.8s", "SB205", "0.4s..3.8s"),
        ("0.4s...3.8s", "SB205", "0.4s..3.8s"),
        ("3.8", "SB205", "3.8s"),
        ("soon", "SB205", None),
    ],
)
def test_cut_outside_the_shot_is_an_error(tmp_path: Path, value: str, code: str, near: str | None) -> None:
    found = checked(tmp_path, f"shot a 4s\n  .cut {value}\n  Mei runs.\n").only(code)
    assert (found.fix.edits[0].text if found.fix else None) == near


def test_free_shots_have_any_length_need_no_model_and_are_no_jobs(tmp_path: Path) -> None:
    save_picture(tmp_path / "lamp.png")
    body = "shot title 1.5s\n  .card\n  The end\n\nshot lamp 0.75s\n  .still lamp.png\n"
    found = checked(tmp_path, body, 'story "Night" 2.25s\n')
    assert found.codes == []
    assert found.jobs == ()
    assert [shot.local.kind for shot in found.shots if shot.local] == ["card", "still"]


def test_a_free_shot_ends_a_job(tmp_path: Path) -> None:
    shot = "shot {} 3s\n  A lamp.\n\n"
    together = checked(tmp_path, shot.format("a") + shot.format("b"))
    parted = checked(tmp_path, shot.format("a") + "shot t 1.5s\n  .card\n  Later\n\n" + shot.format("b"))
    assert together.jobs and parted.jobs
    assert len(together.jobs) == 1
    assert [job.id for job in parted.jobs] == ["main#1", "main#2"]


@pytest.mark.parametrize("setting", [".avoid people", ".take 2", ".seed 5", ".negative fog", ".pack shot", ".mode pro"])
def test_free_shot_accepts_no_model_setting(tmp_path: Path, setting: str) -> None:
    assert checked(tmp_path, f"shot t 1.5s\n  .card\n  {setting}\n  The end\n").codes == ["SB162"]
    assert checked(tmp_path, f"shot t 1.5s\n  {setting}\n  .card\n  The end\n").codes == ["SB162"]


def test_prefix_and_suffix_do_not_apply_to_a_title(tmp_path: Path) -> None:
    head = HEAD + "  .prefix Noir.\n  .negative fog\n  .negatives inline\n"
    assert (
        checked(tmp_path, "shot t 1.5s\n  .card\n  The end\n\nshot a 3s\n  A lamp.\n", head).prompts["main.t"]
        == "The end"
    )


def test_shot_has_only_one_kind(tmp_path: Path) -> None:
    assert checked(tmp_path, "shot t 2s\n  .card\n  .still lamp.png\n").codes == ["SB163"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (".still missing.png", "there is no file `missing.png`"),
        (".still folder", "`folder` is not a file"),
        (".still text.png", "text.png is not a picture that can be read"),
        (".still ../outside.png", "`../outside.png` is outside the project"),
        (".still link.png", "`link.png` is outside the project"),
        (".still /etc/passwd", "`/etc/passwd` is outside the project"),
        (".clip text.png", "text.png cannot be played"),
        (".clip playlist.m3u8", "playlist.m3u8 cannot be played"),
        (".clip lamp.png", "lamp.png cannot be played"),
    ],
)
def test_unusable_file_is_an_error_at_its_line(tmp_path: Path, setting: str, message: str) -> None:
    project = tmp_path / "project"
    (project / "folder").mkdir(parents=True)
    save_picture(tmp_path / "outside.png")
    save_picture(project / "lamp.png")
    (project / "link.png").symlink_to(tmp_path / "outside.png")
    (project / "text.png").write_text("no picture")
    (project / "playlist.m3u8").write_text("#EXTM3U\n#EXTINF:5,\n/etc/passwd\n#EXT-X-ENDLIST\n")
    found = checked(project, f"shot t 2s\n  {setting}\n").only("SB161")
    assert message in found.message
    assert found.span.position.line == 5


def test_a_file_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "titles").mkdir()
    save_picture(tmp_path / "titles" / "lamp.png")
    text = (
        'import "titles/lib.story" as lib\n\nstory "Night"\n\nuse lib.logo()\n'
        "--- titles/lib.story\ntemplate logo()\n  shot logo 2s\n    .still lamp.png\n"
    )
    assert check_text(tmp_path, text).codes == []


def test_settings_do_not_see_the_spoken_words(tmp_path: Path) -> None:
    body = "shot a 4s\n  .avoid {{ shot.say }}\n  .say Run!\n  Mei runs.\n"
    [code] = checked(tmp_path, body).codes
    assert code == "SB115"


def test_negative_beside_a_free_shot_has_no_effect(tmp_path: Path) -> None:
    parted = "shot a 3s\n  .negative fog\n  A lamp.\n\nshot t 1s\n  .card\n\nshot b 3s\n  A door.\n"
    assert checked(tmp_path, parted).codes == []
    beside = parted.replace("shot t 1s\n  .card\n\n", "")
    assert checked(tmp_path, beside).codes != []


def test_the_help_for_parts_of_a_second_names_the_cut(tmp_path: Path) -> None:
    found = checked(tmp_path, "shot a 4.6s\n  A lamp.\n").only("SB251")
    assert found.help == "make it 4 s or 5 s; `shot a 5s` with `.cut 4.6s` is exact"


def test_lengths_on_a_beat_are_rounded_on_the_running_total(tmp_path: Path) -> None:
    beats = "".join(f"shot s{number} 2.4s\n  A lamp {number}.\n\n" for number in range(5))
    found = checked(tmp_path, beats)
    advised = [str(each.help)[0] for each in found.diagnostics if each.code == "SB251"]
    assert advised == ["2", "3", "2", "3", "2"]


TWO_SHOTS = "shot a 4s\n  A lamp.\n\nshot b 4s\n{}  A street.\n"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cut", "cut"),
        ("fade 0.5s", "fade 0.5s"),
        ("dissolve 1.250s", "dissolve 1.25s"),
        ("dissolve  10s", "dissolve 10s"),
    ],
)
def test_a_transition_is_a_kind_and_a_length(text: str, meant: str) -> None:
    found = read_transition(text, span())
    assert isinstance(found, Transition)
    assert found.written == meant


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("", None),
        ("fade", "fade 0.5s"),
        ("dissolve 1", "dissolve 1s"),
        ("dissolve 0.5 s", "dissolve 0.5s"),
        ("crossfade 1s", "dissolve 1s"),
        ("Cross Dissolve", "dissolve 0.5s"),
        ("dip to black 2s", "fade 2s"),
        ("jump cut", "cut"),
        ("wipe 1s", None),
        ("dissolve 0s", None),
        ("fade 11s", None),
        ("fade 1e3s", "fade 1s"),
        ("dissolve ١s", "dissolve 0.5s"),
    ],
)
def test_wrong_transition_is_reported_with_a_suggestion(text: str, near: str | None) -> None:
    found = read_transition(text, span())
    assert isinstance(found, Misread)
    assert found.near == near
    if near is not None:
        assert isinstance(read_transition(near, span()), Transition)


@pytest.mark.parametrize(
    ("text", "file", "start", "gain"),
    [
        ("theme.mp3", "theme.mp3", "0", "0"),
        ("theme.mp3 from 0:30", "theme.mp3", "30", "0"),
        ("theme.mp3 from 1:02.5 -12dB", "theme.mp3", "62.5", "-12"),
        ("theme.mp3 from 90s +3.5dB", "theme.mp3", "90", "3.5"),
        ("music/letter from home.mp3 -6dB", "music/letter from home.mp3", "0", "-6"),
        ('"a b.wav" from 2s', "a b.wav", "2", "0"),
    ],
)
def test_music_has_a_file_an_offset_and_a_gain(text: str, file: str, start: str, gain: str) -> None:
    found = read_music(text, span())
    assert isinstance(found, Music)
    assert (found.file, found.start, found.gain) == (file, Decimal(start), Decimal(gain))


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("theme.mp3 from 30", "theme.mp3 from 30s"),
        ("theme.mp3 -12 dB", "theme.mp3 -12dB"),
        ("theme.mp3 from 0:30 \u221212db", "theme.mp3 from 0:30 -12dB"),
        ("theme.mp3 at 0:30", "theme.mp3 from 0:30"),
        ("theme.mp3 -90dB", None),
        ("theme.mp3 from 0:75", None),
    ],
)
def test_wrong_music_is_reported_with_a_suggestion(text: str, near: str | None) -> None:
    found = read_music(text, span())
    assert isinstance(found, Misread)
    assert found.near == near
    if near is not None:
        assert isinstance(read_music(near, span()), Music)


def test_transitions_and_music_change_no_job_and_no_prompt(tmp_path: Path) -> None:
    save_tone(tmp_path / "theme.wav", 3)
    plain = checked(tmp_path, TWO_SHOTS.format(""))
    head = HEAD.replace('"Night"', '"Night" 7.5s') + "  .music theme.wav from 1s -12dB\n"
    found = checked(tmp_path, TWO_SHOTS.format("  .transition dissolve 0.5s\n"), head)
    assert found.codes == []
    assert found.prompts == plain.prompts
    assert found.jobs and plain.jobs and [job.content for job in found.jobs] == [job.content for job in plain.jobs]
    assert found.story is not None and found.story.music is not None
    assert found.story.seconds == Decimal("7.5")


def test_scene_sets_a_transition_that_its_first_shot_can_override(tmp_path: Path) -> None:
    shots = (
        "shot a 4s\n  A lamp.\n\nscene s\n  .transition fade 1s\n\nshot b 4s\n{}  A street.\n\nshot c 4s\n  A door.\n"
    )
    written = [shot.transition and shot.transition.written for shot in checked(tmp_path, shots.format("")).shots]
    assert written == [None, "fade 1s", None]
    own = checked(tmp_path, shots.format("  .transition cut\n"))
    assert [shot.transition for shot in own.shots] == [None, None, None]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  .transition dissolve 4s\n", None),
        ("  .transition dissolve 4.1s\n", "SB164"),
        ("  .transition fade 8s\n", None),
        ("  .transition fade 8.2s\n", "SB164"),
        ("  .cut 1s\n  .transition dissolve 2s\n", "SB164"),
    ],
)
def test_transition_must_fit_into_both_of_its_shots(tmp_path: Path, line: str, code: str | None) -> None:
    assert set(checked(tmp_path, TWO_SHOTS.format(line)).codes) == ({code} if code else set())


def test_two_transitions_of_a_shot_must_not_overlap(tmp_path: Path) -> None:
    third = "\nshot c 4s\n  .transition dissolve {}s\n  A door.\n"
    shots = TWO_SHOTS.format("  .transition dissolve 2s\n")
    assert checked(tmp_path, shots + third.format(2)).codes == []
    assert checked(tmp_path, shots + third.format("2.1")).codes == ["SB164"]


def test_a_film_begins_with_a_fade_and_not_with_a_dissolve(tmp_path: Path) -> None:
    shot = "shot a 4s\n  .transition {} 1s\n  A lamp.\n"
    assert checked(tmp_path, shot.format("fade")).codes == []
    assert checked(tmp_path, shot.format("dissolve")).codes == ["SB164"]


def test_a_transition_belongs_to_a_shot_or_scene_and_music_to_the_story(tmp_path: Path) -> None:
    assert checked(tmp_path, "shot a 4s\n  A lamp.\n", HEAD + "  .transition fade 1s\n").codes == ["SB206"]
    assert checked(tmp_path, "shot a 4s\n  .music theme.wav\n  A lamp.\n").codes == ["SB206"]


@pytest.mark.parametrize("kind", ["missing", "outside", "folder", "text", "picture", "link out", "short"])
def test_unusable_music_is_reported_at_its_line(tmp_path: Path, kind: str) -> None:
    folder, line = tmp_path / "film", "  .music theme.wav\n"
    folder.mkdir()
    save_tone(tmp_path / "other.wav", 1)
    match kind:
        case "outside":
            line = "  .music ../other.wav\n"
        case "folder":
            (folder / "theme.wav").mkdir()
        case "text":
            (folder / "theme.wav").write_text("#EXTM3U\n/etc/passwd\n")
        case "picture":
            save_picture(folder / "theme.png")
            line = "  .music theme.png\n"
        case "link out":
            (folder / "theme.wav").symlink_to(tmp_path / "other.wav")
        case "short":
            save_tone(folder / "theme.wav", 1)
            line = "  .music theme.wav from 0:02\n"
    assert checked(folder, "shot a 4s\n  A lamp.\n", HEAD + line).codes == ["SB165"]


@pytest.mark.parametrize(
    ("tag", "codes"),
    [
        ("en", []),
        ("zh-Hant-TW", []),
        ("yue", []),
        ("es-419", []),
        ("English", ["SB205"]),
        ("EN", ["SB205"]),
        ("xx", ["SB205"]),
    ],
)
def test_language_of_a_film_is_a_tag(tmp_path: Path, tag: str, codes: list[str]) -> None:
    found = checked(tmp_path, "shot a 4s\n  A lamp.\n", HEAD + f"  .language {tag}\n")
    assert found.codes == codes
    assert found.story is not None
    assert found.story.language == ("" if codes else tag)


def test_each_language_has_a_code_of_three_letters() -> None:
    assert [three_letters(each) for each in ("en", "zh-Hans", "pt-BR", "ja", "ar", "he", "hi", "yue")] == [
        *("eng", "zho", "por", "jpn", "ara", "heb", "hin", "yue")
    ]
