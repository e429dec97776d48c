"""Whatever letter the Danish writers accept, reading gives it back: letter → message → letter."""

import datetime as dt
import itertools
import json
from typing import Any

import msgspec
from fhir.resources.R4B.bundle import Bundle
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from naer.events.instant import ZONES, parse
from naer.messages.content import Conversation, Episode, Fact, Letter, Party, Person, Segment, Step
from naer.messages.envelope import Issue
from naer.messages.medcom import acknowledgement, carecommunication, discharge
from naer.messages.medcom.carecommunication_codes import (
    ATTACHMENT_TYPES,
    CATEGORIES,
    NATIONAL_REPLACEMENT,
    PRIORITIES,
    REGIONAL_REPLACEMENT,
)
from naer.messages.medcom.carecommunication_faults import faults as care_faults
from naer.messages.medcom.codes import CPR, ENDPOINT
from naer.messages.medcom.discharge_codes import RESERVED, TYPES
from naer.messages.medcom.discharge_faults import faults as discharge_faults
from naer.messages.medcom.notification import episode_key
from naer.messages.medcom.reader import read

DK = ZONES["DK"]
ISSUES = ["processing", "invalid", "not-found"]
WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
"""A letter shrinks for minutes; the first one that fails says enough."""
instants = st.integers(parse("2000-01-01T00:00:00Z", DK), parse("2099-12-31T23:59:59Z", DK))
seconds = instants.map(lambda at: at - at % 1_000_000)
times = seconds | instants
words = st.text("abcdefghijklmnopqrstuvwxyzæøåÆØÅéüß-'", min_size=1, max_size=12).filter(
    lambda word: word.strip("-'") != ""
)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
texts = st.text(letters | st.sampled_from("\n\t\r<>&\"'"), max_size=200).filter(
    lambda text: text.strip() != ""
)
lines = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)
uuids = st.uuids(version=4).map(lambda one: f"urn:uuid:{one}")
ids = st.from_regex(r"[A-Za-z0-9\-.]{1,64}", fullmatch=True)
glns = st.integers(0, 10**13 - 1).map(lambda number: f"{number:013d}")
sors = st.integers(1, 10**17).map(str)
parties = st.builds(Party, sors, glns, names)
phones = st.from_regex(r"[0-9+]{4,15}", fullmatch=True)


