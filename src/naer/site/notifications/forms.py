"""How somebody wants to be told."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.site.notifications.kinds import offered
from naer.site.notifications.models import Preference

_TIME = {"invalid": _("Write a time, for example 07:30.")}


class LocalTime(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ConfirmForm(forms.Form):
    """The code that was sent to an address."""

    code = forms.CharField(label=_("The code from the e-mail"), max_length=40)


class PreferenceForm(forms.Form):
    """E-mail or not, when, and about what."""

    address = forms.EmailField(
        label=_("My e-mail address"),
        required=False,
        max_length=254,
        help_text=_("Your address at work; it is used once you have confirmed it. Without one, no e-mail."),
    )
    email = forms.ChoiceField(
        label=_("E-mail"),
        widget=forms.RadioSelect,
        choices=[
            (Preference.Email.SOON, _("Soon, and at most one in half an hour")),
            (Preference.Email.DAILY, _("Once a day")),
            (Preference.Email.NEVER, _("Never")),
        ],
    )
    daily_at = forms.TimeField(label=_("Once a day at"), widget=LocalTime(), error_messages=_TIME)
    quiet_from = forms.TimeField(label=_("No e-mail from"), widget=LocalTime(), error_messages=_TIME)
    quiet_until = forms.TimeField(
        label=_("until"),
        widget=LocalTime(),
        error_messages=_TIME,
        help_text=_("The same time twice means that no hours are quiet."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("E-mail about"), required=False, widget=forms.CheckboxSelectMultiple
    )
    leads = forms.BooleanField(label=_("Tell me what agreements take to the leader"), required=False)

    def __init__(
        self, *args: Any, preference: Preference, address: str, own: bool = False, **more: Any
    ) -> None:
        """`own`: for a citizen or somebody near one."""
        more.setdefault("label_suffix", "")
        muted = preference.muted.split()
        self.offered = offered(own)
        first = {
            "address": address,
            "email": preference.email,
            "daily_at": _clock(preference.daily_at),
            "quiet_from": _clock(preference.quiet_from),
            "quiet_until": _clock(preference.quiet_until),
            "kinds": [name for name, _words in self.offered if name not in muted],
            "leads": preference.leads,
        }
        more["initial"] = first
        super().__init__(*args, **more)
        self.fields["kinds"].choices = self.offered  # type: ignore[attr-defined]
        if own:
            del self.fields["leads"]
            self.fields["address"].help_text = _(
                "It is used once you have confirmed it. Without one, no e-mail."
            )

    @property
    def preference(self) -> Preference:
        """What was chosen."""
        given = self.cleaned_data
        return Preference(
            email=given["email"],
            daily_at=_minute(given["daily_at"]),
            quiet_from=_minute(given["quiet_from"]),
            quiet_until=_minute(given["quiet_until"]),
            leads=given.get("leads", False),
            muted=" ".join(name for name, _words in self.offered if name not in given["kinds"]),
        )


def _clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)


def _minute(clock: dt.time) -> int:
    return clock.hour * 60 + clock.minute
