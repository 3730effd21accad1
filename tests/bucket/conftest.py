"""Buckets on a real server, one server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.buckets import TestBucket, fresh_bucket, s3_server


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestBucket]:
    with fresh_bucket(s3_port, monkeypatch) as made:
        yield made
