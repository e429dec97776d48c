"""The criteria of a subscription: a search, as `Task?status=requested`, understood as searches are."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from naer.site.fhir.answers import Refused
from naer.site.fhir.asking import RESULT, read
from naer.site.fhir.types import TYPES, Asked, Query, ResourceType

LONGEST = 1000
"""Characters."""
PATIENT = "Patient"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is searched, and how."""

    kind: ResourceType
    query: Query


def understood(text: str, asked: Asked) -> Criteria:
    """The search that a text asks for.

    Raises:
        Refused: 422 for a search that is not understood whole, names a person, or is of a type that is not
            about citizens: only what happens to citizens is told.
    """
    path = "Subscription.criteria"
    if len(text) > LONGEST:
        raise Refused(422, "too-long", "has more than 1000 characters", path)
    name, _, rest = text.partition("?")
    kind = TYPES.get(name)
    if kind is None or (name != PATIENT and "patient" not in kind.parameters):
        raise Refused(422, "not-supported", f"must be one of {', '.join(offered())} with a search", path)
    try:
        pairs = parse_qsl(rest, strict_parsing=bool(rest), max_num_fields=50)
    except ValueError:
        raise Refused(422, "value", "cannot be read as Type?name=value&name=value", path) from None
    if any(name.partition(":")[0] in RESULT for name, _ in pairs):
        raise Refused(422, "not-supported", "holds a parameter about the answer, as _count", path)
    try:
        search = read(pairs, kind, asked, posted=True, strict=True)
    except Refused as refused:
        raise Refused(422, "value", str(refused), path) from refused
    if search.private:
        raise Refused(422, "security", "names a person; use the id of the Patient", path)
    return Criteria(kind, search.query)


def offered() -> list[str]:
    """The types that can be subscribed to."""
    return sorted(name for name, kind in TYPES.items() if name == PATIENT or "patient" in kind.parameters)
