"""Every type of the FHIR interface: importing this makes them all known."""

from naer.site.fhir import (  # noqa: F401 - each registers its types
    agreements,
    communications,
    courses,
    measures,
    medicines,
    organisations,
    patients,
    plans,
    tasks,
    traces,
)
from naer.site.fhir.types import TYPES

__all__ = ["TYPES"]
