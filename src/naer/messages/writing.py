"""Letters to bytes, whatever the standard: the one dispatch of everything Naer writes.

A writer is imported when a letter of its standard is written.
"""

from collections.abc import Callable

from naer.messages.content import Letter
from naer.messages.envelope import Format

CARE_COMMUNICATION = "medcom-carecommunication"
FHIR_BUNDLE = "fhir-bundle"
MEDCOM, PLO = "medcom-", "plo-"


class UnwritableError(ValueError):
    """A letter its standard cannot carry, or a standard Naer does not write; the text says which."""


def standard_of(letter: Letter) -> str:
    """The name of the standard that carries a letter, by its type: XDIS16 is `medcom-xdis16`,
    LOG_INNLAGT `plo-log-innlagt`."""
    if letter.type == "CARE_COMMUNICATION":
        return CARE_COMMUNICATION
    name = letter.type.lower().replace("_", "-")
    if name == FHIR_BUNDLE:
        return FHIR_BUNDLE
    return (MEDCOM if name.startswith("x") or name.endswith("gop") else PLO) + name


def write(letter: Letter, standard: str, *, new_id: Callable[[], str], format: Format = "json") -> bytes:
    """The message as its standard writes it; Norwegian messages are always XML.

    Raises:
        UnwritableError: when no writer takes it. A writer that refuses a letter says why in the same way.
    """
    try:
        if standard == CARE_COMMUNICATION:
            from naer.messages.medcom import carecommunication

            return carecommunication.write(letter, new_id=new_id, format=format)
        if standard.startswith(MEDCOM):
            from naer.messages.medcom import discharge

            return discharge.write(letter, new_id=new_id, format=format)
        if standard.startswith(PLO):
            from naer.messages.plo import writing

            return writing.write(letter, new_id=new_id)
        if standard == FHIR_BUNDLE:
            from naer.messages.fhir import bundle_writing

            return bundle_writing.write(letter, new_id=new_id, format=format)
    except UnwritableError:
        raise
    except ValueError as error:
        raise UnwritableError(str(error)) from error
    raise UnwritableError(f"Naer writes no messages of the standard {standard!r}")


def written_as(standard: str, wished: Format) -> Format:
    """The format a standard is written in: Norwegian messages, and bundles of resources, have one only."""
    if standard == FHIR_BUNDLE:
        return "json"
    return "xml" if standard.startswith(PLO) or standard == "apprec" else wished
