"""Words for what is stored as a name: kinds of event, roles, statuses, answers."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

ROLES: Words = {
    "hospital": _("Hospital"),
    "municipality": _("Municipality"),
    "gp": _("GP"),
    "citizen": _("Citizen"),
    "unknown": _("Unknown"),
}

STATUSES: Words = {
    "none": _("No stay known"),
    "acute-ambulant": _("At the emergency department"),
    "admitted": _("Admitted"),
    "on-leave": _("On leave from hospital"),
    "discharged": _("Discharged"),
    "deceased": _("Deceased"),
}

CHANNELS: Words = {
    "message": _("Message"),
    "phone": _("Telephone"),
    "manual": _("Other"),
    "http": _("From a system"),
    "upload": _("Uploaded"),
    "command": _("Command line"),
    "demo": _("Demo"),
    "local": _("Within this installation"),
    "answer": _("In the answer to a message"),
    "folder": _("From a folder"),
}

PROCESSES: Words = {
    "http": _("From a system"),
    "outbox": _("Outbox"),
    "naer send": _("Command line"),
    "naer receive": _("Command line"),
    "naer citizen show": _("Command line"),
    "naer demo": _("Demo"),
    "naer plans": _("By itself"),
    "naer grants": _("By itself"),
    "demo municipal record": _("The demo’s municipal record"),
}
"""Who did something when it was no person."""

ANSWERS: Words = {
    "ok": _("Accepted"),
    "ok-with-errors": _("Accepted in part"),
    "fatal-error": _("Refused"),
    "rejected": _("Refused"),
    "transient-error": _("Not now, send again"),
}

REASONS: Words = {
    "": "",
    "no-legal-basis": _(
        "No active case in the municipality, so the content was deleted. The sender was told it arrived."
    ),
    "refused": _("It departs from the standard, so the content was not kept. The sender was told why."),
    "duplicate": _("It had come before. The sender got the same answer again."),
    "response": _("The receipt for a message from here. It is never receipted itself."),
}
"""Why the content of a message was not kept."""

CODES: Words = {
    "STAA": _("Start of acute ambulant contact"),
    "STIN": _("Admission"),
    "STOR": _("Start of leave"),
    "SLOR": _("End of leave"),
    "SLHJ": _("Discharge"),
    "MORS": _("Death"),
}
"""What the code of a hospital notification means; RE_ and AN_ before it correct and cancel."""

TYPES: Words = {
    "CARE_COMMUNICATION": _("Correspondence"),
    "XDIS16": _("Admission report"),
    "XDIS21": _("Care forecast"),
    "XDIS19": _("Ready for discharge"),
    "XDIS18": _("Discharge report"),
    "G-GOP": _("Rehabilitation plan"),
    "LOG_INNLAGT": _("Notice of admission"),
    "LOG_UTSKRIVNINGSKLAR": _("Ready for discharge"),
    "LOG_AVMELDING": _("No longer ready for discharge"),
    "LOG_UTSKREVET": _("Notice of discharge"),
    "LOG_DOD": _("Notice of death"),
    "INNLEGGELSESRAPPORT": _("Admission report"),
    "UTSKRIVNINGSRAPPORT": _("Discharge report"),
    "HELSEOPPL_SOKNAD": _("Health information"),
    "HELSEOPPLYSNINGER_LEGE": _("Health information to the doctor"),
    "MEDISINSKE_OPPLYSNINGER": _("Medical information"),
    "ORIENTERING_TJENESTETILBUD": _("Offer of services"),
    "FRAVARSMELDING": _("Notice of absence"),
    "DIALOG_HELSEFAGLIG": _("Health professionals’ dialogue"),
    "DIALOG_FORESPORSEL": _("Request"),
    "DIALOG_SVAR": _("Answer to a request"),
    "DIALOG_AVVIK": _("Report of a faulty message"),
    "FHIR_BUNDLE": _("FHIR resources"),
    "medcom-acknowledgement": _("Receipt"),
    "apprec": _("Receipt"),
}
"""What a message is, by the standard's own name of its type."""

