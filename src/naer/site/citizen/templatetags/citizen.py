"""Words of the citizen's own pages in templates."""

from django import template

from naer.site.citizen import words
from naer.site.discharge.handover import Line
from naer.site.ui.worded import word, worded

register = template.Library()
register.filter("own_word", worded({"measure": words.MEASURES, "part": words.PARTS}))


@register.filter
def becomes(line: Line) -> str:
    """What becomes of a medicine, as a named person said: a comparison of lists tells nobody to stop one."""
    decision = line.newest.row.decision if line.newest is not None else "unclear"
    return word(words.DECIDED, decision)
