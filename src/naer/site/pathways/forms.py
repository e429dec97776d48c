"""Forms about obligations: what was done, what is waived, what is taken back."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from naer.events.instant import MINUTE, Instant, local
from naer.site.messaging.telling import Offer
from naer.site.ui import words
from naer.site.ui.moments import MomentField, been
from naer.site.ui.times import ZONE

CHANNELS = ("message", "phone", "manual")
SEND = "send"
"""The choice that it is told by a message which Naer sends now."""
_CLOCK_SKEW = 5 * MINUTE
_NUMBER = re.compile(r"(?<!\d)\d{6}[-\s]?\d{4,5}(?!\d)|(?<!\d)\d{6}-[0-9A-Za-z]{4}(?!\w)")

_TAKES_NOTE = _(
    "A message from here takes the note along. It leaves after a minute; until then it can be taken back."
)
_NO_NOTE = _(
    "A message from here has no room for the note, which stays here. It leaves after a minute; until then it "
    "can be taken back."
)


class SaidForm(forms.Form):
    """When something was done, how, and a note; `now` is the clock in microseconds since the epoch.

    With an `offer`, one of the ways is a message that is sent now.
    """

    at = MomentField(
        label=_("When"),
        error_messages={"required": _("Say when it was done.")},
    )
    channel = forms.ChoiceField(label=_("How"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody with a care relation can read it. Never write a person number."),
    )

    def __init__(self, *args: Any, now: Instant, offer: Offer | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.now, self.offer = now, offer
        ways = [(name, words.channel(name)) for name in CHANNELS]
        if offer is not None:
            sent = _("Message, sent from here to %(who)s") % {"who": offer.name}
            ways = [(SEND, str(sent)), ("message", str(_("Message from another system"))), *ways[1:]]
            self.fields["channel"].help_text = _TAKES_NOTE if offer.takes_notes else _NO_NOTE
        self.fields["channel"].choices = ways  # type: ignore[attr-defined]
        self.fields["at"].initial = local(now, ZONE).replace(tzinfo=None, second=0, microsecond=0)

    def clean_at(self) -> Instant:
        """When it happened, in microseconds since the epoch."""
        at = been(self.cleaned_data["at"], self.now)
        if at > self.now + _CLOCK_SKEW:
            raise forms.ValidationError(_("That is in the future. Record it when it has happened."))
        return min(at, self.now)

    def clean_note(self) -> str:
        """The note; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["note"])

    def _check_sent(self, kind: str) -> None:
        """What is to be sent as a message can be: it has what the message needs, and nothing beyond it."""
        if self.sends is None:
            return
        if kind not in self.sends.kinds:
            self.add_error("channel", _("This cannot be sent as a message from here. Choose another way."))
            return
        teller = self.sends.teller(kind)
        for name in teller.needs:
            if name in self.fields and not self.cleaned_data.get(name):
                self.add_error(name, _("Fill this in; the message cannot be sent without it."))
        for name in teller.lacks:
            if self.cleaned_data.get(name) not in (None, ""):
                self.add_error(
                    name, _("The message has no place for this. Leave it out, or tell it another way.")
                )

    @property
    def sends(self) -> Offer | None:
        """What is sent now; None when it was told in another way."""
        return self.offer if self.cleaned_data.get("channel") == SEND else None

    @property
    def said(self) -> dict[str, Any]:
        """The attributes of the event that everything people record has."""
        note, channel = self.cleaned_data["note"], self.cleaned_data["channel"]
        return {"channel": "message" if channel == SEND else channel} | ({"note": note} if note else {})


class WaiveForm(forms.Form):
    """Why an obligation is waived, and that somebody means it."""

    why = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Both parties read it."),
        error_messages={"required": _("Say why it is waived.")},
    )

    sure = forms.BooleanField(
        label=_("Yes, waive this obligation"),
        error_messages={"required": _("Tick the box if you mean it.")},
    )

    def clean_why(self) -> str:
        """The reason; a person number in it is refused."""
        return refuse_numbers(self.cleaned_data["why"])


def refuse_numbers(text: str) -> str:
    """`text`, unless it holds something that looks like a person number.

    Raises:
        ValidationError: without repeating the number.
    """
    if _NUMBER.search(text):
        raise forms.ValidationError(_("Leave the person number out. The record knows whom it is about."))
    return text


def sent(what: str, who: str) -> str:
    """The sentence that says that something was recorded and is sent."""
    return gettext(
        "Recorded: %(what)s. The message to %(who)s leaves in a minute; until then it can be taken back."
    ) % {"what": what, "who": who}
