"""Whatever lies in a bucket, reading it ends in a value that was checked or in one error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.bucket.lock_list import read_lock_list
from storyboard.bucket.note import DamagedNote, read_note, write_note
from storyboard.bucket.note_news import read_news
from storyboard.bucket.purse import read_purse
from tests.bucket.test_note_changes import KEY, intent
from tests.support.buckets import TestBucket
from tests.support.shop import Shop

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
GOOD: dict[str, dict[str, Any]] = {
    "note": json.loads(write_note(intent())),
    "purse": {"v": 1, "n": "0" * 32, "project": "p", "entries": {"a": {"story": "s", "price": "1"}}, "spent": {}},
    "lock list": {"v": 1, "n": "0" * 32, "project": "p", "story": "s", "variant": "", "clips": [KEY]},
}
READERS: dict[str, Callable[[bytes], object]] = {
    "note": lambda content: read_note(content, KEY),
    "purse": lambda content: read_purse(content, "p"),
    "lock list": lambda content: read_lock_list(content, "locks/p/s.json"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_good_document_is_read(kind: str) -> None:
    assert READERS[kind](json.dumps(GOOD[kind]).encode())


@pytest.mark.parametrize("kind", GOOD)
@given(data=st.data())
def test_document_with_a_strange_field_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    document = {**GOOD[kind], data.draw(st.sampled_from(sorted(GOOD[kind]))): data.draw(ANY_JSON)}
    with suppress(DamagedNote):
        READERS[kind](json.dumps(document).encode(errors="surrogatepass"))


@pytest.mark.parametrize("kind", GOOD)
@given(content=st.binary(max_size=200))
def test_bytes_that_are_no_document_are_refused(kind: str, content: bytes) -> None:
    with pytest.raises(DamagedNote):
        READERS[kind](content)


@given(document=ANY_JSON)
def test_news_that_was_tampered_with_is_refused(document: object) -> None:
    with pytest.raises(DamagedNote):
        read_news(document)


@pytest.mark.parametrize("path", ["storyboard.json", "notes", "locks"])
def test_damaged_bucket_ends_a_build_with_an_error_and_no_traceback(shop: Shop, bucket: TestBucket, path: str) -> None:
    shop.build("--yes")
    for each in bucket.paths():
        if each.startswith(path):
            bucket.put(each, b'{"v":1,"n":[]}')
    shop.edit("Paper boats", "Lamps")
    done = shop("build", "--yes")
    assert done.code == (3 if path == "storyboard.json" else 0), (done.code, done.out, done.err)
    assert shop.posts == (2 if path == "storyboard.json" else 3)
    assert "Traceback" not in done.err
