"""The form that records an event nobody owed: which kinds one may say, and what each carries."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import DAY, Instant
from naer.events.kinds import KINDS
from naer.events.log import CANCELLED
from naer.site.pathways.actions import WAIVED
from naer.site.pathways.attribute_fields import FIELDS, given
from naer.site.pathways.forms import SaidForm
from naer.site.ui import words

_OLDEST = 366 * DAY
"""How long ago an event can lie, in microseconds: catches slips of the pen."""
_GIVEN = frozenset({"by", "channel", "note", "answers"})
"""Attributes that are no field of their own: who and how, and ids, which follow from an obligation."""
_BY_MESSAGE = frozenset(
    """
    complete estimate time_missing admitted_at ready_at discharged_to fault theme thread category activity
    class code episode episode_sent report_requested report_recipient planned has_services reported ward
    condition medicines
    """.split()  # noqa: SIM905
)
"""Attributes that only a message says, never a person."""


def kinds_of(role: str, country: str = "") -> list[str]:
    """The kinds of event that an organisation of `role` records by hand, in the order of the vocabulary.

    In Norway (`country` NO) also those of the stay itself: no notification tells them there.
    """
    ways = {"form", "form in Norway"} if country == "NO" else {"form"}
    return [
        kind.name
        for kind in KINDS.values()
        if role in kind.senders + kind.also
        and not ways.isdisjoint(kind.carried_by)
        and kind.name not in (CANCELLED, WAIVED)
    ]


def attributes_of(kind: str) -> list[str]:
    """The attributes of `kind` that the form asks for."""
    return [name for name in KINDS[kind].attributes if name not in _GIVEN | _BY_MESSAGE]


class RecordForm(SaidForm):
    """An event of one kind, with the attributes of its own that agreements read."""

    def __init__(self, *args: Any, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind, self.own = kind, attributes_of(kind)
        for name in self.own:
            self.fields[name] = FIELDS[name]()
            self.fields[name].label = words.attribute(name)
        self.order_fields(["at", *self.own, "channel", "note"])

    def clean(self) -> dict[str, Any]:
        """It can be sent, if it is to be."""
        found = super().clean() or {}
        self._check_sent(self.kind)
        return found

    def clean_at(self) -> Instant:
        """When it happened, in microseconds since the epoch."""
        at = super().clean_at()
        if at < self.now - _OLDEST:
            raise forms.ValidationError(_("That is more than a year ago. Check the year."))
        return at

    @property
    def said(self) -> dict[str, Any]:
        """The attributes of the event; what was not said is not among them."""
        return super().said | given(self.cleaned_data, self.own)
