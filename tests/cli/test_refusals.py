"""What the gateway refuses is told at the shots that it came from, in the gateway's own words."""

from __future__ import annotations

import json

import pytest

from storyboard.diagnostics.rules.money import REFUSED
from tests.support.shop import Shop

LATER = {"do": "policy-later", "prompt": "courier"}
AT_ONCE = {"do": "policy", "prompt": "courier"}


@pytest.mark.parametrize("fault", [AT_ONCE, LATER])
def test_refusal_is_shown_at_its_shots_and_not_sent_again(shop: Shop, fault: dict[str, str]) -> None:
    shop.gateway.stage(fault)
    done = shop("build", "--yes", "--json")
    document = json.loads(done.out)
    assert done.code == 3
    (found,) = document["diagnostics"]
    assert (found["code"], found["path"], found["line"], found["column"]) == ("SB403", "lanterns.story", 5, 1)
    assert "content policy" in found["message"]
    assert [related["line"] for related in found["related"]] == [8]
    posts = shop.posts
    again = shop("build", "--yes")
    assert again.code == 3
    assert shop.posts == posts
    assert "lanterns.story:5:1" in again.err
    assert "--retry" in again.err
    assert shop.states("--yes", "--retry", "street.walk") == {"street#1": "built", "river#1": "cached"}


def test_examples_of_the_rules(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "does not take"})
    for text, code in ((REFUSED.bad, 3), (REFUSED.good, 0)):
        shop.cli.write("lanterns.story", text)
        done = shop("build", "--yes", "--json")
        assert done.code == code
        assert [each["code"] for each in json.loads(done.out)["diagnostics"]] == (["SB403"] if code else [])
