"""Words by which other programs, and people, call the settings of a story."""

from __future__ import annotations

from collections.abc import Mapping


def _all(setting: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split("|"), setting)


MODEL_SETTINGS: Mapping[str, str] = {
    **_all(
        "aspect_ratio",
        "aspect ratio|aspect|ratio|ar|画幅|比例|宽高比|画面比例|视频比例|长宽比|画幅比例|畫面比例|"
        "نسبة الأبعاد|نسبة العرض إلى الارتفاع|"
        "relación de aspecto|seitenverhältnis|アスペクト比|format",
    ),
    **_all("model", "model|model name|模型|模型名称|النموذج|modelo|modell"),
    **_all("mode", "mode|模式"),
    "cfg scale": "cfg_scale",
    "take": "take",
}
"""How a clip is made: the setting, by its words in small letters and with blanks."""

TEXT_SETTINGS: Mapping[str, str] = {
    **_all("negative", "negative prompt|negatives|neg"),
    **_all("avoid", "avoids"),
    **_all("say", "dialogue|dialog|voiceover|voice over|narration|vo|speech"),
    **_all("caption", "subtitle|overlay|on screen text|text overlay"),
    **_all("note", "comment|notes"),
    **_all("music", "soundtrack|score|song|audio"),
}
"""What is written beside the picture, or kept out of it."""


def setting_for(word: str) -> str | None:
    """Return the setting that a word in small letters stands for, with blanks or `_`; None if it stands for none."""
    spaced = word.replace("_", " ")
    return MODEL_SETTINGS.get(spaced) or TEXT_SETTINGS.get(spaced)
