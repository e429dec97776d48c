"""The form that records the delivery of what is owed, or sends the message that is the delivery."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from naer.events.instant import Instant
from naer.site.pathways.attribute_fields import FIELDS, given
from naer.site.pathways.forms import SaidForm
from naer.site.ui import words
from naer.site.ui.times import when


class FulfilForm(SaidForm):
    """The event that delivers what is owed; `kinds` are those that deliver.

    It lies between `earliest`, when the obligation can first be met, and `now` (microseconds). With an offer
    it asks for what the message has a place for.
    """

    kind = forms.ChoiceField(label=_("What was done"))

    def __init__(self, *args: Any, kinds: tuple[str, ...], earliest: Instant, **more: Any) -> None:
        super().__init__(*args, **more)
        self.earliest = earliest
        self.fields["kind"].choices = [(kind, words.kind(kind)) for kind in kinds]  # type: ignore[attr-defined]
        self.own = self.offer.asks if self.offer is not None else ()
        for name in self.own:
            self.fields[name] = FIELDS[name]()
            self.fields[name].label = words.attribute(name)
        self.order_fields(["kind", "at", *self.own, "channel", "note"])

    def clean(self) -> dict[str, Any]:
        """What was done can be sent, if it is to be."""
        found = super().clean() or {}
        self._check_sent(found.get("kind", ""))
        return found

    def clean_at(self) -> Instant:
        """When it was done, in microseconds since the epoch."""
        at = super().clean_at()
        if at < self.earliest:
            raise forms.ValidationError(
                _("That is before the obligation can be met: %(time)s.")
                % {"time": when(self.earliest, self.now)}
            )
        return at

    @property
    def said(self) -> dict[str, Any]:
        """The attributes of the event; what was not said is not among them."""
        return super().said | given(self.cleaned_data, self.own)
