"""Letters of one synthetic citizen, made into raw events as the intake makes them."""

from naer.events.instant import ZONES, parse
from naer.messages.content import Fact, Letter, Party, Person
from naer.messages.envelope import Incoming
from naer.messages.plo.events import events

HOSPITAL = Party(her="7101", name="Nordvik sykehus HF", service="7102", service_name="Kirurgi")
TOWN = Party(her="8801", name="Nordvik kommune", service="8802", service_name="Saksbehandling")
PERSON = Person(number="15815010016", system="FNR", family="Nordmann", given=("Kari",))


def instant(text):
    return parse(text, ZONES["NO"])


def fact(kind, at, suffix="", **attributes):
    return Fact(
        kind=kind,
        at=instant(at),
        attributes=attributes,
        suffix=suffix,
        precision="instant" if "T" in at or ":" in at else "day",
    )


def letter(type, message_id, sent, *facts, status="new", parent="", root=""):
    return Letter(
        type=type,
        version="v1.6",
        message_id=message_id,
        sent=instant(sent),
        sender=HOSPITAL,
        receiver=TOWN,
        person=PERSON,
        status=status,
        parent=parent,
        root=root or parent,
        facts=facts,
    )


def raw(*letters, citizen="c", organisation="hospital"):
    """The raw events of letters, in the order of the letters."""
    return [
        event
        for one in letters
        for event in events(
            Incoming(format="xml", letter=one, content_hash=(one.message_id * 64)[:64]),
            citizen,
            organisation,
            "4601",
            one.sent,
        )
    ]


def admitted(id, sent, at, **more):
    return letter("LOG_INNLAGT", id, sent, fact("admitted", at, has_services=True), **more)


def warning(id, sent, content="1", expected="2026-03-09", **more):
    kind = "admission_warning" if content == "1" else "warning_updated"
    return letter(
        "HELSEOPPL_SOKNAD",
        id,
        sent,
        fact(kind, sent),
        fact("expected_ready", sent, "expected", expected_at=expected),
        **more,
    )


def ready(id, sent, at, admitted_at="", **more):
    said = [fact("admitted", admitted_at, "admitted", reported=True)] if admitted_at else []
    attributes = {"admitted_at": admitted_at} if admitted_at else {}
    return letter(
        "LOG_UTSKRIVNINGSKLAR", id, sent, fact("ready_for_discharge", at, **attributes), *said, **more
    )


def not_ready(id, sent, at, admitted_at="", **more):
    attributes = {"admitted_at": admitted_at} if admitted_at else {}
    return letter("LOG_AVMELDING", id, sent, fact("ready_withdrawn", at, **attributes), **more)


def discharged(id, sent, at, **more):
    return letter(
        "LOG_UTSKREVET", id, sent, fact("discharged", at), fact("discharge_notice", sent, "notice"), **more
    )


def report(id, sent, **more):
    return letter("INNLEGGELSESRAPPORT", id, sent, fact("admission_report", sent), **more)


def summary(id, sent, **more):
    return letter("UTSKRIVNINGSRAPPORT", id, sent, fact("discharge_report", sent), **more)


def answer(id, sent, **more):
    return letter("DIALOG_HELSEFAGLIG", id, sent, fact("municipality_answer", sent, theme="7"), **more)


def cancel(type, id, sent, parent, root=""):
    return letter(type, id, sent, fact("cancelled", sent), status="cancel", parent=parent, root=root)
