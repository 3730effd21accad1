"""Buckets on a real server, one server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from tests.support.buckets import TestBucket, fresh_bucket, s3_server
from tests.support.cli import Cli
from tests.support.shop import SETTINGS, Shop


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestBucket]:
    with fresh_bucket(s3_port, monkeypatch) as made:
        yield made


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A person in an empty folder."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return Cli(tmp_path / "work", tmp_path / "home")


@pytest.fixture
def shop(cli: Cli, bucket: TestBucket) -> Iterator[Shop]:
    """The same person with a key and a bucket, before a gateway whose tasks end at once."""
    with serve(SimulatorConfig(take=0.05)) as gateway:
        shop = Shop(cli, gateway, environment={"STORYBOARD_CLIPS": bucket.address})
        cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
        yield shop
