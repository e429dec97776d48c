"""The words of requests for help in templates."""

from django import template
from django.utils.safestring import SafeString

from naer.site.entry import words
from naer.site.entry.models import HelpRequest
from naer.site.ui.state import State
from naer.site.ui.templatetags import naer

register = template.Library()


@register.filter
def asker(name: str) -> str:
    """Who asks."""
    return str(words.ASKERS.get(name, name))


@register.filter
def how(name: str) -> str:
    """How a request came."""
    return str(words.CHANNELS.get(name, name))


@register.filter
def done(name: str) -> str:
    """What was done about a request."""
    return str(words.STEPS.get(name, name))


@register.filter
def sorting(name: str) -> str:
    """How a request is sorted."""
    return str(words.SORTED.get(name, name))


@register.simple_tag
def stands(request: HelpRequest) -> SafeString:
    """Where a request stands: shape and word."""
    if request.answered is not None:
        return naer.state(State("kept", str(words.STEPS["answered"])))
    return naer.state(State("soon" if request.sorting == "urgent" else "open", sorting(request.sorting)))
