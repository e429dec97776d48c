"""The vocabulary: every kind of event Naer knows, each documented once.

The reference page `docs/reference/events.md` is rendered from this registry, the agreement checker
accepts these kinds, and a test fails for a kind without meaning, sender or carrier.
"""

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One kind of event: what it means, who can say it, what it carries, which messages bring it."""

    name: str
    meaning: str
    senders: tuple[str, ...]
    """Roles that can be its sender; an event's organisation counts as having the role (S9)."""
    carried_by: tuple[str, ...]
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Further roles that can say it; an organisation in no register does not count as having them for it."""


HOSPITAL = ("hospital",)
MUNICIPALITY = ("municipality",)
GP = ("gp",)
CARE = ("hospital", "municipality", "gp")
ANYONE = ("hospital", "municipality", "gp", "citizen")

_HN = {
    "class": "EMER (acute ambulant) or IMP (admitted), as sent",
    "code": "the MedCom code derived from class, status, activity and deceased (STIN … AN_MORS)",
    "episode": "episode-of-care id, normalised",
    "episode_sent": "the same as the hospital wrote it, for the answer: system, |, id",
}
_START = _HN | {
    "report_requested": "true when the sender asks for an admission report",
    "report_recipient": "SOR id of the one who shall have the report, when another than the sender",
}
_PERSON = {"by": "the person who recorded it", "channel": "message, phone or manual", "note": "free text"}
_TIMED = {
    "estimate": "Anslag of a PLO message, as sent; norms contradict one another about it: it decides nothing",
    "time_missing": "true when a PLO message gave no usable time; `at` is then when it was written",
}
_WARNED = {
    "complete": "true when it says status, expected course and expected date, as § 8 asks",
    "patient_status": "how the citizen is, in the words of the one who warned",
    "expected_course": "the expected course, in the words of the one who warned",
    "expected_at": "the expected time of being ready",
}
_STAY = {
    "admitted_at": "when the stay began, as the message says",
    "ready_at": "when the citizen was declared ready, as the message says",
}

_HELP = {"by": _PERSON["by"], "request": "key of the request for help"}
_CONSENT = "how the citizen said it: oral, written, own (signed in themselves) or guardian"
_WITH = "what the participant is: hospital, municipality, gp, other, person or relative"
_AGREED = {
    "by": _PERSON["by"],
    "plan_version": "number of the version agreed",
    "revise_by": "the day by which it is to be gone through again",
}
_COORDINATOR = {"by": _PERSON["by"], "child": "true when it is a children's coordinator"}

_DEVIATION = {
    "by": "the person who did it",
    "deviation": "key of the deviation",
    "raised_by": "role of the organisation that raised it",
    "to": "role of the other organisation",
}

_ALL = (
    # The stay
    Kind(
        "acute_ambulant",
        "The citizen arrived at a hospital for an acute ambulant contact.",
        HOSPITAL,
        ("MedCom HospitalNotification STAA", "FHIR Bundle (Encounter)"),
        _START,
    ),
    Kind(
        "admitted",
        "The citizen was admitted to a hospital.",
        HOSPITAL,
        (
            "MedCom HospitalNotification STIN",
            "PLO LOG_INNLAGT",
            "PLO LOG_UTSKRIVNINGSKLAR (reported)",
            "PLO LOG_AVMELDING (reported)",
            "FHIR Bundle (Encounter)",
            "form in Norway",
        ),
        _START
        | {
            "planned": "true for a planned stay, recorded by a person; a HospitalNotification never says it",
            "has_services": "true when the citizen is known to have municipal services (LOG_INNLAGT says so)",
            "reported": "true when a later message tells of the admission",
        }
        | _TIMED,
    ),
    Kind(
        "leave_started",
        "The admitted citizen went on leave; the hospital keeps its responsibility.",
        HOSPITAL,
        ("MedCom HospitalNotification STOR",),
        _HN,
    ),
    Kind(
        "leave_ended",
        "The citizen came back from leave.",
        HOSPITAL,
        ("MedCom HospitalNotification SLOR",),
        _HN,
    ),
    Kind(
        "discharged",
        "The stay ended; the citizen went home or to care in the municipality.",
        HOSPITAL,
        (
            "MedCom HospitalNotification SLHJ",
            "PLO LOG_UTSKREVET",
            "FHIR Bundle (Encounter)",
            "form in Norway",
        ),
        _HN
        | {
            "ward": "the ward, recorded by a person; a HospitalNotification never names it",
            "condition": "list 8431: 1 alive, 2 dead, 3 dead by suicide",
            "discharged_to": "list 8408: 1 home, 11 nursing home, 21 municipal acute beds …",
        }
        | _TIMED,
    ),
    Kind(
        "died",
        "The citizen died, before arrival or during the stay.",
        HOSPITAL,
        (
            "MedCom HospitalNotification MORS",
            "PLO LOG_DOD",
            "PLO LOG_UTSKREVET",
            "FHIR Bundle (Encounter)",
            "form in Norway",
        ),
        _HN | _TIMED,
        also=MUNICIPALITY + GP,
    ),
    Kind("left_ward", "The citizen left the ward.", HOSPITAL, ("form",), _PERSON),
    Kind("transferred", "The citizen was moved to another hospital.", HOSPITAL, ("form",), _PERSON),
    # What the hospital tells
    Kind(
        "treatment_plan",
        "The hospital assessed the citizen and made a treatment plan.",
        HOSPITAL,
        ("form",),
        _PERSON,
    ),
    Kind(
        "admission_warning",
        "The hospital warned the municipality that the citizen may need help after the stay.",
        HOSPITAL,
        ("PLO HELSEOPPL_SOKNAD 9140 = 1", "form"),
        _PERSON | {"expected_days": "expected length of stay, days"} | _WARNED,
    ),
    Kind(
        "warning_updated",
        "The hospital warned anew of a changed time or need; it replaces the former warning.",
        HOSPITAL,
        ("PLO HELSEOPPL_SOKNAD 9140 = 2", "form"),
        _PERSON | _WARNED,
    ),
    Kind(
        "need_assessed",
        "The need for municipal help after the stay became clear.",
        HOSPITAL + MUNICIPALITY,
        ("MedCom XDIS21 (in Naer's FHIR form)", "form"),
        _PERSON
        | {
            "services_needed": "true when municipal services are needed",
            "rehabilitation_needed": "true when rehabilitation is needed after the stay",
            "act_within_24_h": "true when the municipality must act within the next 24 hours",
        },
    ),
    Kind(
        "treatment_finished",
        "A doctor found the treatment finished; the notice to the municipality is ready_for_discharge.",
        HOSPITAL,
        ("MedCom XDIS19 (in Naer's FHIR form)", "form"),
        _PERSON,
    ),
    Kind(
        "expected_ready",
        "A time was given at which the citizen is expected to be ready for discharge.",
        HOSPITAL,
        (
            "PLO HELSEOPPL_SOKNAD",
            "MedCom XDIS19 (in Naer's FHIR form)",
            "MedCom XDIS21 (in Naer's FHIR form)",
            "form",
        ),
        _PERSON | {"expected_at": "the expected time"} | _TIMED,
    ),
    Kind(
        "care_forecast",
        "The hospital's forecast of the care needed after the stay (plejeforløbsplan).",
        HOSPITAL,
        ("MedCom XDIS21 (in Naer's FHIR form)", "form"),
        _PERSON,
    ),
    Kind(
        "care_plan",
        "A plan for the care around the citizen was made or changed.",
        HOSPITAL + MUNICIPALITY,
        ("form",),
        _PERSON,
    ),
    Kind(
        "ready_for_discharge",
        "The hospital declared the treatment finished; the citizen can leave.",
        HOSPITAL,
        ("MedCom XDIS19 (in Naer's FHIR form)", "PLO LOG_UTSKRIVNINGSKLAR", "form"),
        _PERSON | {"admitted_at": _STAY["admitted_at"]} | _TIMED,
    ),
    Kind(
        "ready_withdrawn",
        "The declaration that the citizen is ready was taken back.",
        HOSPITAL,
        ("PLO LOG_AVMELDING", "MedCom XDIS19 (in Naer's FHIR form)", "form"),
        _PERSON | _STAY | _TIMED,
    ),
    Kind(
        "discharge_agreed",
        "Hospital and municipality agreed when the citizen leaves the hospital, and where to.",
        HOSPITAL + MUNICIPALITY,
        ("form",),
        _PERSON
        | {
            "leaves_at": "the agreed time of leaving",
            "leaves_to": "home, temporary, nursing-home, acute-place, hospice or other",
        },
    ),
    Kind(
        "discharge_notice",
        "The hospital told the municipality that the citizen was discharged.",
        HOSPITAL,
        ("PLO LOG_UTSKREVET", "form"),
        _PERSON,
    ),
    Kind(
        "discharge_report",
        "The hospital's report at discharge (udskrivningsrapport).",
        HOSPITAL,
        ("MedCom XDIS18 (in Naer's FHIR form)", "PLO UTSKRIVNINGSRAPPORT", "form"),
        _PERSON,
    ),
    Kind("epicrisis", "The discharge summary was sent to those who need it.", HOSPITAL, ("form",), _PERSON),
    Kind(
        "rehabilitation_plan",
        "A rehabilitation plan (GOP) was handed out and sent.",
        HOSPITAL,
        ("MedCom G-GOP (in Naer's FHIR form)", "form"),
        _PERSON | {"start_by": "a later date the plan gives for the start"},
    ),
    Kind(
        "medication_list",
        "The list of medicines was sent or the shared record marked as up to date.",
        HOSPITAL + GP,
        ("MedCom XDIS18 (in Naer's FHIR form)", "form"),
        _PERSON,
    ),
    Kind(
        "medication_confirmed",
        "A named person confirmed the medicines at the handover.",
        ANYONE,
        ("form", "medicines at the handover"),
        _PERSON | {"medicines": "how many medicines were compared line by line"},
    ),
    Kind(
        "medicine_supplied",
        "Medicines for the first days after the stay were handed out.",
        HOSPITAL + MUNICIPALITY + GP,
        ("form", "medicines at the handover"),
        _PERSON | {"supply_until": "the last day there is medicine for"},
    ),
    # What the municipality tells and does
    Kind(
        "admission_report",
        "The municipality's report on the care the citizen has (indlæggelsesrapport).",
        MUNICIPALITY,
        (
            "MedCom XDIS16 (in Naer's FHIR form)",
            "PLO INNLEGGELSESRAPPORT",
            "form",
            "demo municipal record",
        ),
        _PERSON | {"answers": "id of the message that asked for it"},
    ),
    Kind(
        "municipality_answer",
        "The municipality said whether it can receive the citizen.",
        MUNICIPALITY,
        ("PLO DIALOG_HELSEFAGLIG 7322 = 7", "form"),
        _PERSON
        | {
            "can_receive": "true or false",
            "from": "the first possible time",
            "answers": "id of the message that asked for it",
        },
    ),
    Kind(
        "offer_ready",
        "A municipal offer is ready for a citizen who had to wait.",
        MUNICIPALITY,
        ("form",),
        _PERSON,
    ),
    Kind(
        "home_visit",
        "The citizen was visited at home after discharge.",
        MUNICIPALITY + GP,
        ("form",),
        _PERSON,
    ),
    Kind(
        "follow_up_chosen",
        "The citizen was chosen for follow-up home visits after the stay.",
        HOSPITAL + MUNICIPALITY + GP,
        ("form",),
        _PERSON,
    ),
    Kind(
        "follow_up_visit",
        "GP and home nurse visited the citizen together after discharge.",
        MUNICIPALITY + GP,
        ("form",),
        _PERSON | {"visit": "which of the agreed visits: 1, 2 or 3"},
    ),
    Kind(
        "rehabilitation_contact",
        "The municipality contacted the citizen about rehabilitation.",
        MUNICIPALITY,
        ("form",),
        _PERSON,
    ),
    Kind(
        "rehabilitation_offered",
        "The municipality offered a date on which rehabilitation starts.",
        MUNICIPALITY,
        ("form",),
        _PERSON,
    ),
    Kind("rehabilitation_started", "Rehabilitation started.", MUNICIPALITY, ("form",), _PERSON),
    Kind(
        "hold_started",
        "A course was put on hold (citizen, medical or municipal reason).",
        MUNICIPALITY + HOSPITAL,
        ("form",),
        _PERSON | {"reason": "citizen, medical or municipal"},
    ),
    Kind("hold_ended", "A course on hold went on.", MUNICIPALITY + HOSPITAL, ("form",), _PERSON),
    Kind(
        "acute_referral",
        "The municipal acute function was asked to take the citizen.",
        HOSPITAL + GP,
        ("MedCom XREF22 (in Naer's FHIR form)", "form"),
        _PERSON | {"referrer": "hospital or gp: the role of the one who asks"},
    ),
    Kind(
        "acute_closing",
        "The acute function ended its task and told the one who asked.",
        MUNICIPALITY,
        ("MedCom XDIS22 (in Naer's FHIR form)", "form"),
        _PERSON,
    ),
    Kind(
        "preventive_visit_offered", "A preventive home visit was offered.", MUNICIPALITY, ("form",), _PERSON
    ),
    Kind(
        "service_offer",
        "The municipality told of the services that the citizen has.",
        MUNICIPALITY,
        ("PLO ORIENTERING_TJENESTETILBUD", "form"),
        _PERSON
        | {
            "service": "the service that was granted, in the words of the one who told it",
            "answers": "id of the message that asked for it",
        },
    ),
    # Between any of the parties
    Kind(
        "medical_information",
        "A doctor gave the municipality medical information about the citizen.",
        GP + HOSPITAL,
        ("PLO MEDISINSKE_OPPLYSNINGER", "form"),
        _PERSON | {"answers": "id of the message that asked for it"},
    ),
    Kind(
        "health_information",
        "The municipality gave the doctor information about the citizen's health.",
        MUNICIPALITY,
        ("PLO HELSEOPPLYSNINGER_LEGE", "form"),
        _PERSON | {"answers": "id of the message that asked for it"},
    ),
    Kind(
        "absence_notice",
        "The one who received a message told that it is away.",
        ANYONE,
        ("PLO FRAVARSMELDING (v1.5)", "form"),
        _PERSON | {"answers": "id of the message received"},
    ),
    Kind(
        "message_fault",
        "The receiver told that a message was at fault: wrong addressee or lacking information.",
        ANYONE,
        ("PLO DIALOG_AVVIK", "form"),
        _PERSON
        | {
            "fault": "list 8117: 1 wrong addressee, 2 lacking information, 9 other",
            "answers": "id of the message at fault",
        },
    ),
    Kind("phone_call", "The parties spoke by telephone.", ANYONE, ("form",), _PERSON),
    Kind(
        "correspondence",
        "A message was written from one party to another.",
        ANYONE,
        ("MedCom CareCommunication", "PLO DIALOG_HELSEFAGLIG", "form"),
        _PERSON
        | {
            "to": "role of the one written to",
            "theme": "theme of a Norwegian dialogue message (list 7322) or what it asks for",
            "answers": "id of the message that it answers",
            "thread": "id of the conversation (CareCommunication)",
            "category": "what it is about, one of the 18 categories of CareCommunication",
            "activity": "new-message, reply-message or forward-message",
        },
    ),
    Kind(
        "correspondence_read", "A message was read by the party it was sent to.", ANYONE, ("form",), _PERSON
    ),
    Kind(
        "request",
        "One party asked another for information or an act.",
        ANYONE,
        ("PLO DIALOG_FORESPORSEL", "form"),
        _PERSON
        | {
            "to": "role of the one asked",
            "theme": "theme of a Norwegian dialogue message (list 7322) or what it asks for",
            "asked_by": "role of the one who asks",
            "about_readiness": "true when it asks how the hospital found that the citizen is ready",
            "extended_responsibility": "true when it rests on the ward's responsibility after over 24 h",
        },
    ),
    Kind(
        "answer",
        "A request was answered.",
        ANYONE,
        ("PLO DIALOG_SVAR", "form"),
        _PERSON
        | {
            "answers": "id of the request",
            "theme": "theme of a Norwegian dialogue message (list 7322) or what it asks for",
        },
    ),
    Kind(
        "message_sent",
        "A message left its sender.",
        ANYONE,
        ("outbox",),
        {"message": "id of the message", "to": "role of the one it is sent to"},
    ),
    Kind(
        "message_acknowledged",
        "The receiver's system acknowledged a message.",
        ANYONE,
        ("MedCom Acknowledgement", "PLO AppRec"),
        {"message": "id of the message", "answer": "ok, fatal-error or transient-error"},
    ),
    # Plan and coordination
    Kind("individual_plan_need", "The need for an individual plan was seen.", ANYONE, ("form",), _PERSON),
    Kind(
        "individual_plan_notice",
        "The municipal coordinating unit was told of the need for a plan.",
        HOSPITAL,
        ("form",),
        _PERSON,
    ),
    Kind(
        "individual_plan_declined",
        "The citizen was offered an individual plan and said no.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        {"by": _PERSON["by"]},
    ),
    Kind(
        "individual_plan_started",
        "The citizen consented to an individual plan, and it was begun.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        {"by": _PERSON["by"], "consent": _CONSENT},
    ),
    Kind(
        "individual_plan_agreed",
        "The individual plan was agreed for the first time.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        _AGREED,
    ),
    Kind(
        "individual_plan_revised",
        "The individual plan was gone through and agreed anew.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        _AGREED,
    ),
    Kind(
        "individual_plan_ended",
        "The individual plan ended, or the citizen withdrew the consent to it.",
        ANYONE,
        ("plan page",),
        {"by": _PERSON["by"], "ending": "withdrawn, met, moved, died or other"},
    ),
    Kind(
        "plan_sharing_consented",
        "The citizen consented to sharing the individual plan with a participant.",
        ANYONE,
        ("plan page",),
        {"by": _PERSON["by"], "with": _WITH, "consent": _CONSENT},
    ),
    Kind(
        "plan_sharing_withdrawn",
        "The citizen withdrew the consent to share the individual plan with a participant.",
        ANYONE,
        ("plan page",),
        {"by": _PERSON["by"], "with": _WITH},
    ),
    Kind(
        "coordinator_need",
        "The need for a coordinator was seen.",
        ANYONE,
        ("form",),
        _PERSON | {"child": "true when the need is for a children's coordinator"},
    ),
    Kind(
        "coordinator_offered",
        "A coordinator was offered to the citizen.",
        MUNICIPALITY,
        ("form",),
        _PERSON | {"child": "true when it is a children's coordinator"},
    ),
    Kind(
        "coordinator_accepted",
        "The citizen said yes to the coordinator offered.",
        ANYONE,
        ("plan page",),
        _COORDINATOR | {"consent": _CONSENT},
    ),
    Kind(
        "coordinator_declined",
        "The citizen said no to the coordinator offered.",
        ANYONE,
        ("plan page",),
        _COORDINATOR | {"consent": _CONSENT},
    ),
    Kind(
        "coordinator_appointed",
        "A named person began as the citizen's coordinator.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        _COORDINATOR,
    ),
    Kind(
        "coordinator_handed_over",
        "One coordinator handed over to another, and both confirmed it.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        _COORDINATOR,
    ),
    Kind(
        "coordinator_ended",
        "A coordinator's task ended.",
        MUNICIPALITY + HOSPITAL + GP,
        ("plan page",),
        _COORDINATOR | {"ending": "handed-over, citizen, left, no-need, of-age or other"},
    ),
    # Cooperation deviations: what was written is in no event
    Kind(
        "deviation_raised",
        "One organisation told another that practice departed from the agreed division of work.",
        CARE,
        ("page of deviations",),
        _DEVIATION
        | {
            "departed_from": "the clause departed from: agreement/clause",
            "stage": "admission, stay, discharge, after or other",
            "harm": "none, mild, moderate, severe, death or unknown",
            "severity": "minor, moderate or serious",
        },
    ),
    Kind(
        "deviation_answered",
        "The other organisation answered a deviation.",
        CARE,
        ("page of deviations",),
        _DEVIATION | {"answers": "id of the event that raised it"},
    ),
    Kind(
        "deviation_agreed",
        "Both organisations agreed on what is learnt from a deviation and done about it.",
        CARE,
        ("page of deviations",),
        _DEVIATION | {"answers": "id of the event that raised it"},
    ),
    Kind(
        "deviation_closed",
        "A deviation was closed by both organisations. One that is withdrawn has its report cancelled.",
        CARE,
        ("page of deviations",),
        _DEVIATION | {"answers": "id of the event that raised it"},
    ),
    # Asking for help
    Kind(
        "help_requested",
        "Somebody asked the municipality for help for the citizen.",
        ANYONE,
        ("request for help",),
        _HELP
        | {
            "asked_by": "who asked: citizen, relative, gp, hospital or other",
            "channel": "form, message or phone",
        },
    ),
    Kind(
        "help_sorted",
        "The municipality sorted a request for help.",
        MUNICIPALITY,
        ("request for help",),
        _HELP | {"sorting": "urgent, assess, answer, or other: it is another authority's"},
    ),
    Kind(
        "help_answered",
        "The municipality answered a request for help.",
        MUNICIPALITY,
        ("request for help",),
        _HELP | {"sorting": "how the request was sorted"},
    ),
    # About other events
    Kind(
        "cancelled",
        "Removes the event named in `changes`.",
        ANYONE,
        (
            "MedCom HospitalNotification AN_*",
            "MedCom discharge messages, cancelled (in Naer's FHIR form)",
            "PLO status C",
            "form",
        ),
        {
            "code": "the MedCom code, for a cancelled notification",
            "of": "the kind that it removes, for a cancelled PLO message",
            "of_at": "when that happened, as the cancelling message says",
        },
    ),
    Kind(
        "waived",
        "An obligation was waived; it names the clause and says who and why.",
        ANYONE,
        ("form",),
        {"clause": "id of the clause", "by": "who waived it", "why": "the reason"},
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind by name."""


def senders(kind: str) -> tuple[str, ...]:
    """The roles that can say an event of this kind; none for a kind of somebody's own."""
    known = KINDS.get(kind)
    return known.senders if known else ()
