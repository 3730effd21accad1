"""The key: where it comes from, and how the ledger knows an account without knowing the key."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

API_KEY = "STORYBOARD_API_KEY"
SERVICE = "storyboard"
"""The keyring's name for our keys; the user is the gateway's host."""


def find_key(base_url: str, environment: Mapping[str, str] = os.environ) -> str:
    """The key for a gateway, from the environment or the system's keyring; "" where there is none."""
    return environment.get(API_KEY, "").strip() or _from_keyring(urlsplit(base_url).hostname or "")


def account_of(key: str, salt: bytes) -> str:
    """The account's fingerprint in the store with that salt: 16 hexadecimal digits, "" without a key."""
    return hmac.new(salt, key.encode(), hashlib.sha256).hexdigest()[:16] if key else ""


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
