"""Forms of the way home: when the citizen leaves, and where to."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, Instant, from_local
from naer.site.messaging.conversation_forms import TextForm
from naer.site.ui import words
from naer.site.ui.moments import MomentField
from naer.site.ui.times import ZONE

_FARTHEST = 180 * DAY


class LeavesForm(forms.Form):
    """A time at which the citizen could leave, to see what the agreements ask then."""

    at = MomentField(
        label=_("If the citizen leaves"),
        error_messages={"required": _("Write a day and a time, for example 18-11-2025 10:42.")},
    )

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        self.now = now

    def clean_at(self) -> Instant:
        """The time, in microseconds since the epoch."""
        given: dt.datetime = self.cleaned_data["at"]
        at = from_local(given, ZONE)
        if at < self.now - DAY:
            raise forms.ValidationError(_("That is in the past."))
        if at > self.now + _FARTHEST:
            raise forms.ValidationError(_("That is more than half a year away. Check the year."))
        return at


class AgreeForm(TextForm, LeavesForm):
    """When the citizen leaves and where to, with words to the other party; a telephone number in Denmark."""

    place = forms.ChoiceField(
        label=_("Where to"),
        widget=forms.RadioSelect,
        choices=list(words.PLACES.items()),
        error_messages={"required": _("Say where the citizen goes.")},
    )
    field_order = ("at", "place", "text", "phone")

    def __init__(self, *args: Any, care: bool | None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["at"].label = _("Leaves the hospital")
        text = self.fields["text"]
        text.label, text.required, text.widget.attrs["rows"] = _("More to say"), False, 4
        self.fields["phone"].required = bool(care)
        if care is None:
            del self.fields["text"]
            del self.fields["phone"]
