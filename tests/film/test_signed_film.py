"""Signed copies of a film and its clips, as C2PA's own reader judges them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from storyboard.errors import StoryboardError, UsageError
from storyboard.film import assemble
from storyboard.film.export import exported_film
from storyboard.film.exported_film import ExportedFilm, StoryCommit
from storyboard.film.signed_film import SigningPlan, plan_signing, sign_film
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.media.c2pa_signer import read_identity, sign_file
from storyboard.media.mp4 import carries_credentials
from storyboard.run.result import JobResult, RunResult
from storyboard.story.story import Story
from tests.support.certificates import STUDIO, CertificateFiles, issue_certificate
from tests.support.films import run_of, without
from tests.support.numbered_films import every_kind_of_shot
from tests.support.shots import run, story

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": False}}


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return issue_certificate(tmp_path_factory.mktemp("studio"))


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return issue_certificate(tmp_path_factory.mktemp("gateway"))


def night() -> Story:
    return replace(story([*run(3, 2, scene="arrival"), *run(4, scene="river")]), title="Night & <day> 灯\x1b")


def read(file: Path) -> dict[str, Any]:
    """What C2PA's own reader says of a file; it has to hold the signature to be valid."""
    context = c2pa.Context(c2pa.Settings.from_dict(OFFLINE))
    with file.open("rb") as content, c2pa.Reader("video/mp4", content, context=context) as reader:
        assert reader.get_validation_state() == "Valid", reader.get_validation_results()
        found: dict[str, Any] = json.loads(reader.json())
    return found


def active(found: dict[str, Any]) -> dict[str, Any]:
    manifest: dict[str, Any] = found["manifests"][found["active_manifest"]]
    return manifest


def assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    [data] = [each["data"] for each in manifest["assertions"] if each["label"] == label]
    assert isinstance(data, dict)
    return data


def actions(manifest: dict[str, Any]) -> list[str]:
    return [each["action"] for each in assertion(manifest, "c2pa.actions.v2")["actions"]]


def bought(made: Story, result: RunResult, folder: Path) -> ExportedFilm:
    """The film of clips that were all bought, at a commit."""
    assemble(made, result, folder, bought=[each.job.content for each in result.jobs])
    blocks = {each.job.content: _block(each) for each in result.jobs}
    film = exported_film(made, [each.job for each in result.jobs], folder, bought=blocks)
    return replace(film, commit=StoryCommit("c" * 40, is_unchanged=True))


def _block(result: JobResult) -> Block:
    job = result.job
    addresses = tuple(shot.address for shot in job.shots)
    fixed = ("kirin", "https://x", "dots", 1, "t-1", result.sha256, 5, Decimal("1.180"), PurchaseState.DONE)
    return Block(addresses, job.content, job.base, 1, *fixed)


def sign(film: ExportedFilm, folder: Path, files: CertificateFiles) -> tuple[SigningPlan, list[str]]:
    plan = plan_signing(film, folder, read_identity(*files))
    begun: list[str] = []
    sign_film(plan, lambda what: begun.append(what.target.name))
    return plan, begun


def pictures(file: Path) -> str:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    command = ["ffmpeg", "-v", "error", "-i", str(file), "-map", "0", "-c", "copy", "-f", "streamhash", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_reader_finds_a_valid_film_with_its_clips_as_ingredients(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    film = bought(made, run_of(made, tmp_path / "store"), folder)
    plan, _ = sign(film, folder, studio)
    found = read(plan.film)
    manifest = active(found)
    assert manifest["signature_info"]["issuer"] == STUDIO
    assert manifest["claim_generator_info"][0]["name"] == "storyboard"
    assert actions(manifest) == ["c2pa.created", "c2pa.placed", "c2pa.placed"]
    created = assertion(manifest, "c2pa.actions.v2")["actions"][0]
    assert created["digitalSourceType"] == TRAINED
    clips = [job.job.clip.name for job in film.line.jobs if job.job.clip is not None]
    assert [(each["title"], each["relationship"]) for each in manifest["ingredients"]] == [
        (name, "componentOf") for name in clips
    ]
    assert all(each["active_manifest"] in found["manifests"] for each in manifest["ingredients"])
    facts = assertion(manifest, "cawg.metadata")
    assert facts["dc:source"] == [f"night.story at {'c' * 40}"]
    assert facts["Iptc4xmpExt:AISystemUsed"] == "kirin_v3_t2v"
    assert "\x1b" not in facts["dc:title"]
    assert pictures(plan.film) == pictures(folder / "night.mp4"), "pictures and sound stay as they are"


def test_signed_clip_says_which_model_made_it_and_from_which_lines(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    result = run_of(made, tmp_path / "store")
    film = bought(made, result, folder)
    plan, _ = sign(film, folder, studio)
    [first, *_] = plan.files
    before = hashlib.sha256(first.source.read_bytes()).hexdigest()
    manifest = active(read(first.target))
    [created] = assertion(manifest, "c2pa.actions.v2")["actions"]
    assert created["softwareAgent"] == {"name": "kirin_v3_t2v"}
    assert created["digitalSourceType"] == TRAINED
    facts = assertion(manifest, "cawg.metadata")
    assert facts["dc:identifier"] == film.line.jobs[0].job.result.key
    line = result.jobs[0].job.shots[0].origin.span.position.line
    assert facts["dc:source"][0] == f"night.story:{line} at {'c' * 40}"
    assert before == result.jobs[0].sha256, "the clip itself is not touched"
    assert "Prompt of" not in json.dumps(read(plan.film)), "prompts are not published"


def test_credentials_of_the_gateway_are_kept(
    tmp_path: Path, studio: CertificateFiles, gateway: CertificateFiles
) -> None:
    made, folder = night(), tmp_path / "night"
    result = run_of(made, tmp_path / "store")
    marked = tmp_path / "store/marked.mp4"
    created = {
        "label": "c2pa.actions.v2",
        "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": TRAINED}]},
    }
    manifest = {"claim_generator_info": [{"name": "kirin", "version": "3"}], "title": "task", "assertions": [created]}
    assert result.jobs[0].clip is not None
    sign_file(result.jobs[0].clip, marked, read_identity(*gateway), manifest)
    first = replace(result.jobs[0], clip=marked, sha256=hashlib.sha256(marked.read_bytes()).hexdigest())
    film = bought(made, RunResult((first, *result.jobs[1:])), folder)
    assert not carries_credentials(folder / "night.mp4"), "joining loses them"
    plan, _ = sign(film, folder, studio)
    assert plan.kept_marks == 1
    clip = active(read(plan.files[0].target))
    assert actions(clip) == ["c2pa.opened"]
    [parent] = clip["ingredients"]
    assert parent["relationship"] == "parentOf"
    found = read(plan.film)
    assert found["manifests"][parent["active_manifest"]]["claim_generator_info"][0]["name"] == "kirin"


