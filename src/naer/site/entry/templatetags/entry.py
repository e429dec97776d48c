"""The words of requests for help in templates."""

from django import template
from django.utils.safestring import SafeString

from naer.site.entry import words
from naer.site.entry.models import HelpRequest
from naer.site.ui.state import State
from naer.site.ui.templatetags import naer
from naer.site.ui.worded import word, worded

register = template.Library()
register.filter(
    "help_word",
    worded({"asker": words.ASKERS, "how": words.CHANNELS, "done": words.STEPS, "sorting": words.SORTED}),
)


@register.simple_tag
def stands(request: HelpRequest) -> SafeString:
    """Where a request stands: shape and word."""
    if request.answered is not None:
        return naer.state(State("kept", word(words.STEPS, "answered")))
    urgent = request.sorting == "urgent"
    return naer.state(State("soon" if urgent else "open", word(words.SORTED, request.sorting)))
