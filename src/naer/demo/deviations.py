"""Deviations of the demo: some wait for an answer, some were answered, one taught something.

They are made once, when the demo is first served, by its people and through the same doors as everybody's.
What missed obligations propose comes by itself.
"""

import random
from dataclasses import dataclass

from naer.demo import facts
from naer.events.instant import DAY, HOUR, Instant
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.deviations.actions import answering, raising
from naer.site.deviations.actions.answering import Measure
from naer.site.deviations.actions.raising import Report
from naer.site.deviations.models import Contribution, Deviation
from naer.site.notifications import actions as told
from naer.site.pathways.models import Citizen
from naer.site.pathways.tick import rejudge

_OLD_ENOUGH = 20 * HOUR
"""A stay is reported about when it began so long ago."""
_LATE = "Plejeforløbsplanen kom først, da borgeren var på vej hjem. Vi nåede ikke at bestille hjælpemidler."
_NO_ANSWER = "Vi ringede tre gange om modtagelse og fik ikke fat i nogen."
_FALL = "Borgeren faldt natten efter hjemkomsten. Vi vidste ikke, at der var ordineret nyt sovemiddel."
_ANSWER = "Visitationen var lukket fra kl. 15. Vagttelefonen stod ikke i meddelelsen."
_OLD = "Genoptræningsplanen blev sendt til en kommune, som borgeren var flyttet fra."
_OLD_ANSWER = "Adressen var ikke opdateret i vores system ved udskrivningen."
_LEARNT = Measure(
    learning="Adressen skal slås op ved udskrivning; den fra indlæggelsen kan være forældet.",
    measure="Adressen slås op, før planen sendes. Kommunen ringer, når den får en plan, der ikke er dens.",
    cause="information",
)


@dataclass(frozen=True, slots=True)
class _Story:
    """Two people whose organisations deviate from what they agreed, and whose ids are their own."""

    nurse: User
    coordinator: User
    now: Instant
    rng: random.Random

    def new_id(self) -> str:
        return facts.new_id(self.rng)

    def raised(
        self,
        by: User,
        citizen: Citizen | None,
        what: str,
        ago: int,
        *,
        cause: str = "late",
        stage: str = "discharge",
        harm: str = "none",
        severity: str = "moderate",
    ) -> Deviation:
        """`by` raised it with the other, so long ago."""
        other = self.coordinator if by == self.nurse else self.nurse
        report = Report(
            counterpart=other.organisation_id or "",
            stage=stage,
            harm=harm,
            severity=severity,
            cause=cause,
            happened=self.now - ago - HOUR,
            what=what,
        )
        return raising.raise_deviation(by, citizen, report, now=self.now - ago, new_id=self.new_id)

    def closed(self) -> None:
        """One that both have learnt from."""
        one = self.raised(self.coordinator, None, _OLD, 30 * DAY, cause="information")
        at = self.now - 26 * DAY
        answering.answer(self.nurse, one.key, _OLD_ANSWER, "information", now=at, new_id=self.new_id)
        answering.suggest(self.nurse, one.key, _LEARNT, now=at + HOUR)
        suggestion = Contribution.objects.get(deviation=one, act="suggest")
        later = at + DAY
        answering.accept(self.coordinator, one.key, suggestion.pk, now=later, new_id=self.new_id)
        for user, days in ((self.coordinator, 12), (self.nurse, 13)):
            effect = "Ingen plan er gået til den forkerte kommune siden."
            answering.close(user, one.key, effect, now=at + days * DAY, new_id=self.new_id)
            told.seen(user, "deviation", one.key, at + days * DAY)
        told.seen(self.coordinator, "deviation", one.key, at + 13 * DAY)


def begin(now: Instant) -> int:
    """Make the deviations, unless there are some; how many were raised by people then."""
    raised = Deviation.objects.filter(by_engine=False)
    if raised.exists():
        return raised.count()
    people = {user.username: user for user in User.objects.filter(is_demo=True)}
    nurse, coordinator = people.get("camilla"), people.get("mette")
    if nurse is None or coordinator is None:
        return 0
    rng = random.Random("deviations of the demo")  # noqa: S311 - invented people
    story = _Story(nurse, coordinator, now, rng)
    story.closed()
    shared = _shared(coordinator, nurse, now)
    if shared:
        story.raised(coordinator, shared[0], _LATE, 5 * HOUR)
    if len(shared) > 1:
        one = story.raised(nurse, shared[1], _NO_ANSWER, 9 * HOUR, cause="unreachable")
        answering.answer(
            coordinator, one.key, _ANSWER, "responsibility", now=now - 3 * HOUR, new_id=story.new_id
        )
    if len(shared) > 2:
        story.raised(
            nurse,
            shared[2],
            _FALL,
            2 * HOUR,
            cause="medicine",
            stage="after",
            harm="moderate",
            severity="serious",
        )
    rejudge(sorted(citizen.key for citizen in shared), now)
    return raised.count()


def _shared(coordinator: User, nurse: User, now: Instant) -> list[Citizen]:
    """Citizens in hospital whom both may see, for long enough; the longest stay first."""
    seen = rules.visible_citizens(coordinator, now).filter(pk__in=rules.visible_citizens(nurse, now))
    here = seen.filter(status__in=rules.IN_HOSPITAL, status_since__lt=now - _OLD_ENOUGH)
    return list(here.order_by("status_since", "key")[:3])
