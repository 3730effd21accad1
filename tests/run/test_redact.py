"""A key is shown nowhere, and a short one breaks nothing."""

from __future__ import annotations

import json
import time

from storyboard.run.redact import redacted


def test_the_key_is_taken_out_of_words_and_of_plain_text() -> None:
    body = json.dumps({"error": {"code": "7", "error_message": "the key s3cret is not known"}}).encode()
    assert json.loads(redacted(body, "s3cret"))["error"] == {"code": "7", "error_message": "the key [key] is not known"}
    assert redacted(b"<p>s3cret?</p>", "s3cret") == b"<p>[key]?</p>"


def test_ids_addresses_and_prices_stay_although_a_short_key_stands_in_them() -> None:
    body = (
        b'{"id": "ak1", "output": [{"url":\n"https://k.test/k?k=1", "type": "k"}], "usage": {"cost": "0.10", "n": 1}}'
    )
    for key in ("k", "1", "0"):
        told = json.loads(redacted(body, key))
        assert (told["id"], told["output"][0]["url"], told["usage"]) == (
            "ak1",
            "https://k.test/k?k=1",
            {"cost": "0.10", "n": 1},
        )


def test_without_a_key_nothing_changes() -> None:
    assert redacted(b'{"a": "b"}', "") == b'{"a": "b"}'


def test_hostile_replies_take_no_time() -> None:
    began = time.perf_counter()
    for body in (b'{"' + b"\\" * 2_000_000, b'{"k' + b'"' * 2_000_000, b"{" + b'"k":' * 500_000):
        redacted(body, "k")
    assert time.perf_counter() - began < 3
