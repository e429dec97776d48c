"""Fills an empty database with the small place in every state that a page can show; prints what it made."""

import json
import sys
from pathlib import Path

from naer.site import boot

boot.setup()

from naer.events.instant import DAY, HOUR  # noqa: E402
from naer.site import clock  # noqa: E402
from naer.site.messaging.models import Message  # noqa: E402
from naer.site.pathways import actions  # noqa: E402
from naer.site.pathways.models import LoggedEvent, Obligation  # noqa: E402
from tests import place  # noqa: E402
from tests.e2e import seed_story, seed_talk  # noqa: E402


def main() -> dict[str, object]:
    """Two stays: one that ended, with a correction; one that runs, with an overdue report."""
    now = clock.now()
    here = place.build()
    here.receive(here.notification("STIN", now - 9 * DAY, report_requested=True), now=now - 9 * DAY)
    first = Obligation.objects.get(clause="admission-report")
    actions.fulfil(
        here.users["mette"],
        first.pk,
        now=now - 8 * DAY,
        new_id=place.new_id,
        attributes={"channel": "phone", "note": "Read out to the ward"},
    )
    here.receive(here.notification("RE_STIN", now - 8 * DAY), now=now - 8 * DAY)
    here.receive(here.notification("SLHJ", now - 7 * DAY), now=now - 7 * DAY)
    here.chain = ()
    data = here.notification("STIN", now - 26 * HOUR, report_requested=True, episode="episode-9")
    here.receive(data, data, now=now - 26 * HOUR)
    here.receive(b"{", here.notification("SLHJ", now, number=place.NUMBERS[2], fresh=True), now=now)
    running = Obligation.objects.filter(clause="admission-report", outcome="").first()
    assert running is not None
    arriving = place.citizen(place.NUMBERS[2], "860", "Svend Attrap", place.PRACTICE)
    message = here.notification(
        "STIN", now - HOUR, number=place.NUMBERS[2], fresh=True, report_requested=True
    )
    return {
        "citizen": here.citizen.key,
        "obligation": running.pk,
        "event": LoggedEvent.objects.get(kind="admission_report").id,
        "message": Message.objects.filter(stored=True).latest("pk").pk,
        "refused": Message.objects.filter(acknowledgement="fatal-error").latest("pk").pk,
        "arriving": arriving.key,
        "arrival": message.decode(),
        **seed_story.begin(here),
        **seed_talk.converse(here, now),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
    assert Path("naer.sqlite3").exists()
