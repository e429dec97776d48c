"""The register as the evaluator asks it: which role an organisation has, and who has a role for a citizen."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from naer.events.instant import Instant
from naer.site import bulk
from naer.site.pathways.state import State

_SQL = """
SELECT "key", role, municipality, sor, gln FROM accounts_organisation
WHERE "key" {in} OR sor {in} OR gln {in} OR (role = 'municipality' AND municipality {in})"""


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
    """By SOR id and by location number."""
    by_code: dict[str, Organisation] = field(default_factory=dict)
    """Municipalities by code."""
    gp_of: dict[str, str] = field(default_factory=dict)
    """Citizen → key of the practice."""
    residence_of: dict[str, str] = field(default_factory=dict)
    """Citizen → code of the municipality."""
    asked: set[tuple[str, str]] = field(default_factory=set)
    """What was looked up already, found or not: (key, id or code; text)."""

    def roles(self, organisation: str) -> frozenset[str]:
        """The roles that an organisation has; none when it is not in the register."""
        known = self.by_key.get(organisation)
        return frozenset((known.role,)) if known else frozenset()

    def municipality(self, code: str) -> str:
        """The key of a municipality's organisation; the code itself when it is not in the register."""
        known = self.by_code.get(code)
        return known.key if known else code

    def resolve(self, role: str, of: str, citizen: str | None, at: Instant) -> str | None:  # noqa: ARG002
        """Who has `role` for a citizen: the municipality of residence, or the practice; else None."""
        if role == "municipality" and citizen in self.residence_of:
            return self.municipality(self.residence_of[citizen])
        return self.gp_of.get(citizen) if role == "gp" and citizen else None

    def named(self, *ids: str) -> Organisation | None:
        """The organisation with one of some SOR ids or location numbers."""
        return next((self.by_id[one] for one in ids if one in self.by_id), None)

    def know(self, states: Iterable[State]) -> None:
        """Load what some citizens need: organisations in their events, municipalities, practices."""
        keys, codes = set(), set()
        for state in states:
            codes.add(state.municipality)
            self.residence_of[state.key] = state.municipality
            if state.gp:
                self.gp_of[state.key] = state.gp
                keys.add(state.gp)
            for event in state.events:
                if event.organisation:
                    keys.add(event.organisation)
                if event.municipality:
                    codes.add(event.municipality)
        self._load(keys, set(), codes)

    def know_ids(self, ids: Iterable[str]) -> None:
        """Load the organisations with these SOR ids or location numbers."""
        self._load(set(), set(ids), set())

    def _load(self, keys: set[str], ids: set[str], codes: set[str]) -> None:
        wanted = {("key", one) for one in keys - self.by_key.keys()}
        wanted |= {("id", one) for one in ids - self.by_id.keys()}
        wanted |= {("code", one) for one in codes - self.by_code.keys()}
        wanted -= self.asked
        if not wanted:
            return
        self.asked |= wanted
        asked = {kind: sorted(one for what, one in wanted if what == kind) for kind in ("key", "id", "code")}
        (rows,) = bulk.read([(_SQL, [asked["key"], asked["id"], asked["id"], asked["code"]])])
        for key, role, municipality, sor, gln in rows:
            organisation = Organisation(key, role, municipality)
            self.by_key[key] = organisation
            for number in (sor, gln):
                if number:
                    self.by_id[number] = organisation
            if role == "municipality" and municipality:
                self.by_code[municipality] = organisation
