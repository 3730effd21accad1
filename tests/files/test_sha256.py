"""SHA-256 without OpenSSL is SHA-256."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from storyboard.files.sha256 import sha256_hex


@given(st.binary(max_size=300))
def test_hash_is_the_standard_library_s(content: bytes) -> None:
    assert sha256_hex(content) == hashlib.sha256(content).hexdigest()
