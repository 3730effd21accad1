"""The address of a bucket, as `clips = "s3://films/team"` names it."""

from __future__ import annotations

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.lazy_pattern import lazy_pattern

LONGEST = 500
SCHEMES = ("s3", "gs", "az")

_ADDRESS = lazy_pattern(
    r"(?P<scheme>[a-z0-9]+)://(?P<name>[a-z0-9][a-z0-9._-]{1,200}[a-z0-9])(?P<prefix>(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*)/?"
)


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where a bucket is: `scheme` is s3, gs or az; `prefix` is the folder in it, "" for the whole bucket."""

    scheme: str
    name: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.name}" + (f"/{self.prefix}" if self.prefix else "")


def read_address(text: str) -> BucketAddress:
    """Return the address that a text states; raises UsageError where it states none."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or found["scheme"] not in SCHEMES or ".." in text:
        raise UsageError(
            f"{text[:100]!r} is not the address of a bucket",
            help="write s3://BUCKET/FOLDER, gs://BUCKET/FOLDER or az://CONTAINER/FOLDER, without a user name or a key",
        )
    return BucketAddress(found["scheme"], found["name"], found["prefix"].strip("/"))