CASES: Words = {
    "home-care": _("Home care"),
    "home-nursing": _("Home nursing"),
    "rehabilitation": _("Rehabilitation"),
    "reablement": _("Reablement"),
    "social-support": _("Social support"),
    "respite": _("Respite"),
    "personal-assistance": _("Personal assistance"),
    "preventive-visit": _("Preventive visits"),
    "temporary-housing": _("Temporary housing"),
    "long-term-housing": _("Long-term housing"),
}

STANDINGS: Words = {
    "counts": _("Counts"),
    "corrected": _("Corrected later"),
    "cancelled": pgettext_lazy("standing", "Cancelled"),
    "change": _("Changes an earlier event"),
    "waiting": _("Waits for the event it changes"),
    "later": _("Counts from its time on"),
}
"""What became of an event in the log."""

KINDS: Words = {
    "acute_ambulant": _("Came to the emergency department"),
    "admitted": pgettext_lazy("event", "Admitted"),
    "leave_started": _("Went on leave"),
    "leave_ended": _("Came back from leave"),
    "discharged": pgettext_lazy("event", "Discharged"),
    "died": _("Died"),
    "left_ward": _("Left the ward"),
    "transferred": _("Moved to another hospital"),
    "treatment_finished": _("Treatment finished"),
    "follow_up_chosen": _("Chosen for follow-up visits"),
    "treatment_plan": _("Treatment plan made"),
    "admission_warning": _("Warned that help may be needed"),
    "warning_updated": _("Warned anew of a change"),
    "need_assessed": _("Need for help assessed"),
    "expected_ready": _("Expected time of discharge given"),
    "care_forecast": _("Care forecast sent"),
    "care_plan": _("Care plan made or changed"),
    "ready_for_discharge": _("Ready for discharge"),
    "ready_withdrawn": _("No longer ready for discharge"),
    "discharge_agreed": _("Discharge agreed"),
    "discharge_notice": _("Told of the discharge"),
    "discharge_report": _("Discharge report sent"),
    "epicrisis": _("Discharge summary sent"),
    "rehabilitation_plan": _("Rehabilitation plan sent"),
    "medication_list": _("Medicine list sent"),
    "medication_confirmed": _("Medicines confirmed"),
    "medicine_supplied": _("Medicine for the first days handed out"),
    "admission_report": _("Admission report sent"),
    "municipality_answer": _("Municipality answered if it can receive"),
    "offer_ready": _("Municipal offer ready"),
    "home_visit": _("Home visit"),
    "follow_up_visit": _("Follow-up visit by GP and home nurse"),
    "rehabilitation_contact": _("Contact about rehabilitation"),
    "rehabilitation_offered": _("Rehabilitation offered"),
    "rehabilitation_started": _("Rehabilitation started"),
    "hold_started": _("Put on hold"),
    "hold_ended": _("Went on after hold"),
    "acute_referral": _("Referred to the acute function"),
    "acute_closing": _("Acute function ended its task"),
    "preventive_visit_offered": _("Preventive visit offered"),
    "phone_call": _("Telephone call"),
    "correspondence": _("Message written"),
    "correspondence_read": _("Message read"),
    "request": _("Request"),
    "answer": _("Answer"),
    "service_offer": _("Services told"),
    "medical_information": _("Medical information sent"),
    "health_information": _("Health information sent"),
    "absence_notice": _("Absence told"),
    "message_fault": _("Fault in a message reported"),
    "message_sent": _("Message sent"),
    "message_acknowledged": _("Message acknowledged"),
    "individual_plan_need": _("Need for an individual plan seen"),
    "individual_plan_notice": _("Coordinating unit told of the need"),
    "coordinator_need": _("Need for a coordinator seen"),
    "coordinator_offered": _("Coordinator offered"),
    "help_requested": _("Help asked for"),
    "help_sorted": _("Request for help sorted"),
    "help_answered": _("Request for help answered"),
    "individual_plan_declined": _("Individual plan declined"),
    "individual_plan_started": _("Individual plan begun"),
    "individual_plan_agreed": _("Individual plan agreed"),
    "individual_plan_revised": _("Individual plan revised"),
    "individual_plan_ended": _("Individual plan ended"),
    "plan_sharing_consented": _("Consent to share the plan"),
    "plan_sharing_withdrawn": _("Consent to share the plan withdrawn"),
    "coordinator_accepted": _("Coordinator accepted"),
    "coordinator_declined": _("Coordinator declined"),
    "coordinator_appointed": _("Coordinator appointed"),
    "coordinator_handed_over": _("Coordinator handed over"),
    "coordinator_ended": _("Coordinator’s task ended"),
    "deviation_raised": _("Deviation raised"),
    "deviation_answered": _("Deviation answered"),
    "deviation_agreed": _("Measure agreed after a deviation"),
    "deviation_closed": _("Deviation closed"),
    "cancelled": _("Cancelled"),
    "waived": _("Waived"),
}
"""What happened, for every kind in the vocabulary; a test fails for one without words."""

