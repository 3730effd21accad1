from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.cli import Cli
from tests.support.waiting import PATIENCE

ORDER = {"model": "kirin_v3_t2v", "input": [{"params": {"multi_shot": False, "prompt": "A boat.", "duration": "5"}}]}
KEY = {"Authorization": "Bearer mine"}


@contextmanager
def simulate(cli: Cli, *options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "storyboard", "simulate", "--port", "0", *options],
        cwd=cli.folder,
        env=cli.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().rstrip()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_simulator_sells_until_stopped_and_prints_the_total(cli: Cli, end: signal.Signals) -> None:
    with simulate(cli) as process:
        url = first_line(process).removeprefix("simulated gateway at ").split()[0]
        hint = first_line(process)
        assert httpx.post(f"{url}/model/v1/generation", json=ORDER, headers=KEY, timeout=PATIENCE).status_code == 200
        process.send_signal(end)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert f"STORYBOARD_BASE_URL={url} STORYBOARD_API_KEY=anything storyboard build --provider kirin" in hint
    assert err.splitlines()[-1] == "1 task, $0.42 charged in play money"


def test_quiet_prints_the_address_alone(cli: Cli) -> None:
    book = cli.folder / "book.jsonl"
    with simulate(cli, "--quiet", "--base-path", "api/", "--key", "mine", "--book", str(book)) as process:
        url = first_line(process)
        assert url.endswith("/api")
        assert httpx.post(f"{url}/model/v1/generation", json=ORDER, timeout=PATIENCE).status_code == 401
        assert httpx.post(f"{url}/model/v1/generation", json=ORDER, headers=KEY, timeout=PATIENCE).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE) == ("", "")
    assert [json.loads(line)["what"] for line in book.read_text().splitlines()] == ["post", "task", "charge", "post"]


def test_faults_come_from_a_file(cli: Cli) -> None:
    cli.write("faults.json", '[{"do": "balance", "code": 40203, "times": "always"}]')
    with simulate(cli, "--quiet", "--faults", "faults.json") as process:
        reply = httpx.post(f"{first_line(process)}/model/v1/generation", json=ORDER, headers=KEY, timeout=PATIENCE)
    assert (reply.status_code, reply.json()["status"]["error_code"]) == (402, 40203)


@pytest.mark.parametrize(
    ("rules", "message", "help_"),
    [
        ('{"do": "lost-replay"}', "rule 1: there is no fault `lost-replay`", "did you mean `lost-reply`?"),
        ('[{"do": "fail", "cod": "1"}]', "rule 1: there is no option `cod`", "did you mean `code`?"),
        ('{"do": "cut", "operation": "poll"}', "rule 1: there is no operation of this fault `poll`", "download"),
        ("{", "faults.json is not JSON", None),
    ],
)
def test_malformed_fault_rules_are_wrong_use(cli: Cli, rules: str, message: str, help_: str | None) -> None:
    cli.write("faults.json", rules)
    done = cli("simulate", "--faults", "faults.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {message}")
    assert help_ is None or f"help: {help_}" in done.err


def test_without_the_extra_it_says_what_to_install(cli: Cli) -> None:
    program = (
        "import sys; sys.modules['starlette'] = None; from storyboard.cli.main import run; sys.exit(run(['simulate']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=cli.folder, env=cli.environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"needs the extra `simulate`" in done.stderr
    assert b".[simulate]" in done.stderr


def test_port_in_use_is_reported(cli: Cli) -> None:
    with simulate(cli, "--quiet") as process:
        done = cli("simulate", "--port", first_line(process).rpartition(":")[2])
    assert done.code == 2
    assert "cannot listen at 127.0.0.1:" in done.err
