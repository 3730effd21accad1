"""Find the jobs that an address on the command line selects: of a shot, a scene, or a label in a scene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.jobs.job import Job
from storyboard.story.story import Shot


def named(address: str, wanted: Iterable[str]) -> bool:
    """Whether a shot's address is one of these, or lies under one of them."""
    return any(_under(address, normalize("NFC", prefix)) for prefix in wanted)


def is_job_named(job: Job, wanted: Iterable[str]) -> bool:
    """Whether one of these is the job's id, `river#2`, or names one of its shots."""
    wanted = [normalize("NFC", each) for each in wanted]
    return normalize("NFC", job.id) in wanted or any(named(shot, wanted) for shot in job.addresses)


def jobs_at(jobs: Iterable[Job], addresses: Sequence[str]) -> tuple[Job, ...]:
    """Return the jobs that are named, or contain a named shot."""
    return tuple(job for job in jobs if is_job_named(job, addresses))


def check_addresses(jobs: Iterable[Job], addresses: Sequence[str], option: str, free: Iterable[Shot] = ()) -> None:
    """Raise `UsageError` for an address of `option` that matches no job and no shot of these jobs. `free` are the shots
    that are not bought; the message says so for those.
    """
    if not addresses:
        return
    jobs = tuple(jobs)
    shots = [address for job in jobs for address in job.addresses]
    ids = {normalize("NFC", job.id) for job in jobs}
    not_bought = [shot.address for shot in free]
    for wanted in addresses:
        if normalize("NFC", wanted) in ids:
            continue
        if any(named(shot, [wanted]) for shot in not_bought) and not any(named(shot, [wanted]) for shot in shots):
            raise UsageError(
                f"{option}: `{wanted}` is not bought, so it is not part of a job",
                help="a `.clip`, `.still` or `.card` shot is free and is made in every build",
            )
        if not any(named(shot, [wanted]) for shot in shots):
            known = did_you_mean(wanted, [*shots, *dict.fromkeys(addresses_above(shots))]) or _whole_address(
                wanted, shots
            )
            raise UsageError(
                f"{option}: there is no shot at `{wanted}`",
                help=known or "`storyboard plan` lists the jobs with their shots",
            )


def _under(address: str, prefix: str) -> bool:
    return address == prefix or (address.startswith(prefix) and address[len(prefix)] in ".[")


def _whole_address(end: str, shots: Iterable[str]) -> str | None:
    """Suggest the only address that ends with what was written, as `river.push` ends with `push`."""
    found = [shot for shot in shots if shot.endswith(f".{end}")]
    return f"did you mean `{found[0]}`?" if len(found) == 1 else None


def addresses_above(shots: Iterable[str]) -> Iterable[str]:
    """Yield the scenes and labels that shots lie under."""
    for shot in shots:
        parts = shot.split(".")
        above = (".".join(parts[:count]) for count in range(1, len(parts)))
        yield from (address for address in above if address.count('"') % 2 == 0)
