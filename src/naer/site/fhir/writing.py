"""What can be written through the FHIR interface: the type of a resource → what takes it in.

Modules that take one in put themselves here; CapabilityStatement and addresses follow from it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from naer.site.fhir.caller import Caller

Create = Callable[[HttpRequest, Caller], HttpResponse]
"""Takes the body in; raises `Refused` when it cannot. The caller's scope is checked before."""
Change = Callable[[HttpRequest, Caller, str], HttpResponse]
"""As `Create`, for the resource with an id."""

CREATES: dict[str, Create] = {}
"""POST /fhir/Type."""
UPDATES: dict[str, Change] = {}
"""PUT /fhir/Type/id."""
DELETES: dict[str, Change] = {}
"""DELETE /fhir/Type/id."""
