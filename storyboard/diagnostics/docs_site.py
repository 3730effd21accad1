"""Where the documentation is on the web: one address, from which that of each code's page follows."""

from __future__ import annotations

DOCS_SITE: str | None = None
"""The address of the site that `docs/site/build.py` builds; None while it has none."""


def page_of(code: str, site: str | None = DOCS_SITE) -> str | None:
    """The address of a code's page; None if there is no site."""
    return None if site is None else f"{site.rstrip('/')}/codes/{code}.html"
