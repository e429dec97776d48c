"""Norway: event → message → event is the identity for all that messages carry; linking has no order."""

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, from_local, local, parse
from naer.events.log import effective
from naer.messages import read
from naer.messages.content import Conversation, Fact, Letter, Party, Person, Segment
from naer.messages.envelope import Issue
from naer.messages.plo import apprec, limits, types
from naer.messages.plo.completion import complete
from naer.messages.plo.events import events
from naer.messages.plo.link import link
from naer.messages.plo.writing import write
from tests.contract.plo import stay_letters

ZONE = ZONES["NO"]
FIRST, LAST = parse("2012-01-01", ZONE), parse("2032-01-01", ZONE)
CARE = [code for code, one in types.TYPES.items() if one.family != "dialogue"]
DIALOGUE = [code for code, one in types.TYPES.items() if one.family == "dialogue"]
ODD = [
    *limits.PLAIN,
    *(
        f"{sort}{number}.{name}"
        for sort, names in limits.FIELDS.items()
        for name in names
        for number in (1, 2)
    ),
    "event3.time",
    "contact1.unknown",
    "unknown",
]
"""Values that may stand in the wrong message, or be of the wrong type."""
NUMBERS = ("15815010016",)
SPOKEN = {
    "DIALOG_FORESPORSEL": "request",
    "DIALOG_SVAR": "answer",
    "DIALOG_HELSEFAGLIG": "correspondence",
    "DIALOG_AVVIK": "message_fault",
}

instants = st.integers(FIRST, LAST) | st.sampled_from(
    [
        parse("2026-10-25T00:30:00Z", ZONE),
        parse("2026-10-25T01:30:00Z", ZONE),
        parse("2026-03-29T01:00:00Z", ZONE),
    ]
)
words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
ids = st.uuids().map(str)
her = st.integers(1, 999_999).map(str)
parties = st.builds(Party, her=her, name=words, service=her | st.just(""), service_name=words)
persons = st.builds(
    Person,
    number=st.sampled_from(NUMBERS),
    family=words,
    given=st.lists(words, max_size=3).map(tuple),
    born=st.dates().map(str).filter(lambda text: "1900" < text < "2100") | st.just(""),
    sex=st.sampled_from(["male", "female", "unknown", "other", ""]),
)


def _midnight(at: Instant) -> Instant:
    return from_local(
        local(at, ZONE).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0, fold=0), ZONE
    )


@st.composite
def facts(draw: st.DrawFn, kind: str, suffix: str = "") -> Fact:
    """Something that happened at a time, or on a day."""
    at = draw(instants)
    if draw(st.booleans()):
        return Fact(kind=kind, at=_midnight(at), precision="day", suffix=suffix)
    return Fact(kind=kind, at=at, suffix=suffix)


@st.composite
def told(draw: st.DrawFn, code: str, sent: Instant, version: str, dead: bool = False) -> tuple[Fact, ...]:
    """What a message of a type tells; `dead`: at the discharge."""
    known = types.TYPES[code]
    if code == "HELSEOPPL_SOKNAD":
        kind = draw(st.sampled_from(["admission_warning", "warning_updated"]))
        if version == "v1.5":
            return (Fact(kind="admission_warning", at=sent),)
        expected = str(local(draw(instants), ZONE).date())
        more = Fact(kind="expected_ready", at=sent, attributes={"expected_at": expected}, suffix="expected")
        return (Fact(kind=kind, at=sent), more)
    if not known.event:
        return (Fact(kind=known.kind, at=sent),)
    said = [draw(facts(known.kind))]
    if types.ADMITTED in known.others and draw(st.booleans()):
        said.append(draw(facts("admitted", "admitted")))
    if code == "LOG_UTSKREVET":
        said.append(Fact(kind="discharge_notice", at=sent, suffix="notice"))
    if dead:
        said.append(msgspec.structs.replace(said[0], kind="died", suffix="died"))
    return tuple(said)


