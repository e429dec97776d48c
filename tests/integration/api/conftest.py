"""The small place with a system of the municipality in it, as for the FHIR interface."""

from tests.integration.fhir.conftest import here, now, system

__all__ = ["here", "now", "system"]
