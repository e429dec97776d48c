"""What plans store, in words, for templates."""

import datetime as dt

from django import template

from naer.site.plans import words
from naer.site.plans.models import Part
from naer.site.ui.state import State
from naer.site.ui.times import full_day
from naer.site.ui.worded import worded

register = template.Library()
register.filter(
    "plan_word",
    worded(
        {
            "change": words.CHANGES,
            "coordinator": words.COORDINATORS,
            "ending": words.ENDINGS,
            "field": words.FIELDS,
            "people": words.PEOPLE,
            "place": words.PLACES,
            "team": words.TEAM,
            "way": words.WAYS,
        }
    ),
)


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
