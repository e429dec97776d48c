"""MedicationStatement: the medicines in Norwegian care letters, to the parties of each letter."""

from collections.abc import Sequence

from django.db.models import Max, OuterRef, QuerySet, Subquery

from naer.messages.content import Letter
from naer.messages.fhir.elements import versioned
from naer.messages.fhir.medicine import ATC, Said, medication_statement
from naer.messages.plo.rows import parted
from naer.site.fhir.answers import Refused
from naer.site.fhir.communications import NOT_LEFT, readable
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.parameters import NOT, coded, codings, instants, met, number, references
from naer.site.fhir.parties import Parties, organisation_key, patient
from naer.site.fhir.shelves import BATCH, BATCHES, any_of
from naer.site.fhir.types import Asked, Found, Page, Parameter, Query, ResourceType, by_name, register
from naer.site.messaging import letters
from naer.site.messaging.models import StoredLetter

_TYPES = ("INNLEGGELSESRAPPORT", "UTSKRIVNINGSRAPPORT", "MEDISINSKE_OPPLYSNINGER", "HELSEOPPLYSNINGER_LEGE")
"""Letters that can list medicines (`plo.limits`)."""
_LAST = 10**6
"""Above the number of every medicine of a letter."""


class Medicines:
    """A shelf whose rows, letters, hold any number of resources: ids are `letter-number`."""

    def find(self, asked: Asked, query: Query, after: str, count: int) -> Page:
        """As `Shelf.find`. A page may be short where many letters tell of nothing that is asked for."""
        found: list[Found] = []
        place = _place(after) if after else (0, 0)
        if place is None:
            raise Refused(400, "value", "_after: take it from a link of an answer")
        rows = self._chosen(asked, query)
        for _ in range(BATCHES):
            batch = list(rows.filter(pk__gte=place[0])[:BATCH])
            for at, one in self._made(batch):
                if at <= place or not _meets(one, query, asked):
                    continue
                if len(found) == count:
                    return Page(found, after)
                found.append(one)
                after = one.resource["id"]
            if len(batch) < BATCH:
                return Page(found, None)
            place = (batch[-1].pk, _LAST)
            after = "-".join(map(str, place))
        return Page(found, after)

    def read(self, asked: Asked, ids: Sequence[str]) -> list[Found]:
        """As `Shelf.read`."""
        query = Query(ids=frozenset(ids))
        made = self._made(list(self._chosen(asked, query)))
        return [one for _, one in made if _meets(one, query, asked)]

    def count(self, asked: Asked, query: Query) -> int:
        """As `Shelf.count`."""
        total, last, rows = 0, 0, self._chosen(asked, query)
        while batch := list(rows.filter(pk__gt=last)[:BATCH]):
            total += sum(_meets(one, query, asked) for _, one in self._made(batch))
            last = batch[-1].pk
        return total

    @staticmethod
    def _chosen(asked: Asked, query: Query) -> QuerySet[StoredLetter]:
        rows = _with_medicines(readable(asked))
        newest = _with_medicines(StoredLetter.objects.filter(citizen=OuterRef("citizen"))).order_by()
        rows = rows.annotate(
            changed=Subquery(newest.values("citizen").annotate(at=Max("stored")).values("at"))
        )
        if query.ids is not None:
            rows = rows.filter(pk__in={place[0] for one in query.ids if (place := _place(one))})
        for wanted in query.wanted:
            if wanted.parameter.rows is not None:
                rows = rows.filter(any_of(wanted, asked))
        return rows.order_by("pk")

    @staticmethod
    def _made(rows: Sequence[StoredLetter]) -> list[tuple[tuple[int, int], Found]]:
        """The medicines of some letters, each with its place."""
        parties = Parties(row.sender for row in rows)
        corrected = _Corrected({row.citizen_id for row in rows})
        found = []
        for row in rows:
            letter = letters.unpack(bytes(row.content))
            for number_, said in sorted(parted(letter.details)[1]["medicine"].items()):
                one = Said(
                    letter=row.pk,
                    number=number_,
                    row=said,
                    patient=patient(row.citizen_id),
                    source=parties.get(row.sender),
                    sent=row.sent,
                    wrong=corrected.holds(row, letter),
                )
                resource = versioned(medication_statement(one), row.changed)  # type: ignore[attr-defined]
                found.append(((row.pk, number_), Found(resource, row.citizen_id)))
        return found


class _Corrected:
    """Which letters their senders changed or cancelled: one query for the citizens of a page."""

    def __init__(self, citizens: set[str]) -> None:
        self._replaced: set[tuple[str, str, str]] = set()
        self._cancelled: set[tuple[str, str, str]] = set()
        for row in _with_medicines(StoredLetter.objects.filter(citizen__in=citizens).exclude(NOT_LEFT)):
            letter = letters.unpack(bytes(row.content))
            if letter.status in ("change", "cancel"):
                self._replaced.add((row.citizen_id, row.sender, letter.parent))
            if letter.status == "cancel":
                self._cancelled.add((row.citizen_id, row.sender, letter.root or letter.parent))

    def holds(self, row: StoredLetter, letter: Letter) -> bool:
        """Whether a letter does not stand as it was written: it was corrected, is a cancellation, or was
        given up before it left.
        """
        whose, out = (row.citizen_id, row.sender), row.outgoing
        return (
            (out is not None and out.sent is None and out.state == out.State.GIVEN_UP)
            or letter.status == "cancel"
            or (*whose, letter.message_id) in self._replaced | self._cancelled
            or (bool(letter.root) and (*whose, letter.root) in self._cancelled)
        )


def _with_medicines(rows: QuerySet[StoredLetter]) -> QuerySet[StoredLetter]:
    return rows.filter(type__in=_TYPES)


def _meets(one: Found, query: Query, asked: Asked) -> bool:
    if query.ids is not None and one.resource["id"] not in query.ids:
        return False
    return all(met(wanted, one.resource, asked) for wanted in query.wanted)


def _place(text: str) -> tuple[int, int] | None:
    """Letter and number that an id names."""
    letter, _, at = text.partition("-")
    places = number(letter), number(at)
    return None if None in places else places  # type: ignore[return-value]


register(
    ResourceType(
        "MedicationStatement",
        "Medicines that Norwegian care letters list, as the sender said them; to the parties of each only.",
        Medicines(),
        by_name(
            Parameter(
                "_lastUpdated", "date", "when a letter that lists any was last stored", instants("changed")
            ),
            patient_parameter("patient"),
            patient_parameter("subject"),
            Parameter(
                "status",
                "token",
                "at the time of the letter: active, intended, completed; entered-in-error when corrected",
                of=coded("http://hl7.org/fhir/CodeSystem/medication-statement-status", "status"),
                modifiers=NOT,
            ),
            Parameter(
                "code",
                "token",
                f"the ATC code ({ATC})",
                of=codings("medicationCodeableConcept"),
                modifiers=NOT,
            ),
            Parameter(
                "source",
                "reference",
                "who wrote the letter",
                references("sender", "Organization", key=organisation_key),
                targets=("Organization",),
            ),
        ),
        {
            "patient": ("subject", ("Patient",)),
            "subject": ("subject", ("Patient",)),
            "source": ("informationSource", ("Organization",)),
        },
    )
)