@st.composite
def persons(draw: Any) -> Person:
    born = draw(st.dates())
    cpr = f"{born.day + 60:02d}{born.month:02d}{born.year % 100:02d}{draw(st.integers(0, 9999)):04d}"
    other = st.from_regex(r"[0-9]{6}[0-9A-Z]{4}", fullmatch=True)
    numbers = draw(
        st.lists(
            st.one_of(
                st.just((CPR, cpr)),
                st.tuples(st.just(NATIONAL_REPLACEMENT), other),
                st.tuples(st.integers(0, 9).map(lambda n: f"{REGIONAL_REPLACEMENT}{n}"), other),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda pair: pair[0],
        )
    )
    numbers.sort(
        key=lambda pair: (
            [CPR, NATIONAL_REPLACEMENT].index(pair[0]) if pair[0] in (CPR, NATIONAL_REPLACEMENT) else 2
        )
    )
    return Person(
        number=numbers[0][1],
        system=numbers[0][0],
        family=draw(words),
        given=tuple(draw(st.lists(words, max_size=3))),
        others=tuple(numbers[1:]),
    )


@st.composite
def episodes(draw: Any) -> Episode:
    original = draw(uuids | ids.filter(lambda text: text.strip("-") != ""))
    return Episode(ENDPOINT + draw(sors), original, episode_key(original))


def _segment(new: bool, text_only: bool = False) -> st.SearchStrategy[Segment]:
    common = {
        "at": times,
        "author": names,
        "role": names | st.just("laege"),
        "phone": phones,
        "new": st.just(new),
    }
    by = {"assigner": sors | glns} if not new else {}
    named = {"id": uuids if new else uuids | ids}
    written = st.builds(Segment, text=texts, **common, **by, **named)
    if text_only:
        return written
    said = {"title": lines, "created": st.none() | times}
    attached = st.builds(
        Segment,
        content_type=st.sampled_from(ATTACHMENT_TYPES),
        data=st.binary(max_size=100),
        **common, **by, **named, **said,
    )  # fmt: skip
    linked = st.builds(
        Segment, url=st.just("https://example.test/a?b=1&c=2"), **common, **by, **named, **said
    )
    return st.one_of(written, attached, linked)


steps = st.builds(
    Step,
    message_id=ids,
    activity=st.sampled_from(["new-message", "reply-message", "forward-message"]),
    sent=times,
    agent=sors,
    segments=st.lists(uuids, max_size=2).map(tuple),
    previous=st.just("") | ids | st.builds(lambda gln, one: f"{gln}#{one}", glns, ids),
)


@st.composite
def conversations(draw: Any) -> Conversation:
    activity = draw(st.sampled_from(["new-message", "reply-message", "forward-message"]))
    answers = activity != "new-message"
    category = draw(st.sampled_from(CATEGORIES))
    new = [draw(_segment(new=True, text_only=True)), *draw(st.lists(_segment(new=True), max_size=2))]
    quoted = draw(st.lists(_segment(new=False), max_size=3)) if answers else []
    chain = draw(st.lists(steps, max_size=3, unique_by=lambda one: one.message_id)) if answers else []
    # What an earlier message brought is no source of this one.
    mine = {segment.id for segment in new}
    chain = [one for one in chain if not mine & set(one.segments)]
    return Conversation(
        thread=draw(uuids),
        activity=activity,
        segments=tuple(draw(st.permutations([*quoted, *new]))),
        category=category,
        topic=draw(lines) if category == "other" else draw(st.just("") | lines),
        priority=draw(st.sampled_from(["", *PRIORITIES])) if category == "regarding-referral" else "",
        previous=draw(ids | st.builds(lambda gln, one: f"{gln}#{one}", glns, ids)) if answers else "",
        from_unit=draw(names),
        to_unit=draw(st.just("") | names),
        from_role=draw(st.just("") | words | st.just("sygeplejerske")),
        chain=tuple(chain),
    )


@st.composite
def care(draw: Any) -> Letter:
    said = draw(conversations())
    earlier = {said.previous, *(one.message_id for one in said.chain)}
    return Letter(
        type="CARE_COMMUNICATION",
        message_id=draw(ids.filter(lambda name: name not in earlier)),
        sent=draw(times),
        sender=draw(parties),
        receiver=draw(parties),
        person=draw(persons()),
        episode=draw(st.none() | episodes()),
        conversation=said,
    )


scalars = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(-1e15, 1e15, allow_nan=False),
)
names_of_values = st.from_regex(r"[a-z_]{1,20}", fullmatch=True).filter(lambda name: name not in RESERVED)
attributes = st.dictionaries(names_of_values, scalars, max_size=4)


@st.composite
def facts(draw: Any, kind: str, suffix: str) -> Fact:
    day = draw(st.booleans())
    at = draw(times)
    if day:
        at = parse(
            draw(st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2090, 1, 1))).isoformat(), DK
        )
    return Fact(
        kind=kind,
        at=at,
        attributes=draw(attributes),
        suffix=suffix,
        precision="day" if day else "instant",
    )


