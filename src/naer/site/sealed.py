"""Every column that holds something sealed: what `naer keys rotate` seals anew.

A test fails for a binary column that stands neither here nor in `PLAIN`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column: the model (`app.Model`), its field, and the purpose it is sealed for.

    A person number also has the field of its keyed `index`, and that of the `system` (register) that gave it.
    """

    model: str
    field: str
    purpose: str
    index: str = ""
    system: str = ""


COLUMNS = (
    Column("pathways.Citizen", "number_cipher", "person number", "number_index", "number_system"),
    Column("accounts.Identity", "number_cipher", "person number", "number_index"),
    Column("messaging.Message", "content", "message"),
    Column("messaging.Message", "answer", "message"),
    Column("messaging.OutgoingMessage", "content", "message"),
    Column("messaging.OutgoingMessage", "letter", "letter"),
    Column("messaging.StoredLetter", "content", "letter"),
    Column("fhir.StoredObservation", "content", "message"),
    Column("fhir.JobFile", "content", "message"),
    Column("plans.PartVersion", "content", "plan"),
    Column("fhir.Subscription", "header", "message"),
    Column("discharge.MedicineList", "content", "medicines"),
    Column("discharge.Confirmation", "content", "medicines"),
    Column("discharge.Supply", "note", "medicines"),
    Column("deviations.Contribution", "content", "deviation"),
    Column("entry.HelpRequest", "content", "entry"),
    Column("entry.HelpStep", "content", "entry"),
    Column("access.Emergency", "reason", "emergency"),
    Column("access.Emergency", "note", "emergency"),
)
"""Small tables first: what people sign in with and are found by."""

PLAIN: frozenset[str] = frozenset()
"""`app.Model.field` of binary columns that hold nothing secret."""
