"""`storyboard sign`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trustme

from storyboard.media.c2pa_signer import read_identity, sign_file
from storyboard.media.film_tags import SourceType
from storyboard.media.mp4 import carries_credentials
from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.clips import SimulatedClips, small_film
from tests.support.certificates import STUDIO, CertificateFiles, issue_certificate
from tests.support.cli import Cli
from tests.support.shop import Shop

STORY = 'story "Night"\n  .model kirin_v3_t2v\n\nscene a\n\nshot one 3s\n  Rain.\n'


def certificate_flags(files: CertificateFiles) -> list[str]:
    return ["--certificate", str(files.certificate), "--private-key", str(files.private_key)]


def test_film_and_clips_are_signed_beside_the_build(cli: Cli, tmp_path: Path) -> None:
    cli.write("night.story", STORY)
    cli("build")
    files = issue_certificate(tmp_path / "studio")
    done = cli("sign", *certificate_flags(files))
    assert (done.code, done.out) == (0, f"✓ build/night/signed/night.mp4  and 1 clip, signed as {STUDIO}\n")
    assert "1 of 2  01-a-1.mp4" in done.err
    assert carries_credentials(cli.folder / "build/night/signed/night.mp4")
    assert carries_credentials(cli.folder / "build/night/signed/clips/01-a-1.mp4")
    assert not carries_credentials(cli.folder / "build/night/night.mp4")
    again = cli("sign", *certificate_flags(files))
    assert (again.out, again.err) == (done.out, "")


def test_only_the_users_configuration_can_name_the_certificate(cli: Cli, tmp_path: Path) -> None:
    cli.write("night.story", STORY)
    cli("build")
    files = issue_certificate(tmp_path / "studio")
    named = f'certificate = "{files.certificate}"\nprivate_key = "{files.private_key}"\n'
    config = Path(cli.environment["XDG_CONFIG_HOME"]) / "storyboard/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(named, encoding="utf-8")
    assert cli("sign").code == 0
    cli.write("storyboard.toml", named)
    refused = cli("sign")
    assert refused.code == 2
    assert "storyboard.toml:1: a project cannot set `certificate`" in refused.err


def test_without_a_certificate_it_says_how_to_name_one(cli: Cli, tmp_path: Path) -> None:
    cli.write("night.story", STORY)
    files = issue_certificate(tmp_path / "studio")
    done = cli("sign")
    assert done.code == 2
    assert "no certificate to sign with" in done.err
    assert "--certificate" in done.err
    assert "no private key to sign with" in cli("sign", "--certificate", str(files.certificate)).err


def test_story_that_was_not_built_is_not_signed(cli: Cli, tmp_path: Path) -> None:
    cli.write("night.story", STORY)
    done = cli("sign", *certificate_flags(issue_certificate(tmp_path / "studio")))
    assert done.code == 3
    assert "there is no film to sign" in done.err


def test_certificate_that_c2pa_does_not_accept_is_refused(cli: Cli, tmp_path: Path) -> None:
    cli.write("night.story", STORY)
    cli("build")
    site = trustme.CA().issue_cert("storyboard.example")
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    site.private_key_pem.write_to_path(key)
    certificate.write_bytes(b"".join(each.bytes() for each in site.cert_chain_pems))
    done = cli("sign", "--certificate", str(certificate), "--private-key", str(key))
    assert done.code == 3
    assert "cannot be signed" in done.err
    assert "docs/provenance.md" in done.err
    assert not list((cli.folder / "build/night/signed").rglob("*.mp4"))


@pytest.mark.posix("nothing is bought there yet")
def test_gateway_credentials_are_lost_in_the_film_and_kept_by_signing(cli: Cli, tmp_path: Path) -> None:
    identity = read_identity(*issue_certificate(tmp_path / "gateway"))

    def marked_film(seconds: int, ratio: str) -> bytes:
        plain, marked = tmp_path / "plain.mp4", tmp_path / "marked.mp4"
        plain.write_bytes(small_film(seconds, ratio))
        made = {"action": "c2pa.created", "digitalSourceType": SourceType.TRAINED.address}
        assertions = [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}]
        sign_file(plain, marked, identity, {"claim_generator_info": [{"name": "kirin"}], "assertions": assertions})
        return marked.read_bytes()

    with serve(SimulatorConfig(take=0.05), clips=SimulatedClips(marked_film)) as gateway:
        shop = Shop(cli, gateway)
        built = shop("build", "--yes")
        assert "2 clips carry Content Credentials, which the film does not: storyboard sign keeps them" in built.out
        signed = shop("sign", *certificate_flags(issue_certificate(tmp_path / "studio")))
        assert "kept as ingredients: the marks that 2 clips brought" in signed.out
        shop("export", "provenance", "--out", "origin.json")
        origin = json.loads((cli.folder / "origin.json").read_text(encoding="utf-8"))
        assert [clip["content_credentials"] for clip in origin["clips"]] == [True, True]
