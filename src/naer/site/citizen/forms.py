"""Forms of the citizen's own pages."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import MINUTE, ZONES, Instant, from_local, local, local_date
from naer.site.access.table import GRANTED
from naer.site.citizen.measurements import KINDS
from naer.site.citizen.words import MEASURES, PARTS
from naer.site.entry.actions import TEXT
from naer.site.ui.moments import DayField, MomentField, been
from naer.site.ui.times import ZONE

HALF_A_YEAR = 182
_CLOCK_SKEW = 5 * MINUTE


class AskForm(forms.Form):
    """Something the citizen asks, or says is wrong."""

    text = forms.CharField(
        label=_("What do you want to say?"),
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("In your own words. Do not wait for an answer here when it is urgent: call."),
        error_messages={"required": _("Write what you want to say.")},
    )


class MeasureForm(forms.Form):
    """One thing that was measured."""

    kind = forms.ChoiceField(
        label=_("What did you measure?"),
        choices=[(name, MEASURES[name]) for name in KINDS],
        widget=forms.RadioSelect,
        initial=next(iter(KINDS)),
    )
    value = forms.DecimalField(
        label=_("The number"),
        max_digits=6,
        decimal_places=1,
        localize=True,
        error_messages={
            "required": _("Write the number."),
            "invalid": _("Write a number, for example 67.2."),
        },
    )
    at = MomentField(
        label=_("When"),
        error_messages={"required": _("Say when it was done.")},
    )

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        self.now = now
        self.fields["at"].initial = local(now, ZONE).replace(tzinfo=None, second=0, microsecond=0)

    def clean_at(self) -> Instant:
        """When, in microseconds since the epoch."""
        at = been(self.cleaned_data["at"], self.now)
        if at > self.now + _CLOCK_SKEW:
            raise forms.ValidationError(_("That is in the future. Record it when it has happened."))
        return min(at, self.now)


class GrantForm(forms.Form):
    """Somebody near the citizen is let in."""

    name = forms.CharField(label=_("What do you call them? For example: my daughter Eva"), max_length=100)
    parts = forms.MultipleChoiceField(
        label=_("What may they see and do?"),
        choices=[(one, PARTS[one]) for one in GRANTED if one != "page"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("They always see what happens next and whom to call."),
    )
    until = DayField(label=_("Until and with"))

    def __init__(self, *args: Any, now: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        day = local_date(now, ZONES["DK"])
        self.fields["until"].initial = day + dt.timedelta(days=HALF_A_YEAR)

    @property
    def ends(self) -> Instant:
        """The end of the last day, once it is valid."""
        following = self.cleaned_data["until"] + dt.timedelta(days=1)
        return from_local(dt.datetime.combine(following, dt.time()), ZONE)


class CodeForm(forms.Form):
    """The code that somebody was let in with."""

    code = forms.CharField(
        label=_("The code you were given"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class BlockForm(forms.Form):
    """An organisation that is to be kept out."""

    organisation = forms.ChoiceField(label=_("Who shall not see my record?"))
    sure = forms.BooleanField(
        label=_("I know that they then cannot see what others know of me when they treat me"),
        error_messages={"required": _("Tick the box if you mean it.")},
    )

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["organisation"].choices = list(offered)  # type: ignore[attr-defined]
