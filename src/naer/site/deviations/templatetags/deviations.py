"""Words of deviations in templates."""

from django import template
from django.forms import Form

from naer.site.deviations import classes
from naer.site.deviations.models import Deviation
from naer.site.ui.state import State
from naer.site.ui.worded import word, worded

register = template.Library()
register.filter(
    "classed",
    worded(
        {
            "stage": classes.STAGES,
            "harm": classes.HARMS,
            "severity": classes.SEVERITIES,
            "cause": classes.CAUSES,
            "act": classes.ACTS,
        }
    ),
)

_MARKS = {
    "proposed": "open",
    "dismissed": "released",
    "open": "open",
    "answered": "open",
    "agreed": "open",
    "closed": "kept",
    "withdrawn": "released",
}


@register.filter
def standing_of(found: Deviation) -> State:
    """How far a deviation has come, as mark and words."""
    return State(_MARKS[found.state], word(classes.STATES, found.state))


@register.filter
def act(forms: dict[str, Form], name: str) -> Form | None:
    """The form of an act on the page of a deviation."""
    return forms.get(name)


@register.filter
def place(names: dict[str, str], code: str) -> str:
    """The name of a municipality; one that is not in the register is shown by its code."""
    return names.get(code, code)
