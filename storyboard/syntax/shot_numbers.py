"""How shot lists outside this language number their shots and scenes: `Shot 3 (4s):`, `镜头3`, `第三场`."""

from __future__ import annotations

import re

_WORDS = (
    "shots?|scenes?|clips?|frames?|panels?|takes?|cuts?|beats?|parts?|segments?|sequences?|seq|sc|sh|steps?|acts?|"
    "plano|planos|escena|toma|secuencia|plan|scène|séquence|einstellung|szene|bild|inquadratura|scena|plano|cena|"
    "кадр|шот|сцена|план|эпизод|ujęcie|sahne|plan|"
    "镜头|镜|分镜|分镜头|场景|场|鏡頭|分鏡|場景|画面|片段|段落|"
    "カット|シーン|ショット|パート|컷|씬|장면|샷|"
    "لقطة|اللقطة|مشهد|المشهد|שוט|סצנה|סצינה|שוט|शॉट|दृश्य|सीन"
)
_NUMBER = (
    r"(?:[0-9]{1,4}(?:[.\-/][0-9]{1,3})?[a-z]?|[٠-٩۰-۹०-९]{1,3}|[ivx]{1,4}\b|[一二三四五六七八九十百]{1,3}"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)"
)
NUMBERED = (
    rf"(?:(?:{_WORDS})\.?[ \t_]*(?:no\.?|nr\.?|number|#|№)?[ \t_]*{_NUMBER}"
    r"|第[ \t]?[0-9一二三四五六七八九十百]{1,3}[ \t]?[镜鏡场場幕个個集段コカシ话話])"
)
"""A shot or scene with its number, as the pattern of a regular expression; to be matched without regard to case."""


def names_numbered_shot(text: str) -> bool:
    """Whether a text names a shot or scene with a number."""
    return re.search(NUMBERED, text, re.IGNORECASE) is not None