ATTRIBUTES: Words = {
    "services_needed": _("Municipal services are needed"),
    "rehabilitation_needed": _("Rehabilitation is needed"),
    "act_within_24_h": _("The municipality must act within 24 hours"),
    "can_receive": _("The municipality can receive the citizen"),
    "extended_responsibility": _("It rests on the ward’s responsibility after the stay"),
    "about_readiness": _("It asks how the citizen was found ready"),
    "child": _("It is a children’s coordinator"),
    "asked_by": _("Who asks"),
    "expected_days": _("Expected length of stay, in days"),
    "visit": _("Which of the agreed visits"),
    "patient_status": _("How the citizen is"),
    "expected_course": _("Expected course"),
    "expected_at": _("Expected time"),
    "leaves_at": _("Leaves the hospital"),
    "leaves_to": _("Where to"),
    "supply_until": _("Medicine handed out until"),
    "service": _("The service granted"),
    "from": _("First possible time"),
    "start_by": _("Start by, if the plan gives a date"),
    "to": _("To whom"),
    "referrer": _("Who asks"),
    "reason": _("Reason"),
}
"""What an event that people record can say besides that it happened."""

TOLD: Words = {
    "complete": _("The warning says all that § 8 asks"),
    "time_missing": _("The message gave no time; it is when it was written"),
}
"""What only a message can say of an event."""

HOLDS: Words = {
    "citizen": _("The citizen’s own wish"),
    "medical": _("Medical reason"),
    "municipal": _("The municipality’s reason"),
}
"""Why a course was put on hold."""


PLACES: Words = {
    "home": _("Own home"),
    "temporary": _("Temporary place"),
    "nursing-home": _("Nursing home"),
    "acute-place": _("Acute place"),
    "hospice": _("Hospice"),
    "other": _("Another place"),
}
"""Where a citizen goes from hospital."""


def _word(table: Words, name: str) -> str:
    """The words of `name`; a name of somebody's own is shown as it is, with spaces."""
    return str(table[name]) if name in table else name.replace("_", " ").replace("-", " ")


def capitalised(text: str) -> str:
    """`text` with a capital first letter; the rest is left alone."""
    return text[:1].upper() + text[1:]


def role(name: str) -> str:
    return _word(ROLES, name)


def status(name: str) -> str:
    return _word(STATUSES, name)


def channel(name: str) -> str:
    return _word(CHANNELS, name)


def process(name: str) -> str:
    """What acted; an unknown one is shown by its name."""
    return str(PROCESSES.get(name, name))


def answer(name: str) -> str:
    return _word(ANSWERS, name)


def reason(name: str) -> str:
    return _word(REASONS, name)


def case(name: str) -> str:
    return _word(CASES, name)


def standing(name: str) -> str:
    return _word(STANDINGS, name)


def attribute(name: str) -> str:
    return _word(TOLD if name in TOLD else ATTRIBUTES, name)


def hold(name: str) -> str:
    return _word(HOLDS, name)


def place(name: str) -> str:
    return _word(PLACES, name)


def kind(name: str) -> str:
    return _word(KINDS, name)


def code(name: str) -> str:
    """STIN → Admission; RE_STIN → Correction: admission; LOG_INNLAGT → Notice of admission."""
    if name in TYPES:
        return str(TYPES[name])
    if name.startswith("RE_"):
        return gettext("Correction of: %(what)s") % {"what": _word(CODES, name[3:])}
    if name.startswith("AN_"):
        return gettext("Cancellation of: %(what)s") % {"what": _word(CODES, name[3:])}
    return _word(CODES, name)