@st.composite
def care(draw: st.DrawFn) -> Letter:
    """A care message as somebody composes it: parties, person, facts, and texts where there is room."""
    code = draw(st.sampled_from(CARE))
    version = draw(st.sampled_from([form.version for form in types.TYPES[code].forms]))
    sent = draw(instants)
    status = draw(st.sampled_from(["new", "change", "cancel", "addition", "history"]))
    noted = code in (
        "HELSEOPPL_SOKNAD",
        "INNLEGGELSESRAPPORT",
        "UTSKRIVNINGSRAPPORT",
        "HELSEOPPLYSNINGER_LEGE",
    )
    details: dict[str, str | bool] = {}
    if code == "LOG_UTSKREVET" and status != "cancel":
        details = draw(st.sampled_from([{}, *({"condition": one} for one in "123")]))
    if status == "cancel":
        said: tuple[Fact, ...] = (Fact(kind="cancelled", at=sent),)
    elif code == "HELSEOPPL_SOKNAD" and version == "v1.5" and status == "change":
        said = (Fact(kind="warning_updated", at=sent),)
    else:
        said = draw(told(code, sent, version, details.get("condition") in ("2", "3")))
    if code == "ORIENTERING_TJENESTETILBUD":
        details = {"service1.name": draw(words), "service1.private": draw(st.booleans())}
    return Letter(
        type=code,
        version=version,
        message_id=draw(ids),
        sent=sent,
        sender=draw(parties),
        receiver=draw(parties),
        person=draw(persons),
        status=status,
        parent="" if status == "new" else draw(ids),
        root="" if status == "new" else draw(ids),
        facts=said,
        notes=tuple(draw(st.lists(st.tuples(words, texts), max_size=3))) if noted else (),
        details=details,
    )


@st.composite
def dialogue(draw: st.DrawFn) -> Letter:
    """A dialogue message as somebody composes it."""
    code = draw(st.sampled_from(DIALOGUE))
    sent = draw(instants)
    parent = draw(ids | st.just(""))
    names = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    segments = tuple(
        Segment(id=name, at=sent, text=draw(texts), author=draw(words), role=draw(st.sampled_from(["", "9"])))
        if number == 0 or draw(st.booleans())
        else Segment(id=name, at=sent, title=draw(words), content_type="image/png", data=draw(st.binary()))
        for number, name in enumerate(names)
    )
    said = Conversation(
        thread="",
        activity="new-message",
        segments=segments,
        category=draw(st.sampled_from(["1", "7", "9"])),
        topic="" if code == "DIALOG_FORESPORSEL" else draw(words),
    )
    return Letter(
        type=code,
        version=draw(st.sampled_from(["v1.0", "v1.1"])),
        message_id=draw(ids),
        sent=sent,
        sender=draw(parties),
        receiver=draw(parties),
        person=draw(persons),
        parent=parent,
        conversation=said,
    )


def written(one: Letter) -> bytes:
    return write(one, new_id=iter(f"part-{number}" for number in range(1000)).__next__)


@given(one=care() | dialogue())
@settings(max_examples=150)
def test_a_letter_that_is_written_is_read_as_the_same_letter(one: Letter) -> None:
    incoming = read(written(one), "application/xml")
    assert (incoming.issues, incoming.partial) == ([], [])
    letter = complete(one)
    assert incoming.letter == letter
    assert complete(letter) == letter
    assert (letter.status, letter.person.number) == (one.status, one.person.number)


@given(one=care())
@settings(max_examples=150)
def test_event_to_message_to_event_is_the_identity(one: Letter) -> None:
    """The events of what was told are the events of what is read: kind, time, precision and attributes."""
    incoming = read(written(one))
    raw = events(incoming, "c", "h", "4601", one.sent)
    assert [(event.kind, event.at, str(event.id)) for event in raw] == [
        (fact.kind, fact.at, one.message_id + (f"~{fact.suffix}" if fact.suffix else ""))
        for fact in one.facts
    ]
    for event, fact in zip(raw, one.facts, strict=True):
        assert event.attributes.get("precision", "instant") == fact.precision
        assert fact.attributes.items() <= event.attributes.items()
        assert event.sent == one.sent


@given(one=dialogue())
@settings(max_examples=100)
def test_a_dialogue_message_is_one_event(one: Letter) -> None:
    """Its kind, time and theme, and what it answers."""
    (event,) = events(read(written(one)), "c", "h", "4601", one.sent)
    assert one.conversation is not None
    category = one.conversation.category
    about_ready = one.type == "DIALOG_HELSEFAGLIG" and category == "7"
    assert event.kind == ("municipality_answer" if about_ready else SPOKEN[one.type])
    assert (str(event.id), event.at, event.sent) == (one.message_id, one.sent, one.sent)
    assert event.attributes.get("answers", "") == one.parent
    named = "" if about_ready else "fault" if one.type == "DIALOG_AVVIK" else "theme"
    assert {name: event.attributes[name] for name in ("fault", "theme") if name in event.attributes} == (
        {named: category} if named else {}
    )


