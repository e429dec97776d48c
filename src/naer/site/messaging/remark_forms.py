"""Forms of what a receiver says of a message itself: a fault in it, or that nobody is there."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.site.messaging.conversation_forms import TextForm
from naer.site.messaging.conversation_words import FAULTS
from naer.site.messaging.remarks import Away
from naer.site.pathways.forms import refuse_numbers
from naer.site.ui.moments import DayField

_LONGEST = 2000


class FaultForm(TextForm):
    """What is wrong with a message as such."""

    fault = forms.ChoiceField(
        label=_("What is wrong"),
        widget=forms.RadioSelect,
        choices=list(FAULTS.items()),
        error_messages={"required": _("Choose what is wrong.")},
    )
    field_order = ("fault", "text", "phone")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].label = _("Say what is wrong")
        self.fields["text"].max_length = _LONGEST  # type: ignore[attr-defined]
        self.fields["text"].widget.attrs |= {"rows": 4, "maxlength": _LONGEST}
        self.fields["phone"].required = False

    def clean_text(self) -> str:
        """The text, of bounded length."""
        text = super().clean_text()
        if len(text) > _LONGEST:
            raise forms.ValidationError(_("Write at most 2000 characters."))
        return text


class AwayForm(forms.Form):
    """That nobody is there to act on a message: from when till when, and what becomes of it."""

    since = DayField(label=_("First day"), required=False)
    until = DayField(label=_("Last day"), required=False)
    passed_on = forms.BooleanField(label=_("Somebody else here has got the message"), required=False)
    note = forms.CharField(
        label=_("What the sender should do"),
        required=False,
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example whom to call. Never write a person number."),
    )

    def clean_note(self) -> str:
        """The note; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["note"].replace("\r\n", "\n"))

    def clean(self) -> dict[str, Any]:
        """It ends when it begins, or later."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if isinstance(since, dt.date) and isinstance(until, dt.date) and until < since:
            self.add_error("until", _("It ends before it begins."))
        return given

    @property
    def away(self) -> Away:
        """What was said, once it is valid."""
        given = self.cleaned_data
        return Away(given["since"], given["until"], given["passed_on"], given["note"].strip())
