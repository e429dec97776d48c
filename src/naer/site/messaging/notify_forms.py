"""Forms of a hospital that notifies: somebody who came, and what came next in a stay."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, MINUTE, Instant, local
from naer.messages import person_number
from naer.messages.medcom.told import STARTS
from naer.site.accounts.models import Organisation
from naer.site.messaging.notifying import Telling
from naer.site.ui import words
from naer.site.ui.moments import MomentField, been
from naer.site.ui.times import ZONE

_CLOCK_SKEW = 5 * MINUTE
_OLDEST = 366 * DAY


class NotifyForm(forms.Form):
    """What happened, told to a municipality; `code` is one of the MedCom codes."""

    at = MomentField(
        label=_("When"),
        error_messages={"required": _("Say when it was done.")},
    )
    report = forms.BooleanField(
        label=_("Ask the municipality for an admission report"), required=False, initial=True
    )
    report_to = forms.ChoiceField(
        label=_("Who gets the report, if not we"),
        required=False,
        help_text=_("Another hospital that takes over. Not for a transfer within the region."),
    )
    receiver = forms.ChoiceField(label=_("To the municipality"))
    sure = forms.BooleanField(
        label=_("Yes, the citizen has died"),
        error_messages={"required": _("Tick the box if you mean it.")},
    )
    field_order: tuple[str, ...] = ("at", "report", "report_to", "receiver", "sure")

    def __init__(
        self,
        *args: Any,
        code: str,
        municipalities: Sequence[Organisation],
        hospitals: Sequence[Organisation],
        now: Instant,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.chosen, self.now = code, now
        self.known = {one.key: one for one in municipalities}
        self.fields["receiver"].choices = [(one.key, one.name) for one in municipalities]  # type: ignore[attr-defined]
        self.hospitals = {one.key: one for one in hospitals}
        others = [(one.key, one.name) for one in hospitals]
        self.fields["report_to"].choices = [("", _("Nobody else")), *others]  # type: ignore[attr-defined]
        self.fields["at"].initial = local(now, ZONE).replace(tzinfo=None, second=0, microsecond=0)
        if code not in STARTS and code:
            del self.fields["report"]
        if (code not in STARTS and code) or not hospitals:
            del self.fields["report_to"]
        if code != "MORS":
            del self.fields["sure"]
        if code.startswith("AN_"):
            del self.fields["at"]

    def clean(self) -> dict[str, Any]:
        """Somebody gets a report only when one is asked for."""
        given = super().clean() or {}
        if given.get("report_to") and not given.get("report"):
            self.add_error("report", _("Ask for the report too, or choose nobody else to get it."))
        return given

    def clean_at(self) -> Instant:
        """When it happened, in microseconds since the epoch."""
        at = been(self.cleaned_data["at"], self.now)
        if at > self.now + _CLOCK_SKEW:
            raise forms.ValidationError(_("That is in the future. Record it when it has happened."))
        if at < self.now - _OLDEST:
            raise forms.ValidationError(_("That is more than a year ago. Check the year."))
        return min(at, self.now)

    @property
    def telling(self) -> Telling:
        """What is told, once it is valid."""
        given = self.cleaned_data
        code = given.get("code") or self.chosen
        report = bool(given.get("report")) if code in STARTS else None
        report_to = self.hospitals.get(given.get("report_to") or "") if report else None
        return Telling(code, given.get("at", self.now), self.known[given["receiver"]], report, report_to)


class AdmitForm(NotifyForm):
    """Somebody came to the hospital: who, how, and when."""

    number = forms.CharField(
        label=_("Person number"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    code = forms.ChoiceField(label=_("How"), choices=[(code, words.CODES[code]) for code in reversed(STARTS)])
    field_order = ("number", "name", "code", "at", "report", "report_to", "receiver")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, code="", **more)

    def clean_number(self) -> str:
        """The ten digits; what is wrong with it is said without repeating it."""
        number = person_number.clean(self.cleaned_data["number"])
        if not person_number.is_cpr(number):
            raise forms.ValidationError(_("That is not a person number: ten digits, the first six a date."))
        return number
