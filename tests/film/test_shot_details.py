"""What the contact sheet tells of a shot on demand, from stories as they are written."""

from __future__ import annotations

import shlex
from pathlib import Path

from storyboard import Run
from storyboard.film.build_facts import BuildFacts
from storyboard.film.shot_details import as_written, prompt_pieces, source_places
from storyboard.story.story import Story

TEXT = """story "T"
  .model kirin_v3_t2v
  .prefix Film grain.
  .suffix Soft light.

scene quay
  A stone quay at dusk.

for side in left, right
  shot boat 3s
    .avoid people, cars
    {{ scene.text }}

    A boat on the {{ side }}.

shot plain 3s
  A rope.
"""


def checked(tmp_path: Path, text: str = TEXT) -> Story:
    (tmp_path / "t.story").write_text(text)
    [story] = Run([str(tmp_path / "t.story")]).compile().stories
    return story.story


def test_each_part_of_a_prompt_names_its_source(tmp_path: Path) -> None:
    story = checked(tmp_path)
    for shot in story.shots:
        pieces = prompt_pieces(shot, story.scenes[0])
        assert "".join(text for text, _ in pieces) == shot.prompt
    pieces = prompt_pieces(story.shots[0], story.scenes[0])
    assert [by for _, by in pieces if by] == [".prefix", "scene text", ".suffix", ".avoid, .negative"]
    by = {by: text.strip() for text, by in pieces}
    assert by[".prefix"] == "Film grain."
    assert by["scene text"] == "A stone quay at dusk."
    assert by[".suffix"] == "Soft light."
    assert "people" in by[".avoid, .negative"]


def test_unchanged_prompt_has_one_part(tmp_path: Path) -> None:
    story = checked(tmp_path, 'story "T"\n  .model kirin_v3_t2v\n\nshot a 3s\n  A rope.\n')
    assert prompt_pieces(story.shots[0], story.scenes[0]) == (("A rope.", ""),)


def test_repeated_words_keep_their_sources(tmp_path: Path) -> None:
    text = 'story "T"\n  .model kirin_v3_t2v\n  .prefix Rain.\n  .suffix Rain.\n\nshot a 3s\n  Rain.\n'
    story = checked(tmp_path, text)
    pieces = prompt_pieces(story.shots[0], story.scenes[0])
    assert [(text.strip(), by) for text, by in pieces] == [("Rain.", ".prefix"), ("Rain.", ""), ("Rain.", ".suffix")]


def test_lines_of_the_author_are_shown_unchanged(tmp_path: Path) -> None:
    story = checked(tmp_path)
    assert as_written(story.shots[0].origin.span) == (
        "shot boat 3s\n  .avoid people, cars\n  {{ scene.text }}\n\n  A boat on the {{ side }}."
    )
    assert as_written(story.shots[2].origin.span) == "shot plain 3s\n  A rope."


def test_places_lead_from_the_shot_to_the_loop_that_made_it(tmp_path: Path) -> None:
    story = checked(tmp_path)
    facts = BuildFacts(root=tmp_path.resolve())
    assert source_places(story.shots[0], facts, story.path) == ("t.story:10", "t.story:9")
    assert source_places(story.shots[2], facts, story.path) == ("t.story:16",)


def test_the_command_for_another_take_is_safe_in_a_shell(tmp_path: Path) -> None:
    facts = BuildFacts(tmp_path, "kirin", "night", {"city": "a b; rm -rf /"})
    command = facts.reroll_command('quay.boat["left"]', 2, tmp_path / "my film.story")
    assert shlex.split(command) == [
        *("storyboard", "reroll", 'quay.boat["left"]', "my film.story", "--take", "2"),
        *("--as", "night", "--set", "city=a b; rm -rf /", "--provider", "kirin"),
    ]
