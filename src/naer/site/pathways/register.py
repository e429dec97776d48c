"""The register as the evaluator asks it: which role an organisation has, and who has a role for a citizen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from naer.events.instant import Instant
from naer.site import bulk
from naer.site.pathways.state import Place, State

_SQL = """
WITH named (organisation, municipality) AS (
    SELECT organisation, municipality FROM pathways_loggedevent WHERE citizen {in}
    UNION SELECT gp_id, municipality FROM pathways_citizen WHERE "key" {in}
    UNION SELECT gp_id, municipality FROM pathways_former WHERE citizen_id {in})
SELECT "key", role, municipality, sor, gln FROM accounts_organisation
WHERE sor {in} OR gln {in} OR "key" {in} OR "key" IN (SELECT organisation FROM named)
   OR (role = 'municipality' AND (municipality {in} OR municipality IN (SELECT municipality FROM named)))"""

_ADDRESS_SQL = """
SELECT value, organisation_id FROM accounts_address WHERE system = 'her' AND value {in}"""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation in the register; `municipality` is the code of where it lies, or of itself."""

    key: str
    role: str
    municipality: str


@dataclass(slots=True)
class Register:
    """A snapshot of the organisations that a batch of citizens needs."""

    by_key: dict[str, Organisation] = field(default_factory=dict)
    by_id: dict[str, Organisation] = field(default_factory=dict)
    """By SOR id, by location number, and by HER id with `her:` before it."""
    by_code: dict[str, Organisation] = field(default_factory=dict)
    """Municipalities by code."""
    gp_of: dict[str, str] = field(default_factory=dict)
    """Citizen → key of the practice."""
    residence_of: dict[str, str] = field(default_factory=dict)
    """Citizen → code of the municipality."""
    former_of: dict[str, list[Place]] = field(default_factory=dict)
    """Citizen → where they belonged before, for those who moved or changed practice."""

    def roles(self, organisation: str) -> frozenset[str]:
        """The roles that an organisation has; none when it is not in the register."""
        known = self.by_key.get(organisation)
        return frozenset((known.role,)) if known else frozenset()

    def municipality(self, code: str) -> str:
        """The key of a municipality's organisation; the code itself when it is not in the register."""
        known = self.by_code.get(code)
        return known.key if known else code

    def resolve(self, role: str, of: str, citizen: str | None, at: Instant) -> str | None:  # noqa: ARG002
        """Who had `role` for a citizen at `at`: the municipality of residence, or the practice; else None."""
        if citizen not in self.residence_of or role not in ("municipality", "gp"):
            return None
        former = next((place for place in self.former_of.get(citizen, ()) if at < place.until), None)
        if role == "gp":
            return former.gp if former else self.gp_of.get(citizen)
        code = former.municipality if former else self.residence_of[citizen]
        return self.municipality(code) if code else None

    def named(self, *ids: str) -> Organisation | None:
        """The organisation with one of some SOR ids, location numbers or HER ids (written by `her_id`)."""
        return next((self.by_id[one] for one in ids if one in self.by_id), None)

    def know(self, states: Iterable[State]) -> None:
        """Load what some citizens need: organisations in their events, municipalities, practices."""
        states = list(states)
        new = [link.event for state in states for link in state.appended]
        keys = sorted({event.organisation for event in new if event.organisation})
        codes = sorted({event.municipality for event in new if event.municipality})
        asked = query([], [state.key for state in states], keys, codes)
        self.take(bulk.read([asked])[0], states)

    def address(self, rows: list[bulk.Row]) -> None:
        """Know HER ids, from the answer to `addresses`; their organisations were asked for by key."""
        for value, key in rows:
            if key in self.by_key:
                self.by_id[her_id(value)] = self.by_key[key]

    def take(self, rows: list[bulk.Row], states: Iterable[State]) -> None:
        """Know the organisations in the answer to `query`, and where some citizens belong."""
        for state in states:
            self.residence_of[state.key] = state.municipality
            if state.former:
                self.former_of[state.key] = state.former
            if state.gp:
                self.gp_of[state.key] = state.gp
        for key, role, municipality, sor, gln in rows:
            organisation = Organisation(key, role, municipality)
            self.by_key[key] = organisation
            for number in (sor, gln):
                if number:
                    self.by_id[number] = organisation
            if role == "municipality" and municipality:
                self.by_code[municipality] = organisation


def her_id(number: str) -> str:
    """A HER id as it stands in `Register.by_id`, and as the key of an organisation nobody knows."""
    return f"her:{number}"


def addresses(her: Iterable[str]) -> list[bulk.Row]:
    """(HER id, key of its organisation) for those of some HER ids that are in the register."""
    wanted = sorted(set(her) - {""})
    return bulk.read([(_ADDRESS_SQL, [wanted])])[0] if wanted else []


def query(
    ids: list[str], citizens: list[str], keys: Sequence[str] = (), codes: Sequence[str] = ()
) -> bulk.Query:
    """What to ask about organisations: by SOR id or location number, of citizens, by key, by code."""
    return _SQL, [*[citizens] * 3, ids, ids, list(keys), list(codes)]
