"""The canonical JSON of the requests of a packable run, for hashing."""

from __future__ import annotations

from storyboard.jobs.canonical import canonical, quoted
from storyboard.jobs.packable_run import PackableRun
from storyboard.jobs.request import settings_of


class RequestTexts:
    """The canonical JSON of the request of any job of a run, without encoding a prompt twice. It equals
    `canonical(request.document)`; packing needs several times as many as there will be jobs.
    """

    def __init__(self, stretch: PackableRun) -> None:
        card = stretch.card
        settings = canonical(settings_of(card, stretch.parameters))
        self._head = (
            f'{{"assets":[],"model":{quoted(card.name)},"negative":{canonical(stretch.negative)},'
            f'"settings":{settings},"shots":['
        )
        self._shots = [f'{{"prompt":{quoted(shot.prompt)},"seconds":{int(shot.seconds)}}}' for shot in stretch.shots]

    def of(self, start: int, end: int) -> str:
        """Return the request of the job of these shots, as canonical JSON."""
        return f"{self._head}{','.join(self._shots[start:end])}]}}"
