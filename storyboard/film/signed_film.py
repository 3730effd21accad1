"""Signed copies of a film and its clips (C2PA): what each says of where it comes from, and where it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass
from storyboard.film import folder as disk
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.made_files import MadeFiles
from storyboard.film.provenance import ClipSource, Provenance, provenance_of
from storyboard.media.c2pa_signer import MP4, SignedIngredient, SigningIdentity, ingredient_id, sign_file
from storyboard.media.film_tags import SourceType
from storyboard.plain_text import plain_json
from storyboard.store.clips import sha256_of

FOLDER = "signed"
"""Where they are, in the folder of the film."""
RECORD = ".signed.json"
_CLIPS = "clips"
_VERSION = 1
_CONTEXT = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


@dataclass(frozen=True, slots=True)
class ToSign:
    """A file and its signed copy: what the copy says, its ingredients, and the hash of all that it is made from.

    `keeps_marks` says whether the file carried a manifest of its maker, which is kept as an ingredient.
    """

    source: Path
    target: Path
    manifest: Mapping[str, Any]
    ingredients: tuple[SignedIngredient, ...]
    recipe: str
    keeps_marks: bool = False


@dataclass(frozen=True, slots=True)
class SigningPlan:
    """The signed copies of a film's clips and of the film, last; `to_make` are those that are not there yet."""

    folder: Path
    identity: SigningIdentity
    files: tuple[ToSign, ...]
    to_make: tuple[ToSign, ...]

    @property
    def film(self) -> Path:
        """The signed film."""
        return self.files[-1].target

    @property
    def kept_marks(self) -> int:
        """How many clips carry a manifest of their maker."""
        return sum(each.keeps_marks for each in self.files)


def plan_signing(film: ExportedFilm, folder: Path, identity: SigningIdentity) -> SigningPlan:
    """Plan signed copies in the folder that a build leaves. Raises `StoryboardError` where there is no whole film."""
    if film.film_file is None:
        raise StoryboardError("there is no film to sign", help="build the whole story first: storyboard build")
    place = folder / FOLDER
    source = provenance_of(film)
    signer = hashlib.sha256(identity.certificate).hexdigest()
    clips: dict[Path, ToSign] = {}
    ingredients: dict[Path, SignedIngredient] = {}
    for job, about in zip(film.line.jobs, source["clips"], strict=True):
        clip = job.job.clip
        if clip is None or clip in ingredients:
            continue
        if not job.job.is_free:
            clips[clip] = _clip_to_sign(clip, place, about, source, signer)
        ingredients[clip] = SignedIngredient(clips[clip].target if clip in clips else clip, clip.name, "componentOf")
    parts = tuple(ingredients.values())
    manifest = _film_manifest(film, source, parts)
    hashes = [each.recipe for each in clips.values()]
    recipe = _recipe(manifest, signer, sha256_of(film.film_file), hashes)
    files = (*clips.values(), ToSign(film.film_file, place / film.film_file.name, manifest, parts, recipe))
    return SigningPlan(place, identity, files, tuple(each for each in files if not _is_made(each)))


def sign_film(plan: SigningPlan, begin: Callable[[ToSign], None]) -> None:
    """Make the signed copies that are missing; each is told to `begin` first, and stays when it is done.

    Signed copies that the film does not have any more are removed. Raises `StoryboardError`.
    """
    disk.refuse_link(plan.folder, plan.folder / _CLIPS)
    with disk.held(plan.folder):
        for folder in (plan.folder / _CLIPS, plan.folder):
            with disk.writing(folder):
                folder.mkdir(exist_ok=True)
            disk.remove_parts(folder)
            wanted = {each.target.name for each in plan.files if each.target.parent == folder}
            MadeFiles(folder, RECORD).remove_others(wanted)
        for each in plan.to_make:
            begin(each)
            with disk.writing(each.target):
                MadeFiles(each.target.parent, RECORD).make(
                    each.target, _VERSION, each.recipe, partial(_sign, each, plan.identity)
                )


def _sign(what: ToSign, identity: SigningIdentity, target: Path) -> None:
    sign_file(what.source, target, identity, what.manifest, what.ingredients)


def _is_made(what: ToSign) -> bool:
    return MadeFiles(what.target.parent, RECORD).has(what.target, _VERSION, what.recipe)


def _clip_to_sign(clip: Path, place: Path, about: ClipSource, source: Provenance, signer: str) -> ToSign:
    marked = bool(about["content_credentials"])
    kind = about["digital_source_type"] or SourceType.TRAINED.address
    created: dict[str, Any] = {"action": "c2pa.created", "digitalSourceType": kind}
    if about["model"]:
        created["softwareAgent"] = {"name": about["model"]}
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [ingredient_id(0)]}}
    facts: dict[str, Any] = {
        "dc:title": f"{source['title']}: {about['job']}",
        "dc:identifier": about["key"],
        "dc:source": _places(about, source),
        "Iptc4xmpExt:DigitalSourceType": kind,
    }
    if about["model"]:
        facts["Iptc4xmpExt:AISystemUsed"] = about["model"]
    manifest = _manifest(clip.name, [opened if marked else created], facts)
    ingredients = (SignedIngredient(clip, clip.name, "parentOf"),) if marked else ()
    recipe = _recipe(manifest, signer, about["sha256"], [])
    return ToSign(clip, place / _CLIPS / clip.name, manifest, ingredients, recipe, keeps_marks=marked)


def _film_manifest(film: ExportedFilm, source: Provenance, parts: tuple[SignedIngredient, ...]) -> dict[str, Any]:
    assert film.film_file is not None
    assert source["film"] is not None
    kind, models = source["film"]["digital_source_type"], source["film"]["models"]
    created = {"action": "c2pa.created", "digitalSourceType": kind}
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [ingredient_id(at)]}} for at in range(len(parts))
    ]
    facts: dict[str, Any] = {
        "dc:title": source["title"],
        "dc:source": [_with_commit(source["story"]["file"], source)],
        "Iptc4xmpExt:DigitalSourceType": kind,
    }
    if models:
        facts["Iptc4xmpExt:AISystemUsed"] = ", ".join(models)
    return _manifest(film.film_file.name, [created, *placed], facts)


def _places(about: ClipSource, source: Provenance) -> list[str]:
    return [_with_commit(shot["source"], source) for shot in about["shots"]]


def _with_commit(place: str, source: Provenance) -> str:
    """`river.story:31 at 0c1b…`; without the commit where the files are not as it has them."""
    story = source["story"]
    return f"{place} at {story['commit']}" if story["commit"] and story["as_committed"] else place


def _manifest(title: str, actions: list[dict[str, Any]], facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "claim_generator_info": [{"name": "storyboard"}],
        "title": title,
        "format": MP4,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": "cawg.metadata", "data": {"@context": _used(facts), **facts}},
        ],
    }


def _used(facts: Mapping[str, Any]) -> dict[str, str]:
    prefixes = {name.partition(":")[0] for name in facts}
    return {prefix: address for prefix, address in _CONTEXT.items() if prefix in prefixes}


def _recipe(manifest: Mapping[str, Any], signer: str, sha256: str | None, ingredients: list[str]) -> str:
    return hashlib.sha256(plain_json([manifest, signer, sha256, ingredients]).encode()).hexdigest()
