"""A saved plan is a stranger's text: one of another form is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.shop import Shop

ODD: list[Any] = [None, 7, -1.5, True, [], {}, ["x"], "\ud800", "1e999999", "x" * 200_000, {"a": [1]}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize(
    "field", ["plan", "stories", "asked", "story", "provider", "jobs", "id", "key", "buys", "estimate"]
)
def test_malformed_field_is_reported(shop: Shop, field: str, odd: Any) -> None:
    assert shop("plan", "--out", "a.plan").code == 0
    document = json.loads((shop.cli.folder / "a.plan").read_text())
    story = document["stories"][0]
    for place in (document, story, story["jobs"][0]):
        if field in place:
            place[field] = odd
            break
    shop.cli.write("a.plan", json.dumps(document))
    done = shop("build", "--plan", "a.plan", "--yes")
    assert done.code in {0, 2, 4}, done
    assert done.code or (field, odd) in [("plan", True), ("buys", True)] or field in ("asked", "id"), done
