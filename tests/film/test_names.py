"""Names of clips: readable, and safe whatever a scene is called."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from storyboard.film.names import CLIP_PATTERN, clip_name


def test_scene_name_in_any_script_becomes_a_file_name() -> None:
    assert clip_name(1, 2, "arrival#1") == "01-arrival-1.mp4"
    assert clip_name(12, 2, "灯笼街#3") == "12-灯笼街-3.mp4"
    assert clip_name(7, 3, "first-light_2#1") == "007-first-light_2-1.mp4"
    assert clip_name(1, 2, "นที่#1") == "01-นที่-1.mp4"


@given(st.text(min_size=1, max_size=300), st.integers(1, 9999), st.integers(1, 99))
@example("../../etc/passwd", 1, 1)
@example("a\0b\nc\\d:e*", 1, 1)
def test_scene_name_cannot_leave_the_folder_or_break_a_file_system(scene: str, number: int, index: int) -> None:
    name = clip_name(number, 2, f"{scene}#{index}")
    assert len(name.encode()) < 200
    assert not set('/\\:*?"<>|\0\n\r. ') & set(name.removesuffix(".mp4"))
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp", "Zs") for char in name)
    assert CLIP_PATTERN.fullmatch(name)
