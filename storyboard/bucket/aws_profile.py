"""The profile of the AWS command line tools, which obstore does not read: keys, region and endpoint from its files."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from storyboard.errors import UsageError
from storyboard.files.disk import SMALL, read_file

FIELDS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
    "region": "region",
    "endpoint_url": "endpoint",
}
"""What is read of a profile, by the name that obstore has for it."""

KEY_SOURCES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables that say where the key comes from; where one is set, no key is taken from a profile."""


def profile_options(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the chosen profile says, by obstore's names; empty if there is no such file.

    Raises UsageError for a profile that is named and does not exist, and for a file that cannot be read.
    """
    name = environment.get("AWS_PROFILE") or "default"
    home = Path(environment.get("HOME") or Path.home()) / ".aws"
    files = (
        (Path(environment.get("AWS_CONFIG_FILE") or home / "config"), name if name == "default" else f"profile {name}"),
        (Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials"), name),
    )
    said: dict[str, str] = {}
    found = False
    for file, section in files:
        parser = _read(file)
        if parser is not None and parser.has_section(section):
            found = True
            said |= {ours: parser[section][theirs] for theirs, ours in FIELDS.items() if parser[section].get(theirs)}
    if not found and environment.get("AWS_PROFILE"):
        raise UsageError(f"there is no profile `{name}` in {files[0][0]} or {files[1][0]}", help="set AWS_PROFILE")
    if any(environment.get(variable) for variable in KEY_SOURCES):
        said = {key: value for key, value in said.items() if key in ("region", "endpoint")}
    return said


def _read(file: Path) -> ConfigParser | None:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_file(file, SMALL).decode())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a configuration file"
        raise UsageError(f"{file} cannot be read: {reason}", help="correct it, or set AWS_PROFILE") from error
    return parser
