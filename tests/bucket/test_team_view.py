"""`status --all` and `costs --team` with a bucket: who is there, what runs, and what the team has spent."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.bucket.note import read_note
from storyboard.bucket.note_book import NoteBook
from storyboard.report.team_costs import TeamPurchases, team_sums
from tests.support.buckets import TestBucket
from tests.support.shop import TOGETHER, Shop

YES = "--yes"
MAY = {"store": "f" * 32, "name": "mei@laptop", "at": "2026-01-02T03:04:05Z"}


def rewrite(bucket: TestBucket, **said: Any) -> list[str]:
    """Write every note as another machine would; returns their keys."""
    book = NoteBook(bucket.objects())
    keys = [path.rpartition("/")[2][:64] for path in bucket.paths() if path.startswith("notes/")]
    for key in keys:
        path = f"notes/{key[:2]}/{key}.json"
        document = {**json.loads(bucket.content(path)), **said, "n": "0" * 31 + str(len(said))}
        book.write(read_note(json.dumps(document).encode(), key), book.read(key))
    return keys


def team(shop: Shop, code: int = 0) -> dict[str, Any]:
    """The one team of `status --all --json`."""
    done = shop("status", "--all", "--json")
    assert done.code == code, done.err
    [found] = done.json["teams"]
    return dict(found)


def test_status_of_a_team_names_machines_and_running_jobs(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES, "--no-wait", code=6)
    found = team(shop)
    assert (found["record"], found["address"], found["purchases"]) == ("bucket", bucket.address, 2)
    assert {(job["state"], job["project"], job["story"]) for job in found["jobs"]} == {
        ("running", "lantern", "lanterns.story")
    }
    assert all(job["task"] and datetime.fromisoformat(job["since"]).tzinfo is UTC for job in found["jobs"])
    [machine] = found["holders"]
    assert machine["name"] == found["jobs"][0]["by"] and machine["version"] and machine["may_send"] == 0
    assert found["people"] == [{"name": machine["name"], "running": 2, "unknown": 0, "lost": 0, "waiting": 0}]
    shop.build(YES)
    found = team(shop)
    assert found["jobs"] == [] and found["people"] == [] and found["budgets"] == []


def test_status_of_a_team_shows_what_counts_under_shared_budgets(shop: Shop, bucket: TestBucket) -> None:
    settings = shop.cli.folder / "storyboard.toml"
    settings.write_text(f"{settings.read_text()}budget = 12\n")
    shop.build(YES, "--no-wait", code=6)
    assert team(shop)["budgets"] == [{"project": "lantern", "spent": "0.00", "reserved": "0.84", "holds": []}]
    shop.build(YES)
    assert team(shop)["budgets"] == [{"project": "lantern", "spent": "0.84", "reserved": "0.00", "holds": []}]
    assert "$0.84 spent" in shop("status", "--all").out


def test_silent_intent_is_unknown_and_names_who_may_still_send_it(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    old = {"state": "intent", "task": None, "tasks": [], "clip": None, "cost": None, "may": [MAY], "at": MAY["at"]}
    keys = rewrite(bucket, **old)
    found = team(shop)
    assert {(job["key"], job["state"], job["by"], job["since"]) for job in found["jobs"]} == {
        (key, "unknown", "mei@laptop", "2026-01-02T03:04:05+00:00") for key in keys
    }
    assert ("mei@laptop", 2) in {(each["name"], each["may_send"]) for each in found["holders"]}
    text = shop("status", "--all").out
    assert "may still be sent by mei@laptop" in text and "--take-over" in text


def test_status_without_all_asks_no_bucket(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    bucket.faults.seen.clear()
    assert shop("status", "--json").json["teams"] == []
    assert bucket.faults.seen == []


def test_page_of_a_team_is_written_where_it_was_asked_for(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    done = shop("status", "--all", "--page", "team.html")
    assert done.code == 0 and "2 running" in done.out
    page = (shop.cli.folder / "team.html").read_text()
    assert page.startswith("<!doctype html>") and "s3://films" in page and "running" in page


def test_page_is_refused_where_there_is_no_team_to_show(shop: Shop) -> None:
    assert shop("status", "--page", "team.html").code == 2
    shop.environment.clear()
    done = shop("status", "--all", "--page", "team.html")
    assert done.code == 2 and "shares neither a ledger nor a bucket" in done.err
    assert not (shop.cli.folder / "team.html").exists()


def test_unchanged_notes_are_not_read_again(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    team(shop)
    bucket.faults.seen.clear()
    team(shop)
    assert not [path for method, path in bucket.faults.seen if method == "GET" and "/notes/" in path]
    rewrite(bucket, error="changed")
    bucket.faults.seen.clear()
    team(shop)
    assert len([path for method, path in bucket.faults.seen if method == "GET" and "/notes/" in path]) == 2


def test_status_still_shows_this_machine_when_the_bucket_is_away(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES, "--no-wait", code=6)
    bucket.faults.away = True
    done = shop("status", "--all")
    assert done.code == 3
    assert "2 running" in done.out and f"bucket {bucket.address}" in done.out and "not reached" in done.out
    assert team(shop, code=3)["trouble"]


def test_a_damaged_note_is_named_and_the_rest_is_shown(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    paths = [path for path in bucket.paths() if path.startswith("notes/")]
    bucket.put(paths[0], b"{}")
    bucket.put("notes/ff/" + "f" * 64 + ".json", b" " * 10_000)
    found = team(shop)
    assert found["purchases"] == 1 and len(found["damaged"]) == 2
    assert len(shop("costs", "--team", "--json").json["damaged"]) == 2
    assert "not counted" in shop("costs", "--team").out


def test_a_bucket_that_only_the_project_names_is_not_asked(shop: Shop, bucket: TestBucket) -> None:
    shop.cli.write("storyboard.toml", f'project = "lantern"\nclips = "{bucket.address}"\n')
    shop.environment.clear()
    done = shop("status", "--all")
    assert done.code == 5 and "STORYBOARD_CLIPS" in done.out
    assert shop("costs", "--team").code == 5
    assert bucket.faults.seen == []


def test_costs_of_a_team_are_what_the_gateway_was_paid(shop: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    shop.build(YES)
    other = shop.elsewhere(tmp_path / "other", "storyboard.toml")
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", (shop.cli.folder / "storyboard.toml").read_text())
    other.cli.write("lanterns.story", (shop.cli.folder / "lanterns.story").read_text().replace("Paper", "Wooden"))
    other.build(YES)
    document = shop("costs", "--team", "--json").json
    assert Decimal(document["total"]["cost"]) == shop.paid > TOGETHER
    assert document["total"]["tasks"] == shop.posts == 3
    for view in ("person", "project", "story", "month"):
        rows = document[f"by_{view}"]
        assert sum(Decimal(row["cost"]) for row in rows) == shop.paid and all(row[view] for row in rows)
    [project], [month] = document["by_project"], document["by_month"]
    assert (project["project"], month["month"]) == ("lantern", datetime.now(UTC).strftime("%Y-%m"))
    assert f"spent: ${shop.paid.quantize(Decimal('0.01'))} on 3 tasks" in shop("costs", "--team").out


def test_costs_of_a_team_count_a_reserved_price_until_the_charge_is_known(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    total = shop("costs", "--team", "--json").json["total"]
    assert (total["cost"], total["charged"], total["reserved"]) == ("0.84", "0.00", "0.84")
    assert "including $0.84 reserved" in shop("costs", "--team").out


def test_costs_of_a_team_as_a_table_for_spreadsheets(shop: Shop) -> None:
    shop.build(YES)
    [row] = csv.DictReader(shop("costs", "--team", "--csv", "--by", "project").out.splitlines())
    assert row == {"project": "lantern", "tasks": "2", "cost": "0.84", "charged": "0.84", "reserved": "0.00"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--team", "--by", "scene"),
        ("--by", "person"),
        ("--team", "lanterns.story"),
        ("--team", "--correct", "0123", "1"),
        ("--team", "--csv", "--json"),
    ],
)
def test_unsupported_options_of_team_costs_are_refused(shop: Shop, arguments: tuple[str, ...]) -> None:
    assert shop("costs", *arguments).code == 2


def test_costs_of_a_team_without_a_bucket_say_how_to_share_one(shop: Shop) -> None:
    shop.environment.clear()
    done = shop("costs", "--team")
    assert done.code == 2 and "docs/operations.md" in done.err


def test_sums_of_a_team_add_up_each_group() -> None:
    one = TeamPurchases("mei", "lantern", "a.story", "2026-10", 2, Decimal("1.20"), Decimal("0.30"))
    two = TeamPurchases("jun", "lantern", "a.story", "2026-11", 1, Decimal("0.50"), Decimal(0))
    assert {name: each.cost for name, each in team_sums([one, two], "person").items()} == {
        "jun": Decimal("0.50"),
        "mei": Decimal("1.50"),
    }
    [(name, story)] = team_sums([one, two], "story").items()
    assert (name, story.tasks, story.cost) == ("lantern a.story", 3, Decimal("2.00"))


def test_build_names_who_began_a_job_of_unknown_outcome_and_when(
    shop: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    shop.build(YES)
    wrote = {"store": "f" * 32, "name": "mei@laptop", "version": "0.1.0"}
    rewrite(bucket, state="intent", task=None, tasks=[], clip=None, cost=None, may=[MAY], by=wrote)
    other = shop.elsewhere(tmp_path / "other", "storyboard.toml", "lanterns.story")
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", (shop.cli.folder / "storyboard.toml").read_text())
    jobs = other.build(YES, "--no-wait", code=7).values()
    assert {(job["state"], job["by"]) for job in jobs} == {("unknown", "mei@laptop")}
    assert all(job["since"] is None or datetime.fromisoformat(job["since"]).tzinfo is UTC for job in jobs)


def test_job_of_one_machine_alone_names_nobody(shop: Shop) -> None:
    shop.environment.clear()
    jobs = shop.build(YES, "--no-wait", code=6).values()
    assert {(job["state"], job["by"], job["since"]) for job in jobs} == {("running", None, None)}
