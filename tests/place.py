"""A small place for tests of the site: two municipalities, two hospitals, two practices, their people.

Everything is invented; person numbers have a day of birth over 60, which no real one has.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from naer.events.instant import HOUR, Instant
from naer.messages.content import Party, Person
from naer.messages.medcom import hospitalnotification
from naer.messages.medcom.hospitalnotification import Link
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import intake
from naer.site.messaging.answer import Answer, Raw
from naer.site.pathways import enrol
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Citizen

NUMBERS = ("7101901234", "7202411235", "7303551236")
HOSPITAL = Party(sor="999000000000011", gln="5790000000111", name="Prøvesygehuset")
OTHER_HOSPITAL = Party(sor="999000000000012", gln="5790000000128", name="Det Andet Sygehus")
MUNICIPALITY = Party(sor="999000000000860", gln="5790000000860", name="Hjørring Prøvekommune")
OTHER_MUNICIPALITY = Party(sor="999000000000851", gln="5790000000851", name="Aalborg Prøvekommune")
PRACTICE = Party(sor="999000000000021", gln="5790000000210", name="Lægehuset Modelgade")
OTHER_PRACTICE = Party(sor="999000000000022", gln="5790000000227", name="Lægerne ved Kladden")


def new_id() -> str:
    """A new identity."""
    return str(uuid.uuid4())


@dataclass
class Place:
    """What was made. `citizen` lives in `MUNICIPALITY`, has a case there, and `PRACTICE` as GP."""

    citizen: Citizen
    neighbour: Citizen
    """Lives and has a case in the other municipality."""
    users: dict[str, User]
    chain: tuple[Link, ...] = field(default=())

    def notification(
        self,
        code: str,
        at: Instant,
        *,
        number: str = NUMBERS[0],
        fresh: bool = False,
        episode: str = "",
        sender: Party = HOSPITAL,
        **more: object,
    ) -> bytes:
        """A HospitalNotification about `citizen` from a hospital, next in its chain unless `fresh`."""
        header = new_id()
        chain = () if fresh else self.chain
        data = hospitalnotification.write(
            code,
            person=Person(number=number, family="Testgaard", given=("Karen",)),
            sender=sender,
            receiver=MUNICIPALITY,
            episodes=[episode or f"episode-{NUMBERS.index(number) + 1}"],
            header=header,
            sent=at,
            start=at,
            end=at if code == "SLHJ" else None,
            new_id=new_id,
            chain=chain,
            **more,  # type: ignore[arg-type]
        )
        if not fresh:
            self.chain = hospitalnotification.extend(chain, code, header, at)
        return data

    def receive(self, *data: bytes, now: Instant) -> list[Answer]:
        """Take messages in as a system would send them."""
        raws = [Raw(one, "application/fhir+json", "http") for one in data]
        return intake.receive(raws, now=now, new_id=new_id, actor=Process("test"))

    def admit(self, now: Instant, hours: int = 3) -> Answer:
        """`citizen` was admitted some hours ago, and a report was asked for."""
        data = self.notification("STIN", now - hours * HOUR, report_requested=True)
        (answer,) = self.receive(data, now=now)
        return answer


def build() -> Place:
    """The place, in an empty database."""
    for party, role, code in (
        (HOSPITAL, "hospital", "860"),
        (OTHER_HOSPITAL, "hospital", "851"),
        (MUNICIPALITY, "municipality", "860"),
        (OTHER_MUNICIPALITY, "municipality", "851"),
        (PRACTICE, "gp", "860"),
        (OTHER_PRACTICE, "gp", "851"),
    ):
        enrol.organisation(party.name, role, municipality=code, sor=party.sor, gln=party.gln)
    karen = citizen(NUMBERS[0], "860", "Karen Testgaard", PRACTICE)
    aage = citizen(NUMBERS[1], "851", "Aage Prøvesen", OTHER_PRACTICE)
    role = User.Role
    users = {
        name: _user(name, *rest)
        for name, *rest in (
            ("mette", "Mette", "Skitse", role.COORDINATOR, MUNICIPALITY),
            ("nora", "Nora", "Skitse", role.NURSE, MUNICIPALITY),
            ("ole", "Ole", "Nabo", role.COORDINATOR, OTHER_MUNICIPALITY),
            ("doris", "Doris", "Vagt", role.DISCHARGE, HOSPITAL),
            ("dennis", "Dennis", "Vagt", role.DISCHARGE, OTHER_HOSPITAL),
            ("gunnar", "Gunnar", "Læge", role.GP, PRACTICE),
            ("grete", "Grete", "Læge", role.GP, OTHER_PRACTICE),
            ("dina", "Dina", "Direktør", role.DIRECTOR, MUNICIPALITY),
            ("anna", "Anna", "Tal", role.ANALYST, MUNICIPALITY),
            ("adam", "Adam", "Drift", role.ADMINISTRATOR, MUNICIPALITY),
            ("inge", "Inge", "System", role.INTEGRATION, MUNICIPALITY),
        )
    }
    users["karen"] = _user("karen", "Karen", "Testgaard", role.CITIZEN, None, citizen=karen)
    users["ditte"] = _user("ditte", "Ditte", "Testgaard", role.RELATIVE, None)
    return Place(karen, aage, users)


def citizen(number: str, municipality: str, name: str, practice: Party) -> Citizen:
    """Somebody with an active case in a municipality and a GP."""
    made, _ = enrol.citizen(number, municipality, new_id=new_id, name=name, case="home-nursing")
    made.gp = Organisation.objects.get(pk=practice.sor)
    made.born = dt.date(1943, 4, 1)
    made.save()
    return made


def _user(
    username: str, first: str, last: str, role: User.Role, party: Party | None, citizen: Citizen | None = None
) -> User:
    user = User(
        username=username,
        first_name=first,
        last_name=last,
        role=role,
        organisation_id=party.sor if party is not None else None,
        citizen=citizen,
        is_demo=True,
    )
    user.set_password(f"{username} walks in the rain")
    user.save()
    return user
