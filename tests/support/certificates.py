"""Certificates of a studio that does not exist, for signing in tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STUDIO = "Lantern Studio 灯"


class CertificateFiles(NamedTuple):
    """A certificate chain and its private key, in PEM files."""

    certificate: Path
    private_key: Path


def issue_certificate(
    folder: Path, *, curve: EllipticCurve | None = None, days: int = 30, passphrase: bytes | None = None
) -> CertificateFiles:
    """Issue a certificate that C2PA accepts for signing, valid until `days` from now."""
    folder.mkdir(parents=True, exist_ok=True)
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(curve or ec.SECP256R1())
    ends = datetime.now(UTC) + timedelta(days=days)
    issuer = _certificate("Test authority", issuer_key, ends, by=("Test authority", issuer_key))
    own = _certificate(STUDIO, key, ends, by=("Test authority", issuer_key))
    encryption: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    certificate, private_key = folder / "studio.pem", folder / "studio.key"
    certificate.write_bytes(own.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM))
    private_key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, encryption))
    return CertificateFiles(certificate, private_key)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, name) for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)])


def _certificate(
    name: str, key: EllipticCurvePrivateKey, ends: datetime, *, by: tuple[str, EllipticCurvePrivateKey]
) -> x509.Certificate:
    issuer, issuer_key = by
    is_issuer = name == issuer
    usage = x509.KeyUsage(
        digital_signature=not is_issuer,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_issuer,
        crl_sign=is_issuer,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=60))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_issuer, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_issuer:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
    return builder.sign(issuer_key, SHA256())
