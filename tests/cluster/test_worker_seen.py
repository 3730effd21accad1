"""What a running worker shows: its numbers for Prometheus, and its log. A real process, database and gateway."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.farm import another
from tests.support.postgres import free_port
from tests.support.printed_documents import validator
from tests.support.shop import KEY, SETTINGS, Shop
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a worker runs on POSIX systems only")
PASSWORD = "secret-of-the-database"


def scraped(port: int) -> dict[str, float]:
    """Each number, by its name and labels; nothing while the worker does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    assert KEY not in text and PASSWORD not in text and "lantern" not in text
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_numbers_and_log_of_a_worker_say_what_it_bought_and_no_secret(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes", "--detach", code=6)
    machine = another(shop, tmp_path / "worker")
    (machine.cli.folder / "lanterns.story").unlink()
    machine.cli.write("storyboard.toml", SETTINGS)
    port = free_port()
    arguments = ["worker", "--name", "farm-1", "--log", "json", "--metrics", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "storyboard", *arguments],
        cwd=machine.cli.folder,
        env={**machine.cli.environment, **machine.env, **shop.environment, "PGPASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        until(lambda: scraped(port).get("storyboard_jobs_total built") == 2)
        found = scraped(port)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert found["storyboard_charged_dollars_total"] == float(shop.paid)
    assert found["storyboard_ledger_connected"] == 1 and found["storyboard_spool_messages"] == 0
    assert found["storyboard_jobs_in_progress rendering"] == 0 and found["storyboard_render_seconds_count"] == 2
    lines = [json.loads(text) for text in err.decode().splitlines()]
    assert [error.message for each in lines for error in validator("log-line").iter_errors(each)] == []
    taken = [each for each in lines if each["event"] == "taken"]
    assert {(each["project"], each["story"]) for each in taken} == {("lantern", "lanterns.story")}
    ended = {each["key"]: each for each in lines if each["event"] == "ended"}
    assert set(ended) == {each["key"] for each in taken} and len(ended) == 2
    assert {(each["state"], each["story"]) for each in ended.values()} == {("built", "lanterns.story")}
    assert sum(Decimal(each["cost"]) for each in lines if each["event"] == "charged") == shop.paid
    printed = (out + err).decode()
    assert KEY not in printed and PASSWORD not in printed


def test_numbers_of_a_worker_are_there_before_its_ledger_is(shop: Shop) -> None:
    port = free_port()
    shop.environment["STORYBOARD_LEDGER"] = f"postgresql://127.0.0.1:{free_port()}/films"
    process = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "worker", "--metrics", str(port)],
        cwd=shop.cli.folder,
        env={**shop.cli.environment, **shop.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: scraped(port).get("storyboard_ledger_connected") == 0)
    finally:
        process.kill()
        process.wait()
