"""compile, plan and build from the command line, with the free local provider."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import Cli

SMALL = "[animatic]\nwidth = 128\nfps = 6\n"
TOP = 'story "T"\n  .model kirin_v3_t2v\n\n'
STORY = TOP + (
    "param city = Suzhou\n\nscene a\n\nshot one 3s\n  One in {{ city }}.\n\nshot two 3s\n  Two.\n\n"
    "scene b\n\nshot three 4s\n  Three 你好.\n"
)
BAD = TOP + "shto s 5s\n  x\n"


@pytest.fixture
def project(cli: Cli) -> Cli:
    """A project whose films are small."""
    cli.write("storyboard.toml", SMALL)
    cli.write("t.story", STORY)
    return cli


def states(document: dict[str, list[dict[str, list[dict[str, str]]]]]) -> dict[str, str]:
    return {job["id"]: job["state"] for story in document["stories"] for job in story["jobs"]}


def test_the_jobs_are_printed_as_they_would_be_sent(project: Cli) -> None:
    document = project("compile").json
    (story,) = document["stories"]
    assert (story["path"], story["title"], document["diagnostics"]) == ("t.story", "T", [])
    first, second = story["jobs"]
    assert (first["id"], first["provider"], first["shots"], first["seconds"]) == ("a#1", "kirin", ["a.one", "a.two"], 6)
    assert len(first["key"]) == len(first["content"]) == 64
    assert first["key"] != first["content"]
    assert first["payload"]["multi_prompt"][0] == {"index": 1, "prompt": "One in Suzhou.", "duration": "3"}
    assert second["payload"] == {
        "model": "kirin_v3_t2v",
        "multi_shot": False,
        "prompt": "Three 你好.",
        "duration": "4",
    }
    assert project("compile", "--json").json == document


def test_a_key_names_the_provider_and_a_content_does_not(project: Cli) -> None:
    kirin, animatic = (project("compile", "--provider", name).json for name in ("kirin", "animatic"))
    for one, other in zip(kirin["stories"][0]["jobs"], animatic["stories"][0]["jobs"], strict=True):
        assert one["content"] == other["content"]
        assert one["key"] != other["key"]


def test_set_value_appears_in_the_prompts(project: Cli) -> None:
    document = project("compile", "--set", "city=Xi'an {{ x }}").json
    assert document["stories"][0]["jobs"][0]["payload"]["multi_prompt"][0]["prompt"] == "One in Xi'an {{ x }}."
    for command in ("lint", "compile", "plan", "build"):
        done = project(command, "--set", "citty=Rome")
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: --set: there is no `param` named `citty`\n  help: did you mean `city`?\n"


def test_requests_can_be_copied_and_hold_no_key(project: Cli) -> None:
    done = project("compile", "--curl", env={"STORYBOARD_API_KEY": "sk-secret"})
    assert done.code == 0
    assert done.out.count("curl -X POST https://cloud.vtrix.ai/model/v1/generation") == 2
    assert '"Authorization: Bearer $STORYBOARD_API_KEY"' in done.out
    assert "sk-secret" not in done.out
    assert '"external_task_id": "sb-' in done.out
    assert subprocess.run(["bash", "-n"], input=done.out, text=True, check=False).returncode == 0
    assert project("compile", "--curl", "--provider", "animatic").code == 2
    assert project("compile", "--curl", "--json").code == 2


def test_jobs_in_a_file_are_compared_with_the_stories(project: Cli) -> None:
    assert project("compile", "--out", "jobs.json") == project("compile", "--check", "jobs.json")
    project.write("t.story", STORY.replace("Two.", "Twelve."))
    stale = project("compile", "--check", "jobs.json")
    assert (stale.code, stale.out) == (1, "")
    assert stale.err.splitlines()[-1] == "  t.story: a#1 differs"
    for name in ("t.story", "gone.json"):
        assert project("compile", "--check", name).code in {2, 3}


def test_transport_fields_are_shown_and_are_not_part_of_the_key(project: Cli) -> None:
    project("compile", "--out", "jobs.json")
    before = project("compile").json["stories"][0]["jobs"]
    assert {job["transport"].keys() == {"external_task_id"} for job in before} == {True}
    header = STORY.partition("\n\n")[0]
    project.write("t.story", STORY.replace(header, f"{header}\n  .callback_url https://me.test/done", 1))
    after = project("compile").json["stories"][0]["jobs"]
    assert {job["transport"]["callback_url"] for job in after} == {"https://me.test/done"}
    assert [job["key"] for job in after] == [job["key"] for job in before]
    assert project("compile", "--check", "jobs.json").code == 0, "no clip would be another one"
    sent = project("compile", "--curl").out
    assert all(job["transport"]["external_task_id"] in sent for job in after)


def test_comparison_is_available_as_json(project: Cli) -> None:
    project("compile", "--out", "jobs.json")
    same = project("compile", "--check", "jobs.json", "--json")
    assert (same.code, same.json["changes"]) == (0, [])
    project.write("t.story", STORY.replace("Two.", "Twelve.").replace("scene b", "scene c"))
    changed = project("compile", "--check", "jobs.json", "--json")
    assert (changed.code, changed.err) == (1, "")
    assert changed.json["changes"] == [
        {"path": "t.story", "id": "c#1", "change": "new"},
        {"path": "t.story", "id": "b#1", "change": "gone"},
        {"path": "t.story", "id": "a#1", "change": "differs"},
    ]
    assert changed.json["stories"] == project("compile").json["stories"]
    for text in ("[]", '{"stories": [1]}', '{"stories": [{"path": [], "jobs": [{"id": 1}]}]}', "\ud800"):
        (project.folder / "jobs.json").write_text(text, errors="surrogatepass")
        assert project("compile", "--check", "jobs.json", "--json").code in (1, 2)


def test_plan_shows_states_and_prices(project: Cli) -> None:
    done = project("plan", "--json")
    assert done.code == 0
    document = done.json
    assert [(job["id"], job["state"], job["estimate"]) for job in document["jobs"]] == [
        ("a#1", "buy", "0.504"),
        ("b#1", "buy", "0.336"),
    ]
    assert (document["new_seconds"], document["reused_seconds"], document["estimate"]) == (10, 0, "0.84")
    assert "to buy: 2 jobs, 10 s, about $0.84" in project("plan").out


def test_plan_names_shots_that_are_bought_along(project: Cli) -> None:
    jobs = project("plan", "--only", "a.two", "--json").json["jobs"]
    assert [(job["id"], job["wanted"]) for job in jobs] == [("a#1", True), ("b#1", False)]
    assert "a.one" in jobs[0]["reason"]
    for option in ("--only", "--rebuy", "--retry"):
        done = project("plan", option, "a.twoo")
        assert (done.code, done.err.splitlines()[1]) == (2, "  help: did you mean `a.two`?")


def test_build_renders_only_what_is_missing(project: Cli) -> None:
    first = project("build", "--json")
    assert (first.code, states(first.json)) == (0, {"a#1": "built", "b#1": "built"})
    (story,) = first.json["stories"]
    assert (story["path"], story["film"], first.json["paid"]) == ("t.story", "build/t/t.mp4", "0.00")
    assert [job["clip"] for job in story["jobs"]] == ["build/t/clips/01-a-1.mp4", "build/t/clips/02-b-1.mp4"]
    for name in ("t.mp4", "index.html", "manifest.json", "clips/01-a-1.mp4"):
        assert (project.folder / "build" / "t" / name).stat().st_size > 0
    assert not (project.folder / "t.story.lock").exists(), "what is free needs no lock"

    assert states(project("build", "--json").json) == {"a#1": "cached", "b#1": "cached"}
    project.write("t.story", STORY.replace("scene a", "# why\nscene aa").replace("shot one 3s", "shot uno   3s"))
    assert states(project("build", "--json").json) == {"aa#1": "cached", "b#1": "cached"}
    project.write("t.story", STORY.replace("Two.", "Twelve."))
    assert states(project("build", "--json").json) == {"a#1": "built", "b#1": "cached"}
    shutil.rmtree(project.folder / "build")
    assert states(project("build", "--json").json) == {"a#1": "cached", "b#1": "cached"}
    assert (project.folder / "build" / "t" / "t.mp4").exists()


def test_animatic_settings_change_the_clip_but_not_the_purchase(project: Cli) -> None:
    keys = {width: project("compile", "--provider", "animatic").json for width in (128,)}
    bought = project("compile").json
    project.write("storyboard.toml", SMALL.replace("128", "160"))
    other = project("compile", "--provider", "animatic").json
    assert other["stories"][0]["jobs"][0]["key"] != keys[128]["stories"][0]["jobs"][0]["key"]
    assert project("compile").json == bought


def test_build_says_what_it_wrote_and_what_to_do_next(project: Cli) -> None:
    done = project("build")
    assert done.out.splitlines() == [
        "✓ build/t/t.mp4   10 s   animatic, free",
        "  contact sheet: build/t/index.html",
        "  Change a shot and build again: only its job is rendered again. When the timing is right: --provider kirin",
    ]
    assert sorted(done.err.splitlines()) == ["  a#1   built", "  b#1   built"]
    again = project("build")
    assert again.out.splitlines() == done.out.splitlines()[:2]
    assert again.err == ""


def test_only_limits_the_shots(project: Cli) -> None:
    done = project("build", "--only", "b", "--json")
    assert (done.code, states(done.json)) == (0, {"a#1": "skipped", "b#1": "built"})
    assert done.json["stories"][0]["film"] is None
    assert done.json["stories"][0]["draft"] == "build/t/t.draft.mp4"
    assert [job["clip"] is None for job in done.json["stories"][0]["jobs"]] == [True, False]
    assert not (project.folder / "build" / "t" / "t.mp4").exists()
    shown = project("build", "--only", "b").out.splitlines()
    assert shown[0] == "✗ build/t/t.draft.mp4   draft: 1 of 2 jobs; a#1 is a card   animatic, free"
    assert project("build", "--only", "c").code == 2


def test_variant_has_its_own_film(project: Cli) -> None:
    (rome,) = project("build", "--set", "city=Rome", "--as", "rome", "--json").json["stories"]
    assert rome["film"] == "build/t.rome/t.rome.mp4"
    for name in ("../x", "a/b", ".", ""):
        assert project("build", "--as", name).code == (2 if name else 0)


def test_out_chooses_the_folder_of_the_film(project: Cli) -> None:
    (alone,) = project("build", "t.story", "--out", "films", "--json").json["stories"]
    assert alone["film"] == "films/t.mp4"
    project.write("sub/u.story", STORY)
    both = project("build", "--out", "films", "--json").json["stories"]
    assert [story["film"] for story in both] == ["films/t/t.mp4", "films/u/u.mp4"]
    project.write("sub/t.story", STORY)
    clash = project("build", "--out", "films")
    assert (clash.code, clash.out) == (2, "")
    project.write("file", "")
    assert project("build", "t.story", "--out", "file").code == 3
    assert project("build", "t.story", "--out", "/dev/full").code == 3


def test_an_error_in_any_file_stops_everything(project: Cli) -> None:
    project.write("bad.story", BAD)
    for command, empty in (("compile", "stories"), ("plan", "jobs"), ("build", "stories")):
        done = project(command, "--json")
        assert (done.code, done.json[empty]) == (1, [])
        assert [found["path"] for found in done.json["diagnostics"]][:1] == ["bad.story"]
    shown = project("build")
    assert (shown.code, shown.out) == (1, "")
    assert "┌─ bad.story:4:1" in shown.err
    assert not (project.folder / "build").exists()
    assert project("build", "--dry-run").code == 1


def test_dry_run_plans_with_the_provider_of_build_and_renders_nothing(project: Cli) -> None:
    done = project("build", "--dry-run")
    assert (done.code, done.out.splitlines()[-1]) == (0, "to render: 2 jobs, 10 s, free")
    assert project("build", "--dry-run", "--json").json["jobs"][0]["state"] == "buy"
    assert not (project.folder / "build").exists()


def test_libraries_are_not_built(project: Cli) -> None:
    project.write("lib.story", "let a = 1\n")
    for command in ("compile", "plan", "build"):
        named = project(command, "lib.story")
        assert (named.code, named.out) == (2, "")
        assert named.err.startswith("error: `lib.story` is a library")
    assert len(project("compile", ".").json["stories"]) == 1
    (project.folder / "t.story").unlink()
    assert project("build").code == 2
    assert project("lint").code == 0


def test_provider_comes_from_flag_environment_or_project(project: Cli) -> None:
    def provider(*arguments: str, env: dict[str, str] | None = None) -> str:
        return str(project("compile", *arguments, env=env).json["stories"][0]["jobs"][0]["provider"])

    assert provider() == "kirin"
    project.write("storyboard.toml", 'provider = "animatic"\n' + SMALL)
    assert provider() == "animatic"
    assert provider(env={"STORYBOARD_PROVIDER": "kirin"}) == "kirin"
    assert provider("--provider", "animatic", env={"STORYBOARD_PROVIDER": "kirin"}) == "animatic"
    done = project("plan", "--provider", "animatik")
    assert (done.code, done.err) == (2, "error: there is no provider `animatik`\n  help: did you mean `animatic`?\n")


def test_damaged_lock_is_reported_with_what_to_do(project: Cli) -> None:
    project.write("t.story.lock", "<<<<<<< HEAD\n")
    for command in ("compile", "plan", "build"):
        done = project(command, "t.story")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("error: t.story.lock:1")


def test_fmt_writes_checks_and_shows(cli: Cli) -> None:
    untidy, tidy = 'story   "T"\r\n   .model  kirin_v3_t2v\r\nshot s   5s\r\n    x', TOP + "shot s 5s\n  x\n"
    path = cli.write("a.story", untidy)
    path.chmod(0o640)
    assert (cli("fmt", "--check").code, path.read_bytes()) == (1, untidy.encode())
    assert cli("fmt", "--check").out == "would be reformatted: a.story\n"
    diff = cli("fmt", "--diff")
    assert (diff.code, path.read_bytes()) == (0, untidy.encode())
    assert "+shot s 5s" in diff.out.splitlines()
    assert cli("fmt", "--check", "--json").json == {"changed": ["a.story"], "files": 1, "diagnostics": []}
    assert (cli("fmt", "a.story").code, path.read_bytes()) == (0, tidy.encode())
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o640
    assert cli("fmt", "--check").code == 0
    assert cli("fmt", "-", stdin=untidy).out == tidy
    assert [entry.name for entry in cli.folder.iterdir()] == ["a.story"]


def test_fmt_leaves_binary_files_alone(cli: Cli) -> None:
    path = cli.write("a.story", b"\xff\x00")
    done = cli("fmt")
    assert (done.code, path.read_bytes()) == (1, b"\xff\x00")
    assert "SB001" in done.err
    assert cli("fmt", "-", stdin=b"\xff").code == 1


def test_fmt_follows_a_link_and_keeps_it(cli: Cli) -> None:
    real = cli.write("real.txt", 'story   "T"\n')
    (cli.folder / "a.story").symlink_to(real)
    assert cli("fmt", "a.story").code == 0
    assert (cli.folder / "a.story").is_symlink()
    assert real.read_text() == 'story "T"\n'


def test_the_store_lists_verifies_and_finds(project: Cli) -> None:
    assert project("store", "verify").out == "there are no clips yet\n"
    project("build")
    jobs = project("store", "ls", "--json").json["jobs"]
    assert {job["state"] for job in jobs} == {"done"}
    assert {tuple(job["shots"]) for job in jobs} == {("a.one", "a.two"), ("b.three",)}
    key = jobs[0]["key"]
    assert key[:12] in project("store", "ls").out
    clip = Path(project("store", "path", key[:10]).out.strip())
    assert clip.suffix == ".mp4"
    assert project("store", "path", "").code == 2
    assert project("store", "path", "zz").code == 2
    clip.write_bytes(b"x")
    done = project("store", "verify", "--json")
    assert (done.code, done.json["clips"], len(done.json["damaged"])) == (3, 2, 1)
    assert states(project("build", "--json").json) in (
        {"a#1": "built", "b#1": "cached"},
        {"a#1": "cached", "b#1": "built"},
    )
