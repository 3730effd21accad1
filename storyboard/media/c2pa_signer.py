"""Signing mp4 files with a person's own certificate (C2PA). The library for it is imported only here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storyboard.errors import MissingExtraError, StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import SMALL, read_file, reason
from storyboard.files.writing import part_of

MP4 = "video/mp4"
_NO_NETWORK = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Nothing is fetched, whatever address a clip's own marks name. Whom to trust is the reader's decision."""
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class SignedIngredient:
    """A file that another was made from: its title, and whether that one is an edition of it (`parentOf`) or has it as
    a part (`componentOf`)."""

    file: Path
    title: str
    relationship: str


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A certificate chain and its private key, both as PEM, and how to sign with them. `name` is who the certificate
    says that its owner is."""

    certificate: bytes
    private_key: bytes
    algorithm: str
    name: str


def read_identity(certificate: Path, private_key: Path, now: datetime | None = None) -> SigningIdentity:
    """Read a certificate chain and its private key from PEM files.

    Raises UsageError where C2PA's library is not installed or a file cannot be used, and says how to mend it.
    """
    try:
        from c2pa import Builder  # noqa: F401  (signing needs it: say so before anything else)
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
            PublicFormat,
            load_pem_private_key,
        )
        from cryptography.x509 import load_pem_x509_certificates
    except ImportError as error:
        raise MissingExtraError("signing", "c2pa") from error
    pem, key_pem = _read(certificate), _read(private_key)
    try:
        chain = load_pem_x509_certificates(pem)
    except ValueError as error:
        raise UsageError(f"{certificate} holds no certificate in PEM form") from error
    try:
        key = load_pem_private_key(key_pem, None)
    except TypeError as error:
        raise UsageError(
            f"{private_key} is protected with a passphrase, which storyboard does not ask for",
            help="name a key without one, readable by you alone",
        ) from error
    except ValueError as error:
        raise UsageError(f"{private_key} holds no private key in PEM form") from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if chain[0].public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise UsageError(
            f"{private_key} is not the key of the first certificate in {certificate}",
            help="the file must begin with the signer's own certificate, followed by those that issued it",
        )
    now = datetime.now(UTC) if now is None else now
    begins, ends = chain[0].not_valid_before_utc, chain[0].not_valid_after_utc
    if not begins <= now <= ends:
        raise UsageError(f"the certificate in {certificate} is valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d} only")
    plain_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningIdentity(pem, plain_key, _algorithm(key, private_key), _owner(chain[0].subject))


def _read(file: Path) -> bytes:
    try:
        return read_file(file, SMALL)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {reason(error)}") from error


def _algorithm(key: object, file: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, RSAPrivateKey):
        return "ps256"
    if isinstance(key, Ed25519PrivateKey):
        return "ed25519"
    raise UsageError(
        f"C2PA does not sign with the kind of key in {file}", help="use an ECDSA (P-256), Ed25519 or RSA key"
    )


def _owner(subject: Any) -> str:
    from cryptography.x509.oid import NameOID

    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for each in subject.get_attributes_for_oid(kind):
            return str(each.value)
    return str(subject.rfc4514_string())


def sign_file(
    source: Path,
    target: Path,
    identity: SigningIdentity,
    manifest: Mapping[str, Any],
    ingredients: Sequence[SignedIngredient] = (),
) -> None:
    """Write `source` to `target` with a signed C2PA manifest; the pictures and the sound stay as they are.

    `manifest` is a definition in the library's own form. An ingredient keeps the manifest that it carries. In
    `manifest`, ingredients are known as `ingredient_id(0)` and so on. Raises `StoryboardError` where the library does
    not accept the certificate or a file, and `OSError` where the disk refuses.
    """
    import c2pa

    context = c2pa.Context(c2pa.Settings.from_dict(_NO_NETWORK))
    info = c2pa.C2paSignerInfo(identity.algorithm, identity.certificate, identity.private_key, None)
    with _told(source), c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest), context) as builder:
        for at, each in enumerate(ingredients):
            about = {
                "title": each.title,
                "format": MP4,
                "relationship": each.relationship,
                "label": ingredient_id(at),
                "instance_id": ingredient_id(at),
            }
            with _told(each.file), each.file.open("rb") as content:
                builder.add_ingredient(json.dumps(about), MP4, content)
        with part_of(target) as part, source.open("rb") as content:
            with part.open("w+b") as signed:
                builder.sign(signer, MP4, content, signed)
            state = _state(part, context)
            if state not in ("Valid", "Trusted"):
                raise StoryboardError(f"{source} was signed, but the signature does not hold ({state or 'no state'})")


def ingredient_id(at: int) -> str:
    """Return how a manifest names one of the ingredients."""
    return f"ingredient-{at}"


def _state(file: Path, context: Any) -> str:
    import c2pa

    with file.open("rb") as content, c2pa.Reader(MP4, content, context=context) as reader:
        return str(reader.get_validation_state())


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What the library refuses is told as trouble with the file."""
    import c2pa

    try:
        yield
    except c2pa.C2paError as error:
        raise StoryboardError(
            f"{file} cannot be signed: {error}", help="docs/provenance.md says which certificates C2PA accepts"
        ) from error
