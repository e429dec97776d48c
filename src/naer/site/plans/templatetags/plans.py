"""What plans store, in words, for templates."""

import datetime as dt

from django import template

from naer.site.plans import words
from naer.site.plans.models import Part
from naer.site.ui.state import State
from naer.site.ui.times import full_day

register = template.Library()


@register.filter
def section_title(number: int) -> str:
    """What one of the ten sections is about."""
    return str(words.SECTIONS[number])


@register.filter
def section_state(status: str) -> State:
    """Mark and words of a status."""
    return words.section_state(status)


@register.filter
def part_state(part: Part) -> str:
    """How a goal or an activity stands."""
    return words.part_state(part.kind, part.state)


@register.filter
def full(day: dt.date | None) -> str:
    """2 April 2024; nothing for no day."""
    return full_day(day) if day is not None else ""


@register.filter
def change_words(name: str) -> str:
    """What a version did."""
    return words.word(words.CHANGES, name)


@register.filter
def field_words(name: str) -> str:
    """What a field of a part is called."""
    return words.word(words.FIELDS, name)


@register.filter
def way_words(name: str) -> str:
    """How the citizen said something."""
    return words.word(words.WAYS, name)


@register.filter
def ending_words(name: str) -> str:
    """Why something ended."""
    return words.word(words.ENDINGS, name)


@register.filter
def people_words(name: str) -> str:
    """What a participant is."""
    return words.word(words.PEOPLE, name)


@register.filter
def coordinator_words(name: str) -> str:
    """Coordinator, or children's coordinator."""
    return words.word(words.COORDINATORS, name)


@register.filter
def team_words(name: str) -> str:
    """A role in the care team."""
    return words.word(words.TEAM, name)


@register.filter
def place_words(name: str) -> str:
    """Where somebody has their role."""
    return words.word(words.PLACES, name)