def test_signed_files_are_made_once(tmp_path: Path, studio: CertificateFiles, gateway: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    result = run_of(made, tmp_path / "store")
    film = bought(made, result, folder)
    clips = [job.job.clip.name for job in film.line.jobs if job.job.clip is not None]
    assert sign(film, folder, studio)[1] == [*clips, "night.mp4"]
    assert sign(film, folder, studio)[1] == []
    (folder / "signed/night.mp4").unlink()
    assert sign(film, folder, studio)[1] == ["night.mp4"]
    assert sign(film, folder, gateway)[1] == [*clips, "night.mp4"], "another certificate"


def test_signed_clips_that_the_film_lost_are_removed(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    sign(bought(made, run_of(made, tmp_path / "store"), folder), folder, studio)
    own = folder / "signed/clips/mine.mp4"
    own.write_bytes(b"mine")
    shorter = replace(story(run(3, 2, scene="arrival")), title="Night")
    sign(bought(shorter, run_of(shorter, tmp_path / "store"), folder), folder, studio)
    left = {file.name for file in (folder / "signed/clips").glob("*.mp4")}
    assert left == {"mine.mp4"} | {file.name for file in (folder / "clips").glob("*.mp4")}
    assert len(left) == 2


def test_footage_and_cards_are_ingredients_without_a_manifest(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = every_kind_of_shot(tmp_path / "source"), tmp_path / "mixed"
    plan, _ = sign(bought(made, run_of(made, tmp_path / "store"), folder), folder, studio)
    ingredients = active(read(plan.film))["ingredients"]
    assert {"active_manifest" in each for each in ingredients} == {True, False}


def test_draft_is_not_signed(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    result = without(run_of(made, tmp_path / "store"), "river#1")
    assemble(made, result, folder, bought=[result.jobs[0].job.content])
    film = exported_film(made, [each.job for each in result.jobs], folder)
    with pytest.raises(StoryboardError, match="no film to sign"):
        plan_signing(film, folder, read_identity(*studio))


def test_changed_film_has_no_valid_signature(tmp_path: Path, studio: CertificateFiles) -> None:
    made, folder = night(), tmp_path / "night"
    plan, _ = sign(bought(made, run_of(made, tmp_path / "store"), folder), folder, studio)
    content = bytearray(plan.film.read_bytes())
    content[content.index(b"mdat") + 200] ^= 1
    plan.film.write_bytes(content)
    with pytest.raises(AssertionError, match="Invalid"):
        read(plan.film)


def test_another_kind_of_key_signs(tmp_path: Path) -> None:
    made, folder = night(), tmp_path / "night"
    files = issue_certificate(tmp_path, curve=ec.SECP384R1())
    plan, _ = sign(bought(made, run_of(made, tmp_path / "store"), folder), folder, files)
    assert active(read(plan.film))["signature_info"]["alg"] == "Es384"


def test_unusable_certificates_are_refused_with_the_reason(tmp_path: Path, studio: CertificateFiles) -> None:
    def why(certificate: Path, private_key: Path) -> str:
        with pytest.raises(UsageError) as raised:
            read_identity(certificate, private_key)
        return raised.value.message

    other = issue_certificate(tmp_path / "other")
    assert "is not the key of the first certificate" in why(studio.certificate, other.private_key)
    assert "holds no certificate" in why(studio.private_key, studio.private_key)
    assert "holds no private key" in why(studio.certificate, studio.certificate)
    assert "cannot be read" in why(tmp_path / "none.pem", studio.private_key)
    assert "valid from" in why(*issue_certificate(tmp_path / "old", days=-1))
    assert "passphrase" in why(*issue_certificate(tmp_path / "locked", passphrase=b"secret"))
