"""A message about one citizen repeats nothing that was written about another under the same pathway."""

import json

import msgspec

from naer.events.event import Event
from naer.events.instant import HOUR
from naer.site.messaging import letter_content, telling
from naer.site.messaging.tellers import NORWAY, TELLERS
from naer.site.pathways.models import LoggedEvent
from tests.integration.outbox.office import Office
from tests.place import HOSPITAL


def test_what_is_repeated_is_the_citizens_own(office: Office) -> None:
    here, now = office.here, office.now
    here.admit(now)
    own = LoggedEvent.objects.get(kind="admitted")
    about: dict[str, object] = {"kind": "admitted", "received": now, "source": "", "pathway": own.pathway}
    LoggedEvent.objects.create(
        citizen=here.neighbour.key, id="other", at=now, attributes=json.dumps({"a": 1}), place=99, **about
    )
    ready = Event(
        id="ready",
        pathway=own.pathway,
        citizen=here.citizen.key,
        kind="ready_for_discharge",
        at=now + HOUR,
        received=now,
        organisation=HOSPITAL.sor,
    )
    (repeated,) = letter_content.repeated(ready, TELLERS["ready_for_discharge"][NORWAY])
    assert repeated.at == own.at

    strange = msgspec.structs.replace(ready, citizen=here.neighbour.key)
    assert telling.episode_of(ready.citizen, ready.pathway) is not None
    assert telling.episode_of(strange.citizen, strange.pathway) is None
