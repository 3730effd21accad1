from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from storyboard.project.gitignore import plain_rules

FOLDER = Path("/films")
NAMES = st.sampled_from(["a", "b", "a.story", "b.part", "build", "x-y", "c.a", ".part", "story"])
PATTERNS = st.builds(
    lambda top, name, folder: top + name + folder,
    st.sampled_from(["", "/"]),
    st.one_of(NAMES, st.sampled_from(["*.story", "*.part", "*.a"])),
    st.sampled_from(["", "/"]),
)


@given(st.lists(PATTERNS, max_size=4), st.lists(NAMES, min_size=1, max_size=3), st.booleans())
def test_simple_rules_agree_with_git(patterns: list[str], parts: list[str], is_folder: bool) -> None:
    rules = plain_rules(FOLDER, ["# a comment", "", *patterns])
    assert rules is not None
    spec = GitIgnoreSpec.from_lines(patterns)
    for depth in range(1, len(parts) + 1):  # a scan goes down folder by folder, and stops at an ignored one
        inner = depth < len(parts) or is_folder
        name = "/".join(parts[:depth]) + ("/" if inner else "")
        ours, git = rules.says(FOLDER.joinpath(*parts[:depth]), inner), spec.check_file(name).include
        assert ours == git
        if ours:
            return


def test_other_rules_are_left_to_pathspec() -> None:
    for line in ("!keep", "a/b", "**/x", "*", "x?", "[ab]", "a b", "trailing ", "\\#x", "drafts/*", "*x.a"):
        assert plain_rules(FOLDER, [line]) is None, line
