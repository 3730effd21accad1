"""The last passes over a story, for what can only be checked on the whole; in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from storyboard.cards.model_card import Catalog
from storyboard.diagnostics import Diagnostic
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.checks.advice import sentences_end, shapes_match
from storyboard.story.checks.film import (
    cuts_fit,
    free_shots_take_no_model_settings,
    spoken_words_are_written_in,
    transitions_fit,
)
from storyboard.story.checks.pasted import library_pasted, pasted, texts_agree_with_their_shots
from storyboard.story.checks.promises import promises_are_kept
from storyboard.story.checks.settings import (
    model_is_named,
    negatives_have_a_field,
    requirements_hold,
    settings_of_idle_templates,
    settings_of_library_templates,
)
from storyboard.story.checks.shots import prompts_say_something, scenes_have_shots, story_has_shots
from storyboard.story.checks.usage import names_are_used
from storyboard.story.symbols import FileNames

CHECKS: tuple[Callable[[CheckedDraft], Iterable[Diagnostic]], ...] = (
    model_is_named,
    story_has_shots,
    scenes_have_shots,
    prompts_say_something,
    promises_are_kept,
    requirements_hold,
    negatives_have_a_field,
    settings_of_idle_templates,
    names_are_used,
    pasted,
    texts_agree_with_their_shots,
    sentences_end,
    shapes_match,
    cuts_fit,
    free_shots_take_no_model_settings,
    spoken_words_are_written_in,
    transitions_fit,
)

LIBRARY_CHECKS: tuple[Callable[[FileNames, Catalog], Iterable[Diagnostic]], ...] = (
    settings_of_library_templates,
    library_pasted,
)
