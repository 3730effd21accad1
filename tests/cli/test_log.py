"""`--log json`: one line of JSON an event, valid by its schema, without any secret."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from storyboard.report.event_log import EventLog
from storyboard.report.style import line
from storyboard.run.events import Fetching, Notice, Retrying
from tests.support.cli import Done
from tests.support.fakes import a_job
from tests.support.printed_documents import validator
from tests.support.shop import KEY, Shop

LOG = ("build", "--log", "json")


def lines_of(done: Done) -> list[dict[str, Any]]:
    """Each line of stderr, which must be a valid line of a log."""
    found = [json.loads(text) for text in done.err.splitlines()]
    problems = [error.message for each in found for error in validator("log-line").iter_errors(each)]
    assert problems == []
    return found


def test_each_event_is_a_line_with_the_job_key_and_the_story(shop: Shop) -> None:
    done = shop(*LOG, "--yes")
    assert done.code == 0
    lines = lines_of(done)
    keys = {block["key"] for block in shop.lock}
    ended = [each for each in lines if each["event"] == "ended"]
    assert {each["key"] for each in ended} == keys
    assert {each["story"] for each in lines if "key" in each} == {"lanterns"}
    assert {(each["job"], each["state"], each["level"]) for each in ended} == {
        ("street#1", "built", "info"),
        ("river#1", "built", "info"),
    }
    assert sum(Decimal(each["cost"]) for each in lines if each["event"] == "charged") == shop.paid
    assert {each["event"] for each in lines} >= {"queued", "rendering", "fetching", "charged", "ended"}
    assert all(each["time"].endswith("Z") for each in lines)


def test_the_result_on_stdout_is_as_without_a_log(shop: Shop) -> None:
    assert "paid $0.84" in shop(*LOG, "--yes").out
    assert shop(*LOG, "--json").json["stories"][0]["path"] == "lanterns.story"


def test_a_failed_job_is_an_error_in_the_log(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "boats"})
    done = shop(*LOG, "--yes")
    assert done.code == 3
    [failed] = [each for each in lines_of(done) if each["event"] == "ended" and each["state"] == "failed"]
    assert (failed["level"], failed["job"]) == ("error", "river#1") and failed["reason"]


def test_errors_of_the_command_are_lines_too(shop: Shop) -> None:
    wrong = shop(*LOG, "nowhere.story")
    assert wrong.code == 2
    assert [each["level"] for each in lines_of(wrong)] == ["error"]
    shop.edit("shot boats", "shot bo ats")
    done = shop(*LOG)
    assert done.code == 1 and all(each["event"] == "note" for each in lines_of(done))


def test_the_next_command_speaks_to_people_again(shop: Shop) -> None:
    shop(*LOG, "nowhere.story")
    assert shop("build", "nowhere.story").err.startswith("error: ")


def test_a_key_that_the_gateway_repeats_is_not_in_the_log(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "message": f"the key {KEY} asked for boats", "prompt": "boats"})
    done = shop(*LOG, "--yes")
    assert lines_of(done) and KEY not in done.err + done.out
    shop.key = "sk-simulated-other-4567"
    denied = shop(*LOG, "--yes", env={"STORYBOARD_API_KEY": "sk-unknown-9999999"})
    assert lines_of(denied) and "sk-unknown-9999999" not in denied.err + denied.out


def test_secrets_are_hidden_whoever_put_them_there() -> None:
    written: list[str] = []
    log = EventLog(written.append, ["sk-first-1234567"])
    log.hide('sk-"second"-1234567')
    log(Notice("told sk-first-1234567"))
    log(Retrying(a_job(), "00" * 32, 'while sk-"second"-1234567 was sent', 3.0))
    log.say([line("with ", "sk-first-1234567")])
    assert not [text for text in written if "1234567" in text]
    assert [json.loads(text)["event"] for text in written] == ["notice", "retrying", "note"]


def test_a_download_is_one_line_however_many_pieces_come() -> None:
    written: list[str] = []
    log = EventLog(written.append)
    for received in range(50):
        log(Fetching(a_job(), "00" * 32, received, 50))
    assert len(written) == 1


def test_control_characters_of_a_message_stay_inside_its_line() -> None:
    written: list[str] = []
    EventLog(written.append)(Notice("first\nsecond\x1b[31m\u2028third"))
    [text] = written
    assert text.count("\n") == 1 and "\x1b" not in text and json.loads(text)["message"].startswith("first\nsecond")
