"""The numbers that a worker serves, as the parser of Prometheus' own client reads them."""

from __future__ import annotations

import http.client
import socket
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from storyboard.errors import UsageError
from storyboard.project.worker_metrics import serve_metrics
from storyboard.report.metrics import BOUNDS, Family, Meter, Sample, metrics_text
from storyboard.run.events import Charged, Ended, Fetching, Notice, Queued, Rendering, Retrying
from storyboard.run.result import JobResult, JobState
from tests.support.fakes import a_job
from tests.support.waiting import PATIENCE


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def read(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Each sample's value by its name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type in ("counter", "gauge", "histogram")
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def ended(key: str, state: JobState) -> Ended:
    return Ended(JobResult(a_job(), key, state, ""))


def run_a_film(meter: Meter, clock: Clock) -> None:
    for key, seconds in (("k1", 45), ("k2", 400)):
        meter(Queued(a_job(), key))
        meter(Rendering(a_job(), key))
        clock.now += seconds
        meter(Fetching(a_job(), key))
        meter(Charged(key, Decimal("0.504"), a_job()))
        meter(ended(key, JobState.BUILT))
    meter(Retrying(a_job(), "k3", "busy", 3.0))
    meter(ended("k3", JobState.FAILED))
    meter(Rendering(a_job(), "k4"))
    meter(Notice("something"))


def test_numbers_are_read_back_as_they_were_counted() -> None:
    clock = Clock()
    meter = Meter(clock)
    run_a_film(meter, clock)
    found = read(metrics_text(meter.families("1.2.3")))
    assert found["storyboard_jobs_total"][("state", "built"),] == 2
    assert found["storyboard_jobs_total"][("state", "failed"),] == 1
    assert found["storyboard_jobs_total"][("state", "unknown"),] == 0
    assert {labels[0][1]: value for labels, value in found["storyboard_jobs_in_progress"].items()} == {
        "queued": 0,
        "rendering": 1,
        "fetching": 0,
    }
    assert found["storyboard_charged_dollars_total"] == {(): 1.008}
    assert found["storyboard_retries_total"] == {(): 1}
    assert found["storyboard_build_info"] == {(("version", "1.2.3"),): 1}
    assert found["storyboard_last_event_timestamp_seconds"] == {(): clock.now}
    assert found["process_start_time_seconds"] == {(): 1000}


def test_render_times_are_a_cumulative_histogram() -> None:
    clock = Clock()
    meter = Meter(clock)
    run_a_film(meter, clock)
    found = read(metrics_text(meter.families("1")))
    buckets = {labels[0][1]: value for labels, value in found["storyboard_render_seconds_bucket"].items()}
    assert (buckets["30"], buckets["60"], buckets["300"], buckets["600"], buckets["+Inf"]) == (0, 1, 1, 2, 2)
    assert found["storyboard_render_seconds_count"] == {(): 2} and found["storyboard_render_seconds_sum"] == {(): 445}
    assert len(buckets) == len(BOUNDS) + 1


def test_labels_are_the_same_however_many_jobs_run() -> None:
    clock = Clock()
    meter = Meter(clock)
    before = {name: set(samples) for name, samples in read(metrics_text(meter.families("1"))).items()}
    for number in range(200):
        meter(Rendering(a_job(number), f"key-{number}"))
        meter(ended(f"key-{number}", JobState.BUILT))
    text = metrics_text(meter.families("1"))
    assert {name: set(samples) for name, samples in read(text).items()} == before
    assert "key-" not in text and a_job().id not in text


def test_odd_text_in_labels_and_help_is_escaped() -> None:
    odd = 'back\\slash "quoted"\nnew line'
    text = metrics_text([Family("one", "gauge", odd, (Sample(0.25, {"name": odd}),))])
    [family] = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"name": odd} and family.samples[0].value == 0.25
    assert family.documentation.replace('\\"', '"') == odd


def get(address: str, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_server_answers_with_the_numbers_of_now_and_with_nothing_else(host: str) -> None:
    meter = Meter(Clock())

    def text() -> str:
        return metrics_text(meter.families("1"))

    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip(f"not run: this machine has no {host}")
    with serve_metrics(host, 0, text) as address:
        status, kind, content = get(address, "/metrics")
        assert status == 200 and kind.startswith("text/plain; version=0.0.4")
        assert read(content.decode())["storyboard_jobs_total"][("state", "built"),] == 0
        meter(ended("k1", JobState.BUILT))
        assert read(get(address, "/metrics?x=1")[2].decode())["storyboard_jobs_total"][("state", "built"),] == 1
        assert get(address, "/metrics", "HEAD")[2] == b""
        assert [get(address, path)[0] for path in ("/", "/metrics/", "/../etc/passwd")] == [404] * 3
        assert get(address, "/metrics", "POST")[0] == 501


def test_port_that_is_taken_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"), serve_metrics("127.0.0.1", port, str):
            pass
