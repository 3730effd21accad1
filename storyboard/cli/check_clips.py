"""`storyboard check-clips`."""

from __future__ import annotations

from storyboard.cli import options
from storyboard.cli.output import note_line, out, out_done, out_findings_json, out_line, tell_findings, view
from storyboard.errors import ExitCode
from storyboard.report.frames import report, summary
from storyboard.report.style import counted


@options.command(
    "check-clips",
    ("storyboard check-clips", "compare every bought clip with what was ordered"),
    ("storyboard check-clips lantern.story --json", "the same for scripts"),
)
@options.paths
@options.values
@options.variant
@options.as_json
def command(*, paths: tuple[str, ...], values: tuple[str, ...], variant: str, as_json: bool) -> ExitCode:
    """Check every bought clip in build/: a length, shape or rate other than ordered, cuts that are early or late, and
    stretches that are black, frozen or silent.

    Each clip is inspected once. Costs nothing.
    """
    from storyboard.project.check_clips import check_clips

    compiled = options.open_run(paths, values, variant).compile()
    if not as_json or compiled.has_errors:
        tell_findings(compiled)
    if compiled.has_errors:
        return ExitCode.STORY_ERRORS

    def begin(number: int) -> None:
        if not as_json:
            note_line(f"looking at {counted(number, 'clip')}")

    checked = check_clips(compiled.stories, begin)
    if as_json:
        out_findings_json(checked.findings)
        return ExitCode.DONE
    out(report(checked.findings, view()))
    if not checked.clips:
        out_line("no bought clips here: storyboard build --provider kirin buys some")
    elif checked.findings:
        out([summary(checked.findings, len(compiled.stories))])
    else:
        out_done(f"{counted(checked.clips, 'clip')} as ordered")
    return ExitCode.DONE