@st.composite
def reports(draw: Any) -> Letter:
    name = draw(st.sampled_from(sorted(TYPES)))
    kinds = TYPES[name].kinds
    status = draw(st.sampled_from(["new", "change", "addition", "cancel"]))
    said = [kinds[0], *draw(st.lists(st.sampled_from(kinds), max_size=2))]
    if status in ("addition", "cancel") and draw(st.booleans()):
        said = []
    parent = draw(ids) if status != "new" else draw(st.just("") | ids)
    return Letter(
        type=name,
        message_id=draw(ids),
        sent=draw(times),
        sender=draw(parties),
        receiver=draw(parties),
        person=draw(persons()),
        status=status,
        parent=parent,
        root=draw(st.just("") | ids) if parent else "",
        episode=draw(st.none() | episodes()),
        facts=tuple(draw(facts(kind, str(place) if place else "")) for place, kind in enumerate(said)),
        notes=tuple(draw(st.lists(st.tuples(lines, texts), max_size=3))),
        details=draw(attributes),
    )


def _ids() -> Any:
    numbers = itertools.count()
    return lambda: f"r{next(numbers)}"


@settings(max_examples=80, phases=WITHOUT_SHRINKING)
@given(letter=care(), form=st.sampled_from(["json", "xml"]))
def test_a_care_communication_comes_back_as_it_was(letter, form):
    assert care_faults(letter) == []
    back = read(carecommunication.write(letter, new_id=_ids(), format=form))
    expected = carecommunication.normalised(letter)
    assert back.issues == []
    assert (back.format, back.standard) == (form, "medcom-carecommunication")
    assert msgspec.to_builtins(back.letter) == msgspec.to_builtins(expected)
    assert back.letter == expected
    assert back.letter.facts == expected.facts
    assert carecommunication.normalised(expected) == expected


@settings(max_examples=80, phases=WITHOUT_SHRINKING)
@given(letter=reports(), form=st.sampled_from(["json", "xml"]))
def test_a_letter_of_the_discharge_family_comes_back_as_it_was(letter, form):
    assert discharge_faults(letter) == []
    back = read(discharge.write(letter, new_id=_ids(), format=form))
    expected = discharge.normalised(letter)
    assert back.issues == []
    assert (back.format, back.standard) == (form, TYPES[letter.type].standard)
    assert msgspec.to_builtins(back.letter) == msgspec.to_builtins(expected)
    assert back.letter == expected
    assert back.letter.facts == letter.facts
    kinds = [(type(value), value) for fact in letter.facts for value in fact.attributes.values()]
    assert kinds == [(type(value), value) for fact in back.letter.facts for value in fact.attributes.values()]


@settings(max_examples=80, phases=WITHOUT_SHRINKING)
@given(
    letter=care() | reports(),
    form=st.sampled_from(["json", "xml"]),
    answer=st.sampled_from(["ok", "fatal-error", "transient-error"]),
    issues=st.lists(st.builds(Issue, st.sampled_from(ISSUES), lines), max_size=3),
    now=seconds,
)
def test_an_acknowledgement_says_what_was_answered(letter, form, answer, issues, now):
    writer = carecommunication if letter.conversation else discharge
    about = read(writer.write(letter, new_id=_ids(), format=form))
    receipt = acknowledgement.write(
        about,
        answer=answer,
        issues=issues,
        sender_fallback=letter.receiver,
        now=now,
        new_id=_ids(),
    )
    back = read(receipt)
    assert (back.issues, back.format, back.standard) == ([], form, "medcom-acknowledgement")
    assert (back.response.message_id, back.response.code) == (about.message_id, answer)
    assert back.response.chained_to in (None, about.message_id)
    silent = {"ok": [], "fatal-error": ["processing"], "transient-error": ["transient"]}[answer]
    codes = [one.code for one in issues] or silent
    assert [one.code for one in back.response.issues] == codes
    assert (back.sender.sor, back.receiver.sor) == (letter.receiver.sor, letter.sender.sor)
    assert back.sent == now


@settings(max_examples=25, phases=WITHOUT_SHRINKING)
@given(letter=care() | reports())
def test_whatever_is_written_is_valid_fhir(letter):
    writer = carecommunication if letter.conversation else discharge
    Bundle.model_validate(json.loads(writer.write(letter, new_id=_ids())))
