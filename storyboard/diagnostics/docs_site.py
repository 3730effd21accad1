"""The address of the documentation on the web, and of each code's page."""

from __future__ import annotations

DOCS_SITE: str | None = None
"""The address of the site that `docs/site/build.py` builds; None while it has none."""


def page_of(code: str, site: str | None = DOCS_SITE) -> str | None:
    """Return the address of a code's page; None if there is no site."""
    return None if site is None else f"{site.rstrip('/')}/codes/{code}.html"
