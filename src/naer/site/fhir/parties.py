"""Who is around a resource: references to organisations and citizens, and what the caller may see."""

from collections.abc import Iterable

from django.db.models import Exists, Model, OuterRef, QuerySet

from naer.messages.fhir.elements import Element, given, reference
from naer.messages.fhir.organisations import NAMED, organisation_id, organisation_reference
from naer.site.access import rules
from naer.site.accounts.models import Organisation
from naer.site.fhir.types import Asked

CITIZEN = "citizen"


def about[R: Model](rows: QuerySet[R], asked: Asked, field: str = "citizen_id") -> QuerySet[R]:
    """Those of some rows that are about citizens the caller may see."""
    seen = rules.visible_citizens(asked.caller.user, asked.now)
    return rows.filter(Exists(seen.filter(pk=OuterRef(field))))


def patient(key: str) -> Element:
    """A reference to a citizen: a key, no name."""
    return reference("Patient", key)


class Parties:
    """References to organisations by key, with names: one query for a page."""

    def __init__(self, keys: Iterable[str | None]) -> None:
        wanted = {key for key in keys if key}
        self._names = dict(Organisation.objects.filter(pk__in=wanted).values_list("key", "name"))

    def get(self, key: str | None, role: str = "", citizen: str = "") -> Element:
        """Who `key` is: an organisation of the register, the citizen, or only words for a role."""
        if key and key in self._names:
            return organisation_reference(key, self._names[key])
        if key == CITIZEN and citizen:
            return patient(citizen)
        return given({"display": role or key or "unknown"})

    def known(self, key: str | None) -> Element | None:
        """The organisation, when it is in the register."""
        return organisation_reference(key, self._names[key]) if key and key in self._names else None


def organisation_key(text: str) -> str | None:
    """The key of the organisation with a FHIR id; None when there is none with such an id."""
    if not text.startswith(NAMED):
        return text
    keys = Organisation.objects.filter(sor=None, gln=None).values_list("key", flat=True)
    return next((key for key in keys if organisation_id(key) == text), None)