ODD_TEXTS = [
    "", " ", "7", "1", "relative", "unit", "professional", "responsible", "question", "quoted", "2026-03-02",
    "12:00:00", "2026-03-02T10:00:00", "2026-02-30", "2026", "9140", "true", "4.5", "-1", "tel:1", "a\tb\nc",
    "\x00", "\ufffe", "FNR",
]  # fmt: skip
"""What looks like something, or is nothing."""
HEADS = ["message_id", "parent", "root", "version", "type"]


@st.composite
def odd(draw: st.DrawFn) -> Letter:
    """A letter of which something may be wrong anywhere."""
    one = draw(care() | dialogue())
    values = st.sampled_from(ODD_TEXTS) | texts | st.booleans() | st.integers() | st.floats()
    details = draw(st.dictionaries(st.sampled_from(ODD), values, max_size=6))
    wild = st.sampled_from(ODD_TEXTS) | words
    change: dict[str, object] = draw(
        st.dictionaries(
            st.sampled_from(["message_id", "parent", "root", "version", "type"]), wild, max_size=1
        )
    )
    if draw(st.booleans()):
        name = draw(st.sampled_from(["number", "system", "born", "sex", "family", "given", "others"]))
        value: object = draw(wild)
        value = (value,) if name == "given" else ((draw(wild), value),) if name == "others" else value
        change["person"] = msgspec.structs.replace(one.person, **{name: value})
    if draw(st.booleans()):
        name = draw(st.sampled_from(["her", "service", "name", "service_name"]))
        change[draw(st.sampled_from(["sender", "receiver"]))] = msgspec.structs.replace(
            one.sender, **{name: draw(wild)}
        )
    said = one.conversation
    if said is not None and draw(st.booleans()):
        name = draw(st.sampled_from(["category", "topic", "priority", "thread", "segments"]))
        first = msgspec.structs.replace(
            said.segments[0], **{draw(st.sampled_from(["id", "role", "phone", "author"])): draw(wild)}
        )
        parts = (first, *said.segments[draw(st.integers(0, 2)) :])
        change["conversation"] = msgspec.structs.replace(
            said, **{name: parts if name == "segments" else draw(wild)}
        )
    return msgspec.structs.replace(one, details={**one.details, **details}, **change)


@given(one=odd())
@settings(max_examples=200)
def test_what_cannot_be_written_is_refused_and_never_half_written(one: Letter) -> None:
    """Whatever is wrong with a letter: it is refused without repeating a value, or all of it comes back."""
    try:
        data, refusal = written(one), ""
    except ValueError as refused:
        data, refusal = b"", str(refused)
    assert len(one.person.number) < 11 or one.person.number not in refusal
    if not refusal:
        incoming = read(data)
        assert (incoming.issues, incoming.partial) == ([], [])
        assert told_apart(incoming.letter, complete(one)) == []


def told_apart(left: object, right: Letter) -> list[str]:
    """The names of what two letters do not say alike."""
    if left == right:
        return []
    assert isinstance(left, Letter)
    names = [name for name in right.__struct_fields__ if getattr(left, name) != getattr(right, name)]
    return names + sorted(name for name, _ in {*left.details.items()} ^ {*right.details.items()})


@given(
    sender=parties,
    receiver=parties,
    answer=st.sampled_from(["ok", "ok-with-errors", "rejected"]),
    issues=st.lists(st.builds(Issue, st.sampled_from([*apprec.ERRORS, "odd"]), texts, words), max_size=3),
    version=st.sampled_from(["1.0", "1.1"]),
    about=ids,
    now=instants,
)
@settings(max_examples=100)
def test_a_receipt_says_what_was_answered(sender, receiver, answer, issues, version, about, now):  # type: ignore[no-untyped-def]
    from naer.messages.envelope import Incoming

    message = Incoming(
        format="xml", standard="plo-log-dod", message_id=about, sender=sender, receiver=receiver, sent=now
    )
    data = apprec.write(
        message, answer=answer, issues=issues, now=now, new_id=lambda: "receipt", version=version
    )
    receipt = read(data)
    assert (receipt.issues, receipt.sent, receipt.standard) == ([], now, "apprec")
    assert receipt.response is not None
    assert (receipt.response.message_id, receipt.response.code) == (about, answer)
    codes = [issue.code if issue.code in apprec.ERRORS else "X99" for issue in issues] or ["X99"]
    assert [issue.code for issue in receipt.response.issues] == ([] if answer == "ok" else codes)
    assert receipt.sender is not None
    assert (receipt.sender.her, receipt.sender.service) == (receiver.her, receiver.service)


# Linking


