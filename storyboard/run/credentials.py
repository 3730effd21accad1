"""The API key: where it comes from, and how the ledger identifies an account without the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from storyboard.errors import AccessError, MissingExtraError
from storyboard.files.environment import environ

if TYPE_CHECKING:
    from types import ModuleType

API_KEY = "STORYBOARD_API_KEY"
LONGEST_KEY = 1000
SERVICE = "storyboard"
"""The keyring's name for our keys; the user is the gateway's host."""


def find_key(base_url: str, environment: Mapping[str, str] = environ) -> str:
    """Return the key for a gateway, from the environment or the system keyring; "" if there is none.

    Raises AccessError for one that cannot be a key: it could not be sent in a header, and is never shown.
    """
    given = environment.get(API_KEY, "").strip()
    key = given or _from_keyring(host_of(base_url)).strip()
    wrong = next((at for at, char in enumerate(key, start=1) if not "!" <= char <= "~"), None)
    if wrong is not None or len(key) > LONGEST_KEY:
        place = f"the key in {API_KEY}" if given else f"the key that the keyring has for {host_of(base_url)}"
        fault = f"character {wrong} cannot be part of a key" if wrong else f"it is longer than {LONGEST_KEY} characters"
        raise AccessError(
            f"{place} cannot be a key: {fault}",
            help="copy the key again: it is one word of ASCII letters, digits and symbols",
        )
    return key


def keep_key(base_url: str, key: str) -> None:
    """Store a gateway's key in the system keyring, replacing an old one. Raises UsageError without a keyring,
    AccessError if it refuses the key.
    """
    with _keyring() as keyring:
        keyring.set_password(SERVICE, host_of(base_url), key)


def forget_key(base_url: str) -> bool:
    """Remove a gateway's key from the system keyring; return whether there was one. Raises as `keep_key` does."""
    with _keyring() as keyring:
        there = keyring.get_password(SERVICE, host_of(base_url)) is not None
        if there:
            keyring.delete_password(SERVICE, host_of(base_url))
        return there


def host_of(base_url: str) -> str:
    """Return the keyring's user for a gateway."""
    return urlsplit(base_url).hostname or ""


def account_of(key: str, salt: bytes) -> str:
    """Return the account's fingerprint in the store with this salt: 16 hexadecimal digits, "" without a key."""
    import hmac  # with OpenSSL, which only a key needs

    return hmac.new(salt, key.encode(), "sha256").hexdigest()[:16] if key else ""


def _from_keyring(host: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:
        return ""
    try:
        return keyring.get_password(SERVICE, host) or ""
    except KeyringError:
        return ""


@contextmanager
def _keyring() -> Iterator[ModuleType]:
    """Return the system keyring for an explicit request; raises with the reason if there is none."""
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ModuleNotFoundError:
        raise MissingExtraError("the system keyring", "keyring", f"; or set {API_KEY} instead") from None
    try:
        yield keyring
    except NoKeyringError:
        raise AccessError("this machine has no keyring to store a key in", help=f"set {API_KEY} instead") from None
    except KeyringError as error:
        raise AccessError(
            f"the system keyring refused: {str(error) or type(error).__name__}", help=f"unlock it, or set {API_KEY}"
        ) from error
