"""Which message says what: a table of the standards (handbook Denmark 8, Norway 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NORWAY, DENMARK = "NO", "DK"
CASE_HANDLING, NURSING = "KD0501", "KP02"
"""Services of a municipality, list 8663."""


@dataclass(frozen=True, slots=True)
class Teller:
    """One type of message that says a kind of event."""

    type: str
    sent_is_done: bool = True
    """Whether the event is the sending itself, so that its time is now; else its own time is told."""
    to: str = ""
    """The service it is for (list 8663), where the receiver has several."""
    by: str = ""
    """The service it is from."""
    also: tuple[str, ...] = field(default=())
    """Kinds of event of the same pathway that it repeats, if they are known."""
    adds: bool = False
    """Whether it adds to an earlier message of the same type, and cannot be sent without one."""
    asks: tuple[str, ...] = ()
    """Attributes of the event that it has a place for, beside the note: the form asks for them."""
    needs: tuple[str, ...] = ()
    """Those without which it cannot be written."""
    lacks: tuple[str, ...] = ()
    """Attributes of the kind that it has no place for."""
    part: str = ""
    """Suffix of the event, where the message is about another one: the first of `also`, that the sender has
    recorded."""

    @property
    def takes_notes(self) -> bool:
        """Whether it has room for a text of one's own; a logistics message has times and
        contacts only, an offer its services."""
        return not self.type.startswith(("LOG_", "ORIENTERING_"))


_WARNING = Teller(
    "HELSEOPPL_SOKNAD",
    to=CASE_HANDLING,
    asks=("patient_status", "expected_course", "expected_at"),
    lacks=("expected_days",),
)
TELLERS: Mapping[str, Mapping[str, Teller]] = {
    "admission_report": {DENMARK: Teller("XDIS16"), NORWAY: Teller("INNLEGGELSESRAPPORT", by=NURSING)},
    "care_forecast": {DENMARK: Teller("XDIS21")},
    "expected_ready": {DENMARK: Teller("XDIS21", adds=True)},
    "need_assessed": {DENMARK: Teller("XDIS21", adds=True)},
    "treatment_finished": {DENMARK: Teller("XDIS19", sent_is_done=False, adds=True)},
    "medication_list": {DENMARK: Teller("XDIS18", adds=True)},
    "ready_for_discharge": {
        DENMARK: Teller("XDIS19", sent_is_done=False),
        NORWAY: Teller("LOG_UTSKRIVNINGSKLAR", sent_is_done=False, to=CASE_HANDLING, also=("admitted",)),
    },
    "ready_withdrawn": {
        DENMARK: Teller("XDIS19", sent_is_done=False, adds=True),
        NORWAY: Teller(
            "LOG_AVMELDING", sent_is_done=False, to=CASE_HANDLING, also=("admitted", "ready_for_discharge")
        ),
    },
    "discharge_report": {DENMARK: Teller("XDIS18"), NORWAY: Teller("UTSKRIVNINGSRAPPORT", to=NURSING)},
    "rehabilitation_plan": {DENMARK: Teller("G-GOP")},
    "admission_warning": {NORWAY: _WARNING},
    "warning_updated": {NORWAY: _WARNING},
    "admitted": {NORWAY: Teller("LOG_INNLAGT", sent_is_done=False, to=NURSING)},
    "discharged": {NORWAY: Teller("LOG_UTSKREVET", sent_is_done=False, to=NURSING)},
    "discharge_notice": {NORWAY: Teller("LOG_UTSKREVET", to=NURSING, also=("discharged",), part="notice")},
    "died": {NORWAY: Teller("LOG_DOD", sent_is_done=False)},
    "service_offer": {
        NORWAY: Teller("ORIENTERING_TJENESTETILBUD", by=CASE_HANDLING, asks=("service",), needs=("service",))
    },
    "medical_information": {NORWAY: Teller("MEDISINSKE_OPPLYSNINGER", to=NURSING)},
    "health_information": {NORWAY: Teller("HELSEOPPLYSNINGER_LEGE", by=NURSING)},
    "acute_referral": {DENMARK: Teller("XREF22")},
    "acute_closing": {DENMARK: Teller("XDIS22")},
}
"""Kind of event → country of the parties' addresses → the message that says it."""