def course(rng: random.Random) -> list[Letter]:
    """Some stays of one citizen, with changes, cancellations, references to nothing, and what lies beside."""
    letters: list[Letter] = []
    day = rng.randrange(300)
    for stay in range(rng.randint(1, 3)):
        day += rng.randint(0, 40)
        start = FIRST + day * DAY + rng.randrange(24) * HOUR
        sent = start
        said = rng.sample(
            ["admitted", "warning", "report", "ready", "not_ready", "discharged", "summary", "answer"],
            rng.randint(1, 8),
        )
        for number, kind in enumerate(said):
            sent += rng.randint(1, 30 * 60) * MINUTE
            letters.append(_letter(rng, kind, f"s{stay}-{number}", start, sent))
    for number, one in enumerate(rng.sample(letters, min(len(letters), rng.randint(0, 4)))):
        letters.append(_later(rng, one, letters, f"x{number}"))
    return letters


def _text(at: Instant, day: bool = False) -> str:
    return str(local(at, ZONE).date()) if day else local(at, ZONE).isoformat()


def _letter(rng: random.Random, kind: str, name: str, start: Instant, sent: Instant) -> Letter:
    when, begun = _text(sent), _text(start, rng.random() < 0.5)
    if kind == "admitted":
        return stay_letters.admitted(name, when, begun)
    if kind == "warning":
        return stay_letters.warning(name, when, rng.choice("12"))
    if kind in ("ready", "not_ready"):
        said = rng.choice([begun, ""])
        return getattr(stay_letters, kind)(name, when, _text(sent, rng.random() < 0.5), said)
    if kind == "discharged":
        return stay_letters.discharged(name, when, _text(sent, rng.random() < 0.5))
    return getattr(stay_letters, kind)(name, when)


def _later(rng: random.Random, one: Letter, letters: list[Letter], name: str) -> Letter:
    sent = one.sent + rng.randint(-60, 3000) * MINUTE
    parent = rng.choice([one.message_id, one.message_id, "nowhere", rng.choice(letters).message_id])
    if rng.random() < 0.5:
        return stay_letters.cancel(one.type, name, _text(sent), parent)
    status = rng.choice(["change", "addition", "history"])
    said = tuple(
        msgspec.structs.replace(fact, at=sent if fact.at == one.sent else fact.at + HOUR)
        for fact in one.facts
    )
    return msgspec.structs.replace(
        one, message_id=name, sent=sent, status=status, parent=parent, root=one.root or parent, facts=said
    )


def plain(found):  # type: ignore[no-untyped-def]
    return [msgspec.structs.replace(event, received=None) for event in found]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=200)
def test_linking_is_a_function_of_the_set_of_messages(seed: int) -> None:
    rng = random.Random(seed)
    raw = stay_letters.raw(*course(rng))
    expected = link(raw)
    for _ in range(3):
        shuffled = rng.sample(raw, len(raw)) + rng.sample(raw, rng.randint(0, len(raw)))
        distinct: dict[object, object] = {event.id: event for event in link(shuffled)}
        assert plain(distinct.values()) == plain(expected)
    assert {event.id for event in raw} <= {event.id for event in expected}
    assert len({event.id for event in expected}) == len(expected)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=200)
def test_each_stay_has_one_admission_and_a_line_is_never_torn_apart(seed: int) -> None:
    raw = stay_letters.raw(*course(random.Random(seed)))
    linked = link(raw)
    pathways: dict[str, set[str]] = {}
    for event in linked:
        pathways.setdefault(str(event.attributes["message"]), set()).add(event.pathway)
    repeated = [
        event.pathway
        for event in effective(linked).events
        if event.kind == "admitted" and event.attributes.get("reported")
    ]
    admitted = {
        event.pathway
        for event in effective(linked).events
        if event.kind == "admitted" and not event.attributes.get("reported")
    }
    assert len(repeated) == len(set(repeated))
    assert admitted.isdisjoint(repeated)
    known = {event.id: event for event in linked}
    for event in linked:
        if event.changes in known:
            assert known[event.changes].pathway == event.pathway


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100)
def test_another_citizens_or_sources_events_stay_as_they_are(seed: int) -> None:
    rng = random.Random(seed)
    raw = stay_letters.raw(*course(rng))
    foreign = [
        msgspec.structs.replace(
            event, id=f"f{number}", source="form", pathway=f"p{number}", kind="phone_call"
        )
        for number, event in enumerate(rng.sample(raw, min(3, len(raw))))
    ]
    linked = {event.id: event for event in link([*raw, *foreign])}
    assert [linked[event.id] for event in foreign] == foreign
