"""Adds to the small place messages out in every state that a page can show; prints where they are."""

import json
import sys

from naer.site import boot

boot.setup()

from naer.events.instant import DAY, HOUR, MINUTE, Instant  # noqa: E402
from naer.messages.content import Fact, Letter  # noqa: E402
from naer.site import clock  # noqa: E402
from naer.site.accounts.models import User  # noqa: E402
from naer.site.messaging import composing, delivery  # noqa: E402
from naer.site.messaging.models import Delivery, OutgoingMessage  # noqa: E402
from naer.site.pathways.models import Citizen  # noqa: E402
from naer.site.pathways.tick import tick  # noqa: E402
from tests import place  # noqa: E402
from tests.e2e import seed  # noqa: E402

State = OutgoingMessage.State
REFUSAL = {
    "code": "MSG_VALUESET_VALUE_UNKNOWN",
    "text": "A code is not known here.",
    "path": "Observation.code",
}


def report(at: Instant) -> OutgoingMessage:
    """A report that Mette wrote to the hospital."""
    citizen = Citizen.objects.get(name="Karen Testgaard")
    letter = Letter(
        type="XDIS16",
        message_id=place.new_id(),
        sent=at,
        sender=composing.party(place.MUNICIPALITY.sor),
        receiver=composing.party(place.HOSPITAL.sor),
        person=composing.person(citizen),
        facts=(Fact(kind="admission_report", at=at),),
    )
    return composing.send(
        letter,
        "medcom-xdis16",
        actor=User.objects.get(username="mette"),
        citizen=citizen,
        receiver=place.HOSPITAL.sor,
        now=at,
        new_id=place.new_id,
        hold=DAY,
    )


def stand(message: OutgoingMessage, state: str, **more: object) -> int:
    """Let a message stand as if this had become of it."""
    OutgoingMessage.objects.filter(pk=message.pk).update(state=state, next_attempt=None, **more)
    return message.pk


def main() -> dict[str, object]:
    """One message in each state, and an escalation."""
    seeded = seed.main()
    now = clock.now()
    tick(now)
    sent = now - 2 * HOUR
    failed = report(now - 3 * HOUR)
    Delivery.objects.create(
        message=failed, at=now - HOUR, outcome="refused", detail=delivery.NO_WAY, by="outbox"
    )
    answered = {"sent": sent, "answered": sent + MINUTE}
    return seeded | {
        "waiting": report(now).pk,
        "late": stand(report(sent), State.LATE, sent=sent, due=sent + HOUR // 2, transport="http"),
        "failed": stand(failed, State.FAILED, last_error=delivery.NO_WAY),
        "turned-down": stand(
            report(sent), State.REFUSED, answered_with="fatal-error", issues=[REFUSAL], **answered
        ),
        "acknowledged": stand(report(sent), State.ACKNOWLEDGED, answered_with="ok", **answered),
        "given-up": stand(
            report(sent), State.GIVEN_UP, closed=now, closed_by="mette", reason="Read out by telephone"
        ),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
