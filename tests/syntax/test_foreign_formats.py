"""A file that holds another format as a whole is one error that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.source import Source
from storyboard.syntax import parse

FILES = {
    "JSON": '{\n  "title": "Night",\n  "shots": [\n    {"id": 1, "prompt": "A lamp.", "duration": 5}\n  ]\n}\n',
    "JSON with a mistake": '[\n  {\n    "scene": 1,\n    "prompt": "A lamp."\n  },\n]\n',
    "YAML": "title: Night\nshots:\n  - id: 1\n    prompt: A lamp.\n    duration: 5\n",
    "YAML with our words": "scene: night\nshot: 1\nprompt: a lamp\n",
    "TOML": 'title = "Night"\n\n[[shots]]\nprompt = "A lamp."\n',
    "a table (CSV)": 'shot,duration,prompt\n1,5,"A lamp, lit"\n2,4,A street\n',
    "a table with tabs": "Shot\tPrompt\n1\tA lamp.\n",
    "a table in Markdown": "| Shot | Prompt | Duration |\n|---|:---:|---|\n| 1 | A lamp | 5s |\n",
    "a screenplay": "Title: Night\nAuthor: Me\n\nINT. KITCHEN - NIGHT\n\nA lamp burns.\n\nMEI\n(softly)\nCome home.\n",
    "a block of code": '```story\nstory "T"\n  .model kirin_v3_t2v\n\nshot a 3s\n  A lamp.\n```\n',
    "a text with a story in a block of code": (
        'Sure! Here is your story:\n\n```story\nstory "T"\n  .model kirin_v3_t2v\n\nshot a 3s\n  A lamp.\n```\n\nEnjoy!\n'
    ),
    "Markdown with settings": "# Night\n\nmodel: kirin_v3_t2v\n\n## Scene: Pier\n\n### Shot wide (5s)\nA lamp.\n",
    "Markdown": "# Shot list\n\n1. **Wide**: a lamp (5s)\n2. Close: a street\n",
    "subtitles": "1\n00:00:00,000 --> 00:00:05,000\nA lamp.\n",
    "XML": '<?xml version="1.0"?>\n<fcpxml version="1.9">\n</fcpxml>\n',
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_format_is_one_error(name: str) -> None:
    outcome = parse(Source(Path("/t.story"), FILES[name]))
    assert outcome.value is None
    (found,) = outcome.diagnostics
    assert (found.code, found.span.position.line) == ("SB034", 1)
    assert name.partition(" with")[0] in found.message


@pytest.mark.parametrize(
    "text",
    [
        'story "T"\n  .model x\n\nshot a 5s\n  {"prompt": "A lamp"}\nA lamp.\n',
        'edition 1\nstory "T"\nshto a 5s\n  1,2,3\n',
        "let a = b\nA lamp: red\nA street: wet\n",
        "A lamp burns.\n\nThen a street.\n",
        "# Shot list\n\nlet a = b\nshto\n",
        "",
    ],
)
def test_a_story_with_mistakes_stays_a_story(text: str) -> None:
    outcome = parse(Source(Path("/t.story"), text))
    assert outcome.value is not None
    assert "SB034" not in [found.code for found in outcome.diagnostics]
