"""Group: the citizens that an organisation sees, as one thing to export (Bulk Data, Group level)."""

from collections.abc import Sequence

from naer.messages.fhir.elements import identifier, system, versioned
from naer.messages.fhir.organisations import organisation_id
from naer.site.access import rules
from naer.site.fhir.parameters import codings, text
from naer.site.fhir.parties import Parties
from naer.site.fhir.shelves import Listing
from naer.site.fhir.types import Asked, Found, Parameter, ResourceType, by_name, register


def _items(asked: Asked) -> Sequence[Found]:
    """The one group that the caller may export: none for who sees no citizen."""
    user = asked.caller.user
    if user.organisation is None or not rules.sees_citizens(user):
        return ()
    key = user.organisation.key
    group = {
        "resourceType": "Group",
        "id": organisation_id(key),
        "identifier": [identifier(system("organisation"), key)],
        "active": True,
        "type": "person",
        "actual": True,
        "name": user.organisation.name,
        "quantity": rules.visible_citizens(user, asked.now).count(),
        "managingEntity": Parties([key]).get(key),
    }
    return (Found(versioned(group)),)


register(
    ResourceType(
        "Group",
        "The citizens that the caller's organisation sees, counted: what `Group/id/$export` exports.",
        Listing(_items),
        by_name(
            Parameter("identifier", "token", "key of the organisation", of=codings("identifier")),
            Parameter("type", "token", "person", of=codings("type")),
            Parameter("name", "string", "name of the organisation", of=text("name")),
        ),
    )
)
