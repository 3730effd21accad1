"""What is known of a gateway by the runs that go on there now, with one account: what one job shows, all know."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard.store.gateway_traits import Known, Lookup

ALL = 2


@dataclass
class Insight:
    """`unfinished` counts the jobs, of all those runs, by which more may still be learned."""

    known: Known = Known()  # noqa: RUF009
    unfinished: int = 0

    @property
    def depth(self) -> int:
        """More where more is known that lets an unknown outcome be settled; at most `ALL`."""
        return (self.known.lookup is Lookup.SEEN) + self.known.unique_ids

    @property
    def may_grow(self) -> bool:
        """Whether an unknown outcome may still be settled in these runs."""
        return self.unfinished > 0 and self.depth < ALL
