"""The card that the documentation shows is one that works."""

from __future__ import annotations

import re
from pathlib import Path

from storyboard.cards import load_catalog
from storyboard.providers.kirin.payload_check import check_payload

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_card_on_the_page(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [text] = [block for block in blocks if '"quick_v1"' in block]
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "mine.toml").write_text(text, encoding="utf-8")
    card = load_catalog(tmp_path)["quick_v1"]
    assert set(card.parameters) == {"mode", "cfg_scale", "watermark", "callback_url"}
    several = [{"index": index, "prompt": "Rain.", "duration": "4"} for index in (1, 2)]
    payload = {
        "model": "quick_v1",
        "multi_shot": True,
        "shot_type": "customize",
        "multi_prompt": several,
        "duration": 8,
    }
    assert check_payload(card, {**payload, "mode": "final", "cfg_scale": 0.5}) == ()
    assert [p.parameter for p in check_payload(card, {**payload, "cfg_scale": 0.5})] == ["cfg_scale"]
