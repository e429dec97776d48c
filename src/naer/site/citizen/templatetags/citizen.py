"""Words of the citizen's own pages in templates."""

from django import template

from naer.site.citizen import words
from naer.site.discharge.handover import Line

register = template.Library()


@register.filter
def measure(name: str) -> str:
    """What was measured."""
    return str(words.MEASURES.get(name, name))


@register.filter
def part(name: str) -> str:
    """What was granted."""
    return str(words.PARTS.get(name, name))


@register.filter
def becomes(line: Line) -> str:
    """What becomes of a medicine: as a named person said, else as the lists compare."""
    if line.newest is not None:
        return str(words.DECIDED.get(line.newest.row.decision, ""))
    return str(words.BECOMES[line.compared.kind])
