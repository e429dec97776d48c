"""The log behind a page of rows: histories, pathways and organisations, in a few queries."""

from collections.abc import Iterable, Sequence

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from naer.events.instant import Instant
from naer.site.fhir.identified import patient_parameter
from naer.site.fhir.parameters import instants
from naer.site.fhir.parties import Parties, about
from naer.site.fhir.types import Asked, Parameter, Query
from naer.site.pathways.history import Entry, History, histories
from naer.site.pathways.models import LoggedEvent


def events(asked: Asked, query: Query, **chosen: object) -> QuerySet[LoggedEvent]:
    """Rows of the log about citizens that the caller may see; `changed` when the query asks for it."""
    found = about(LoggedEvent.objects.filter(**chosen), asked, "citizen")
    return found.annotate(changed=changed(asked)) if query.asks("_lastUpdated") else found


def changed(asked: Asked) -> Greatest:
    """When a citizen's log last meant something new: an event was received, or its time came."""
    log = LoggedEvent.objects.filter(citizen=OuterRef("citizen")).order_by().values("citizen")
    received = log.annotate(newest=Max("received")).values("newest")
    reached = log.annotate(newest=Max("at", filter=Q(at__lte=asked.now))).values("newest")
    return Greatest(Coalesce(Subquery(received), Value(0)), Coalesce(Subquery(reached), Value(0)))


UPDATED = Parameter(
    "_lastUpdated", "date", "when the citizen's log last meant something new", instants("changed")
)
PATIENT = patient_parameter("patient", "citizen")
SUBJECT = patient_parameter("subject", "citizen")


class Told:
    """What the rows of a page need to be told: asked once for all of them."""

    def __init__(self, rows: Sequence[LoggedEvent], asked: Asked) -> None:
        keys = {row.citizen for row in rows}
        self.now = asked.now
        self.histories: dict[str, History] = histories(keys, asked.now)
        self.episodes = {
            (citizen, pathway): seq
            for citizen, pathway, seq in LoggedEvent.objects.filter(citizen__in=keys, place=1).values_list(
                "citizen", "pathway", "seq"
            )
        }
        """(citizen, pathway) → id of the EpisodeOfCare."""
        self._first: dict[tuple[str, str], int] = {}
        ids = LoggedEvent.objects.filter(citizen__in=keys, id__in={row.id for row in rows})
        for citizen, id_, seq in ids.order_by("-seq").values_list("citizen", "id", "seq"):
            self._first[citizen, id_] = seq
        self.parties = Parties(
            event.organisation for history in self.histories.values() for event in history.events
        )

    def history(self, citizen: str) -> History:
        """The log of one citizen."""
        return self.histories.get(citizen) or History((), (), ())

    def first(self, row: LoggedEvent) -> bool:
        """Whether a row is the one that first brought its event: the same id may have come again."""
        return self._first.get((row.citizen, row.id)) == row.seq

    def entry(self, row: LoggedEvent) -> Entry | None:
        """What became of the event of a row."""
        entries = self.history(row.citizen).entries
        return next((one for one in entries if one.event.id == row.id), None)

    def updated(self, citizen: str) -> Instant:
        """As `changed`, from the history."""
        return newest(self.history(citizen).entries, self.now)


def newest(entries: Iterable[Entry], now: Instant) -> Instant:
    """When entries last meant something new."""
    received = [one.event.received or 0 for one in entries]
    reached = [one.event.at for one in entries if one.event.at <= now]
    return max([*received, *reached], default=0)
