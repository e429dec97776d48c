"""The form that corrects what a message told: its time where it has one of its own, what it says, a note."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from naer.events.event import Event
from naer.events.instant import Instant, local, parse
from naer.site.messaging.correcting import Correctable
from naer.site.messaging.telling import Offer
from naer.site.pathways.record_form import RecordForm
from naer.site.ui.times import ZONE

_OURS = frozenset({"by", "channel", "note"})


class CorrectionForm(RecordForm):
    """An event that a message told, to be corrected."""

    def __init__(self, *args: Any, found: Correctable, now: Instant, **more: Any) -> None:
        super().__init__(*args, kind=found.event.kind, now=now, initial=_initial(found.event), **more)
        self.found = found
        del self.fields["channel"]
        if not found.timed:
            del self.fields["at"]
        if not found.teller.takes_notes:
            self.fields["note"].help_text = _("The message has no room for the note, which stays here.")
        self.check_sent()

    def check_sent(self) -> None:
        """Leave out what the message has no place for."""
        for name in self.found.teller.lacks:
            if name in self.own:
                self.own.remove(name)
                del self.fields[name]

    @property
    def sends(self) -> Offer | None:
        """It is always sent."""
        return self.found.offered

    @property
    def moment(self) -> Instant:
        """When it happened, once it is valid."""
        given: Instant | None = self.cleaned_data.get("at")
        return self.found.event.at if given is None else given

    @property
    def said(self) -> dict[str, Any]:
        """The attributes of the event as it shall stand."""
        asked = {*self.own, *_OURS}
        kept = {name: value for name, value in self.found.event.attributes.items() if name not in asked}
        self.cleaned_data["channel"] = "message"
        return kept | super().said

    @property
    def changed(self) -> bool:
        """Whether it says anything else than stands."""
        before = {name: value for name, value in self.found.event.attributes.items() if name != "by"}
        return self.moment != self.found.event.at or self.said | {"channel": ""} != before | {"channel": ""}


def _initial(event: Event) -> dict[str, Any]:
    """The values of the fields as the event stands."""
    return {"at": _clock(event.at), **{name: _value(value) for name, value in event.attributes.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and "T" in value:
        try:
            return _clock(parse(value, ZONE))
        except ValueError:
            return value
    return value


def _clock(instant: Instant) -> dt.datetime:
    return local(instant, ZONE).replace(tzinfo=None, second=0, microsecond=0)
