"""`storyboard sign`."""

from __future__ import annotations

import click

from storyboard.cli import completers, options
from storyboard.cli.output import note_line, out_line, tell_findings, view
from storyboard.errors import ExitCode, UsageError
from storyboard.report.style import counted, shown


@options.command(
    "sign",
    ("storyboard sign lantern.story", "sign with the certificate in your configuration"),
    ("storyboard sign --certificate studio.pem --private-key studio.key", "name both here"),
)
@options.paths
@options.values
@options.variant
@click.option(
    "--certificate",
    metavar="FILE",
    shell_complete=completers.files,
    help="Sign with this certificate: PEM, yours first, then its issuers'. [default: from your configuration]",
)
@click.option(
    "--private-key",
    metavar="FILE",
    shell_complete=completers.files,
    help="Sign with this private key of the certificate. [default: from your configuration]",
)
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    certificate: str | None,
    private_key: str | None,
) -> ExitCode:
    """Sign copies of one story's film and clips with your certificate, as Content Credentials (C2PA).

    The copies are written to build/NAME/signed/. The film names its clips as ingredients, and marks that a clip brings
    from its maker are kept. Nothing is sent anywhere. Needs the extra `c2pa`."""
    from storyboard.film.export import exported_film
    from storyboard.film.signed_film import ToSign, plan_signing, sign_film
    from storyboard.media.c2pa_signer import read_identity
    from storyboard.project.export import only_story, story_commit
    from storyboard.project.places import hide_from_git

    run = options.open_run(paths, values, variant, certificate=certificate, private_key=private_key)
    compiled = run.compile()
    tell_findings(compiled)
    if compiled.has_errors:
        return ExitCode.STORY_ERRORS
    story, folder = only_story(compiled, "sign")
    settings = story.project.settings
    if settings.certificate is None or settings.private_key is None:
        missing = "certificate" if settings.certificate is None else "private key"
        raise UsageError(
            f"no {missing} to sign with",
            help="pass --certificate and --private-key, or set both in your own configuration",
        )
    commit, bought = story_commit(story.story), story.lock.blocks
    film = exported_film(story.story, story.jobs, folder, bought=bought, name=story.name, commit=commit)
    identity = read_identity(settings.certificate, settings.private_key)
    plan = plan_signing(film, folder, identity)
    number = 0

    def begin(what: ToSign) -> None:
        nonlocal number
        number += 1
        note_line(f"  {number} of {len(plan.to_make)}  {what.target.name}")

    hide_from_git(folder.parent)
    sign_film(plan, begin)
    clips = counted(len(plan.files) - 1, "clip")
    out_line(("✓ ", "ok"), (shown(plan.film, view().base), "place"), f"  and {clips}, signed as {identity.name}")
    if plan.kept_marks:
        out_line(f"  kept as ingredients: the marks that {counted(plan.kept_marks, 'clip')} brought")
    return ExitCode.DONE
