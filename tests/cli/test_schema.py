"""What commands print and read is valid by the schemas that `schema` prints, as jsonschema judges it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from storyboard.errors import UsageError
from storyboard.film.review_notes import read_review
from storyboard.project.schemas import SCHEMAS
from storyboard.project.settings import read_configuration
from tests.support.cli import Cli
from tests.support.printed_documents import schema_for
from tests.support.shop import Shop

EXAMPLES = Path(__file__).parents[2] / "examples"

STORY = (
    'story "Night"\n  .model kirin_v3_t2v\n\nscene river "The river"\n\nshot wide 5s\n  A river at night.\n\n'
    "shot close 3s\n  .negative text\n  A paper boat.\n\nshot title 2s\n  .card\n  Night\n"
)
SETTINGS = "[animatic]\nwidth = 128\nfps = 6\n"


def check(name: str, document: Any) -> None:
    problems = [f"{error.json_path}: {error.message}" for error in schema(name).iter_errors(document)]
    assert problems == []


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name].make())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_printed_and_is_a_schema(cli: Cli, name: str) -> None:
    document = cli("schema", name).json
    Draft202012Validator.check_schema(document)
    assert name in cli("schema").out
    assert not schema(name).is_valid("a text"), "it says something"


def test_unknown_schema_is_reported(cli: Cli) -> None:
    done = cli("schema", "plans")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: there is no schema `plans`\n  help: did you mean `plan`?\n"


def test_documents_are_valid_against_their_schemas(cli: Cli) -> None:
    cli.write("storyboard.toml", SETTINGS)
    cli.write("a.story", STORY)
    cli.write(
        "wrong.story", STORY.replace("close 3s", "close 3.5s").replace("A river", "{{ rivr }}\n  // x\n  A river")
    )
    check("findings", cli("lint", "--json").json)
    assert cli("lint", "--json").json["errors"]
    check("plan", cli("plan", "a.story", "--json").json)
    check("plan", cli("plan", "wrong.story", "--json").json)
    check("compile", cli("compile", "a.story", "--json").json)
    check("build", cli("build", "a.story", "--json").json)
    check("manifest", json.loads((cli.folder / "build" / "a" / "manifest.json").read_text()))
    check("payload", {"model": "kirin_v3_t2v", "mode": "pro"} | payload_of(cli))


def payload_of(cli: Cli) -> dict[str, Any]:
    payload: dict[str, Any] = cli("compile", "a.story", "--json").json["stories"][0]["jobs"][0]["payload"]
    return payload


def test_a_saved_plan_is_valid_against_its_schema(cli: Cli) -> None:
    cli.write("a.story", STORY.replace("\n\nscene", "\n\nparam season = day\n\nscene"))
    cli.write("storyboard.toml", "[variants.winter]\nseason = 'snow'\n")
    for number, options in enumerate(
        ("", "--only river.wide --set season=snow", "--as winter --provider kirin --rebuy river")
    ):
        assert cli("plan", "a.story", *options.split(), "--out", f"{number}.json").code == 0
        saved = json.loads((cli.folder / f"{number}.json").read_text())
        check("saved-plan", saved)
        assert saved["stories"][0]["jobs"]
        for wrong in ({**saved, "plan": 2}, {**saved, "more": 1}, {**saved, "asked": {}}):
            assert not schema("saved-plan").is_valid(wrong)


def test_files_of_a_purchase_are_valid_against_their_schemas(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", SETTINGS)
    shop.cli.write("a.story", STORY)
    check("build", shop("build", "a.story", "--provider", "kirin", "--json", "--yes").json)
    folder = shop.cli.folder
    _, *lines = (folder / "a.story.lock").read_text().splitlines()
    assert lines
    for line in lines:
        check("lock-line", json.loads(line))
    check("manifest", json.loads((folder / "build" / "a" / "manifest.json").read_text()))
    check("plan", shop("plan", "a.story", "--json").json)
    told = json.loads(shop("export", "provenance", "a.story", "--out", "-").out)
    check("provenance", told)
    bought = [clip for clip in told["clips"] if clip["request"]]
    assert {clip["provider"] for clip in bought} == {"kirin"}
    assert all(clip["digital_source_type"].endswith("/trainedAlgorithmicMedia") for clip in bought)
    assert all(clip["cost_usd"] and clip["task"] for clip in bought)


FULL = {
    "title": "Neon rain",
    "logline": "Two people miss each other.",
    "model": "kirin_v3_t2v",
    "aspect_ratio": "9:16",
    "style": "35mm film grain.",
    "negative": ["blurry", "on-screen text"],
    "characters": [{"name": "Mei", "looks": "a young woman in a red coat"}, {"name": "Jo"}],
    "scenes": [
        {
            "title": "The alley",
            "note": "Ask for rain.",
            "shots": [
                {
                    "name": "walk",
                    "seconds": 4,
                    "prompt": "Mei walks down an alley.",
                    "avoid": ["cars"],
                    "say": [{"speaker": "Mei", "line": "Hello?"}, {"line": "Nobody answers."}],
                    "caption": "Midnight",
                    "note": "The third lamp flickers.",
                },
                {"name": "sign", "seconds": 3.5, "prompt": "A neon sign buzzes over Jo."},
            ],
        },
        {"title": "The square", "shots": [{"prompt": "Rain on an empty square."}]},
    ],
}


def test_full_shot_list_becomes_a_story_without_leftovers(cli: Cli) -> None:
    check("shot-list", FULL)
    cli.write("list.json", json.dumps(FULL, ensure_ascii=False))
    imported = cli("import", "list.json", "--json").json
    check("import", imported)
    assert (imported["not_understood"], imported["diagnostics"]) == ([], [])
    lines = (cli.folder / "list.story").read_text().splitlines()
    for line in (
        'story "Neon rain"',
        "  .aspect_ratio 9:16",
        "  .suffix 35mm film grain.",
        "  .negative blurry, on-screen text",
        "  Two people miss each other.",
        "let mei = Mei, a young woman in a red coat",
        'scene alley "The alley"',
        "shot walk 4s",
        "  .avoid cars",
        "  .say Mei: Hello?",
        "  .say Nobody answers.",
        "  .caption Midnight",
        "  .note The third lamp flickers.",
        "  {{ mei }} walks down an alley.",
        "shot sign 4s",
        "  .cut 3.5s",
    ):
        assert line in lines


def test_the_cards_that_come_with_storyboard_are_valid() -> None:
    import tomllib

    cards = sorted((Path(__file__).parents[2] / "storyboard" / "cards" / "data").glob("*.toml"))
    assert cards
    for card in cards:
        document = tomllib.loads(card.read_text("utf-8"))
        problems = [f"{error.json_path}: {error.message}" for error in schema("model-card").iter_errors(document)]
        assert problems == [], card.name


VALID_SETTINGS = (
    'provider = "animatic"\nconcurrency = 3\nwait = "15s"\ntask_life = 7200\nbudget = "12.50 USD"\n',
    'resend = "never"\ndownload_hosts = ["cdn.example.com"]\n[animatic]\nwidth = 640\nfps = 12\n',
    '[lint]\nignore = ["SB140"]\n[lint.folders.drafts]\nerror = ["SB141"]\n[variants.oslo]\ncity = "Oslo"\n',
    '[providers.kirin]\nbase_url = "https://example.com"\n[providers.other]\nregion = 3\n[prices]\nkirin_v3_t2v = 0.1\n',
    'project = "lantern-team"\nclips = "s3://films/team"\nstore = "clips"\nbudget = 0\n',
)
REFUSED_SETTINGS = (
    "colour = 3\n",
    "concurrency = 0\n",
    'concurrency = "3"\n',
    'wait = "soon"\n',
    'wait = "12345678901s"\n',
    'budget = "12 EUR"\n',
    'resend = "always"\n',
    'download_hosts = "cdn.example.com"\n',
    "[animatic]\nwidth = 641\n",
    "[animatic]\nheight = 640\n",
    '[lint]\nignore = "SB140"\n',
    '[lint.folders.drafts]\nshow = ["SB140"]\n',
    "[variants.oslo]\ncity = 3\n",
    '[providers.kirin]\nregion = "x"\n',
    'base_url = "ftp://example.com"\n',
    'provider = " "\n',
    'project = "a b"\n',
    'clips = "here"\n',
    'certificate = "me.pem"\n',
)


@pytest.mark.parametrize("text", VALID_SETTINGS)
def test_settings_that_are_read_are_valid_by_their_schema(tmp_path: Path, text: str) -> None:
    (tmp_path / "storyboard.toml").write_text(text)
    read_configuration(tmp_path / "storyboard.toml", inside=tmp_path)
    check("settings", tomllib.loads(text))


@pytest.mark.parametrize("text", REFUSED_SETTINGS)
def test_settings_that_are_refused_are_not_valid_by_their_schema(tmp_path: Path, text: str) -> None:
    (tmp_path / "storyboard.toml").write_text(text)
    with pytest.raises(UsageError):
        read_configuration(tmp_path / "storyboard.toml", inside=tmp_path)
    assert not schema("settings").is_valid(tomllib.loads(text))


def test_settings_of_every_new_project_and_example_are_valid_by_their_schema(cli: Cli) -> None:
    assert cli("new", "lantern").code == 0
    written = [cli.folder / "lantern" / "storyboard.toml", *EXAMPLES.glob("*/storyboard.toml")]
    for path in written:
        check("settings", tomllib.loads(path.read_text(encoding="utf-8")))


def test_notes_that_are_read_are_valid_by_their_schema(tmp_path: Path) -> None:
    note = {"shot": "a", "take": 1, "second": 0.5, "text": "Too dark.", "author": "Ana"}
    whole = {"version": 1, "story": "a.story", "title": "A", "notes": [note, {"shot": "b", "text": "Yes."}]}
    check("notes", whole)
    for wrong in (whole | {"version": 2}, {"version": 1}, whole | {"notes": [{"shot": "a"}]}):
        (tmp_path / "notes.json").write_text(json.dumps(wrong))
        with pytest.raises(UsageError):
            read_review(tmp_path / "notes.json")
        assert not schema("notes").is_valid(wrong)


def test_documents_about_purchases_are_printed_as_their_schemas_say(shop: Shop) -> None:
    """Each command checks what it prints by its schema; see `tests/support/printed_documents.py`."""
    shop.cli.write("storyboard.toml", SETTINGS)
    shop.cli.write("a.story", STORY)
    assert shop("build", "a.story", "--provider", "kirin", "--json", "--yes").code == 0
    for command in (
        "status",
        "status --all",
        "costs",
        "costs --by model",
        "store ls",
        "store verify",
        "store gc --dry-run",
        "lock prune --dry-run",
        "models",
        "models kirin_v3_t2v",
        "explain SB203",
        "explain budget",
        "fmt --check",
    ):
        done = shop(*command.split(), "--json")
        assert done.json, command
        assert schema_for(command.split(), done.json), command
