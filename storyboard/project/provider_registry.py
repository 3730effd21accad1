"""The providers: built-in ones, and plug-ins of other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.files.disk import record_doubt
from storyboard.project.settings import BUILTIN_PROVIDERS

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from storyboard.cards.model_card import Catalog
    from storyboard.project.settings import Settings
    from storyboard.providers.protocol import Provider

PLUGINS = "storyboard.providers"
"""The entry points of other packages: each a function from the settings and the catalogue to a provider."""


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers."""
    return (*BUILTIN_PROVIDERS, *_plugins())


def make_provider(name: str, settings: Settings, catalog: Catalog) -> Provider:
    """Create the provider with this name; raises UsageError if there is none."""
    if name == "animatic":
        from storyboard.media.render_options import RenderOptions
        from storyboard.providers.animatic import Animatic

        return Animatic(RenderOptions(settings.animatic.width, settings.animatic.fps))
    if name == "kirin":
        from storyboard.providers.kirin.gateway import BUILTIN_BASE_URL, Kirin

        return Kirin(settings.base_url or BUILTIN_BASE_URL, settings.protocol, catalog)
    return _plugin(name, settings, catalog)


def _plugins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=PLUGINS)}


def _plugin(name: str, settings: Settings, catalog: Catalog) -> Provider:
    found = _plugins()
    if name not in found:
        known = (*BUILTIN_PROVIDERS, *found)
        raise UsageError(
            f"there is no provider `{name}`", help=did_you_mean(name, known) or "providers: " + ", ".join(known)
        )
    record_doubt(f"the provider `{name}` is not ours: what it depends on is unknown")
    try:
        make = found[name].load()
    except (ImportError, AttributeError) as trouble:
        raise UsageError(
            f"the plug-in for the provider `{name}` cannot be loaded: {trouble}",
            help=f"its entry point is {found[name].value}; install the plug-in again",
        ) from trouble
    provider: Provider = make(settings, catalog)
    return provider
