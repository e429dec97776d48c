"""Clauses in plain words: every key and kind has words in every language, and the words are right."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from naer.agreement import library, load
from naer.agreement.explain import LANGUAGES, PARTS, Explanation, explain, explain_agreement
from naer.agreement.explain_words import Words, words
from naer.agreement.reading_clause import CLAUSE_KEYS
from naer.events.kinds import KINDS

ALL = [(name, words(name)) for name in LANGUAGES]
AGREEMENT = """\
agreement: test
country: DK
unless: [died]
events: {er: ER Registration}
parties:
  hospital: {is: hospital}
  municipality: {is: municipality, of: residence}
calendars:
  all-day: {days: mon-sun, holidays: none}
  office: {days: mon-fri, hours: "08:00-16:00", add: ["12-24"]}
clauses:
  - id: report
    source: § 1
"""
DUTY = "owed_by: municipality\nowed_to: hospital\nafter: admitted\ndeliver: admission_report"
PLAIN = f"{DUTY}\nwithin: 24 h"


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Explanation]:
    def of(keys: str, language: str = "en") -> Explanation:
        path = tmp_path / "test.yaml"
        path.write_text(AGREEMENT + "".join(f"    {line}\n" for line in keys.splitlines()))
        agreement = load(path).lines[0].versions[-1]
        return explain(agreement.clauses[0], agreement, language)

    return of


# Nothing without words


@pytest.mark.parametrize(("language", "known"), ALL, ids=LANGUAGES)
def test_every_kind_and_attribute_has_words(language: str, known: Words) -> None:
    assert set(known.kinds) == set(KINDS)
    attributes = {name for kind in KINDS.values() for name in kind.attributes}
    assert attributes | {"organisation", "municipality"} == set(known.attributes)
    for kind, shapes in known.kinds.items():
        for shape in (shapes.when, shapes.noun, shapes.do):
            assert shape, kind
            assert not shape.endswith((".", " ")), kind
            assert shape[0].islower() or shape.startswith("GP"), kind


@pytest.mark.parametrize(("language", "known"), ALL, ids=LANGUAGES)
def test_every_key_of_a_clause_has_a_name(language: str, known: Words) -> None:
    assert set(known.keys) == set(CLAUSE_KEYS)


@pytest.mark.parametrize(("language", "known"), ALL, ids=LANGUAGES)
def test_languages_say_the_same_things(language: str, known: Words) -> None:
    english = words("en")
    assert known.say.keys() == english.say.keys()
    for table in ("roles", "truths", "values", "units", "attributes"):
        assert getattr(known, table).keys() == getattr(english, table).keys()
    for name, template in known.say.items():
        fields = set(re.findall(r"{(\w+)", template))
        assert fields <= set(re.findall(r"{(\w+)", english.say[name])) | {"clock", "day"}, name


def test_no_language_is_another_in_disguise() -> None:
    texts = [{kind.when for kind in known.kinds.values()} for _, known in ALL]
    assert not texts[0] & texts[2]
    assert not texts[1] & texts[2]
    assert len(texts[0] & texts[1]) < 5


def test_an_unknown_language_is_refused(told: Callable[..., Explanation]) -> None:
    with pytest.raises(ValueError, match="known: da, nb, en"):
        told(PLAIN, "sv")


# Every key changes what is told

KEYS = {
    "title": (PLAIN, f"{PLAIN}\ntitle: {{en: Ours, da: Vores, nb: Vår}}"),
    "source": None,  # stands in every explanation, see below
    "id": None,
    "verified": (PLAIN, f"{PLAIN}\nverified: true"),
    "owed_by": (PLAIN, PLAIN.replace("owed_by: municipality\n", "")),
    "owed_to": (PLAIN, PLAIN.replace("owed_to: hospital\n", "")),
    "after": (PLAIN, PLAIN.replace("admitted", "[admitted, acute_ambulant]")),
    "where": (PLAIN, f"{PLAIN}\nwhere: {{report_requested: true}}"),
    "calendar": (PLAIN, f"{PLAIN}\ncalendar: office"),
    "when": (f"{PLAIN}\nwhen: open", f"{PLAIN}\nwhen: closed"),
    "start": (PLAIN, f"{PLAIN}\nstart: next opening"),
    "since": (PLAIN, f"{PLAIN}\nsince: {{last: discharged, over: 48 h}}"),
    "deliver": (PLAIN, PLAIN.replace("deliver: admission_report", "deliver: [admission_report, phone_call]")),
    "within": (PLAIN, f"{DUTY}\nwithin: 2 h"),
    "before": (PLAIN, f"{DUTY}\nbefore: discharged"),
    "ahead": (f"{DUTY}\nbefore: discharged", f"{DUTY}\nbefore: discharged\nahead: 1 day"),
    "anchor": (PLAIN, f"{PLAIN}\nanchor: received"),
    "unless": (PLAIN, f"{PLAIN}\nunless: discharged"),
    "survives": (PLAIN, f"{PLAIN}\nsurvives: died"),
    "waiver": (f"{PLAIN}\nwaiver: owed_to", f"{PLAIN}\nwaiver: both"),
    "accept_earlier": (PLAIN, f"{PLAIN}\naccept_earlier: 1 day"),
    "pause": (PLAIN, f"{PLAIN}\npause: {{from: hold_started, until: hold_ended}}"),
    "repeat": (f"{PLAIN}\nrepeat: first", f"{PLAIN}\nrepeat: restart"),
    "scope": (PLAIN, f"{PLAIN}\nscope: citizen"),
    "match": (PLAIN, f"{PLAIN}\nmatch: episode"),
    "evidence": (PLAIN, f"{PLAIN}\nevidence: partial"),
    "may_loosen": (f"{PLAIN}\nmay_loosen: [within]", f"{PLAIN}\nmay_loosen: true"),
    "escalate": (PLAIN, f"{PLAIN}\nescalate: [{{at: due - 2 h, to: owed_by.leader}}]"),
    "deviation": (f"{PLAIN}\ndeviation: {{over: 4 h}}", f"{PLAIN}\ndeviation: {{times: 3, within: 30 days}}"),
    "examples": (
        PLAIN,
        f'{PLAIN}\nexamples: [{{timeline: {{"2026-03-02 10:00": admitted}}, expect: missing}}]',
    ),
}


def test_the_table_has_every_key() -> None:
    assert set(KEYS) == set(CLAUSE_KEYS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", [key for key, pair in KEYS.items() if pair])
def test_a_key_changes_what_is_told(told: Callable[..., Explanation], key: str, language: str) -> None:
    pair = KEYS[key]
    assert pair is not None
    one, other = told(pair[0], language), told(pair[1], language)
    assert (one.title, one.text) != (other.title, other.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_id_and_source_are_told(told: Callable[..., Explanation], language: str) -> None:
    explanation = told(PLAIN, language)
    assert explanation.clause == explanation.title == "report"
    assert explanation.part("source").endswith("§ 1")


# The words

SAID = [
    # part, keys, Danish, Norwegian, English
    (
        "duty",
        PLAIN,
        "Når borgeren bliver indlagt, skylder kommunen sygehuset at sende indlæggelsesrapporten.",
        "Når innbyggeren blir innlagt, skylder kommunen sykehuset å sende innleggelsesrapporten.",
        "When the citizen is admitted, the municipality must send the admission report. "
        "This is owed to the hospital.",
    ),
    (
        "duty",
        "owed_by: hospital\nowed_to: municipality\nbefore: discharged\ndeliver: [phone_call, correspondence]",
        "Før borgeren bliver udskrevet, skylder sygehuset kommunen at ringe eller at skrive en meddelelse.",
        "Før innbyggeren blir utskrevet, skylder sykehuset kommunen å ringe eller å skrive en dialogmelding.",
        "Before the citizen is discharged, the hospital must phone or write a message. "
        "This is owed to the municipality.",
    ),
    (
        "duty",
        PLAIN.replace("admitted", "er"),
        "Når »er« sker, skylder kommunen sygehuset at sende indlæggelsesrapporten.",
        "Når «er» skjer, skylder kommunen sykehuset å sende innleggelsesrapporten.",
        "When “er” happens, the municipality must send the admission report. This is owed to the hospital.",
    ),
    (
        "duty",
        "owed_by: hospital",
        "Bestemmelsen er ren tekst",
        "Bestemmelsen er ren tekst",
        "This clause is text",
    ),
    (
        "conditions",
        f"{PLAIN}\nwhere: {{report_requested: false, ward: {{in: [A, B]}}}}",
        "Det gælder kun, når der ikke er bedt om en indlæggelsesrapport, og når afdelingen er »A« eller »B«.",
        "Det gjelder bare når det ikke er bedt om en innleggelsesrapport og når avdelingen er «A» eller «B».",
        "This holds only when no admission report has been asked for and the ward is “A” or “B”.",
    ),
    (
        "conditions",
        f'{PLAIN}\nwhere: {{expected_days: {{">=": 3}}, start_by: {{exists: false}}}}',
        "Det gælder kun, når det forventede antal dage er mindst 3, og når planens startdato ikke er oplyst.",
        "Det gjelder bare når det forventede antallet dager er minst 3 "
        "og når startdatoen i planen ikke er oppgitt.",
        "This holds only when the expected length of stay in days is at least 3 "
        "and the plan’s start date is not given.",
    ),
    (
        "conditions",
        f"{DUTY}\nbefore: discharged\nsince: {{first: admitted, reset: discharged, over: 48 h}}",
        "Det gælder kun, når tiden fra indlæggelsen (første gang) til udskrivningen er over 48 timer.",
        "Det gjelder bare når tiden fra innleggelsen (første gang) til utskrivingen er over 48 timer.",
        "This holds only when the time from the admission (the first time) to the discharge "
        "is over 48 hours.",
    ),
    (
        "duty",
        "owed_by: hospital\nafter: discharged\ndeliver: epicrisis\nwithin: 1 day",
        "Når borgeren bliver udskrevet, har sygehuset pligt til at sende epikrisen.",
        "Når innbyggeren blir utskrevet, har sykehuset plikt til å sende epikrisen.",
        "When the citizen is discharged, the hospital must send the discharge summary.",
    ),
    (
        "start",
        f"{PLAIN}\nanchor: {{attribute: answers}}",
        "Tiden regnes fra den meddelelse, der svares på.",
        "Tiden regnes fra meldingen det svares på.",
        "The time is counted from the message it answers.",
    ),
    *(
        (
            "due",
            f"{DUTY}\nwithin: {limit}",
            f"Det skal ske {da}.",
            f"Det skal skje {nb}.",
            f"It must be done {en}.",
        )
        for limit, da, nb, en in (
            ("24 h", "inden for 24 timer", "innen 24 timer", "within 24 hours"),
            ("1 h", "inden for 1 time", "innen 1 time", "within 1 hour"),
            ("5 working days", "inden for 5 arbejdsdage", "innen 5 arbeidsdager", "within 5 working days"),
            ("1 month", "inden for 1 måned", "innen 1 måned", "within 1 month"),
            (
                "by 12:00 next working day",
                "senest kl. 12.00 næste arbejdsdag",
                "senest kl. 12.00 neste arbeidsdag",
                "by 12:00 the next working day",
            ),
            (
                "by 14:00 same day",
                "senest kl. 14.00 samme dag",
                "senest kl. 14.00 samme dag",
                "by 14:00 the same day",
            ),
            ("by 24:00 next day", "senest næste dag", "senest neste dag", "by the end of the next day"),
            (
                "by 09:00 3 working days later",
                "senest 3 arbejdsdage senere kl. 09.00",
                "senest 3 arbeidsdager senere kl. 09.00",
                "by 09:00, 3 working days later",
            ),
            ("at once", "straks", "straks", "at once"),
        )
    ),
    (
        "due",
        f"{DUTY}\nbefore: discharged\nahead: by 24:00 day before",
        "Det skal være sket senest dagen før udskrivningen.",
        "Det skal ha skjedd senest dagen før utskrivingen.",
        "It must be done by the end of the day before the discharge.",
    ),
    (
        "due",
        f"{DUTY}\nbefore: discharged\nahead: 2 h",
        "Det skal være sket senest 2 timer før udskrivningen.",
        "Det skal ha skjedd senest 2 timer før utskrivingen.",
        "It must be done at least 2 hours before the discharge.",
    ),
    (
        "calendar",
        f"{PLAIN}\ncalendar: office",
        "Arbejdstiden er mandag til fredag kl. 08.00–16.00. Helligdage tæller ikke med. "
        "Disse dage tæller heller ikke med: 24. december.",
        "Arbeidstiden er mandag til fredag kl. 08.00–16.00. Helligdager teller ikke med. "
        "Disse dagene teller heller ikke med: 24. desember.",
        "Working time is Monday to Friday 08:00–16:00. Public holidays do not count. "
        "These days do not count either: 24 December.",
    ),
    (
        "release",
        f"{PLAIN}\nunless: discharged",
        "Forpligtelsen falder bort, hvis borgeren bliver udskrevet, eller hvis borgeren dør, "
        "inden fristen er udløbet.",
        "Forpliktelsen faller bort hvis innbyggeren blir utskrevet eller hvis innbyggeren dør "
        "før fristen er ute.",
        "The obligation is released if the citizen is discharged or if the citizen dies "
        "before the limit has passed.",
    ),
    (
        "release",
        f"{PLAIN}\nsurvives: died",
        "Den falder ikke bort, selv om borgeren dør.",
        "Den faller ikke bort selv om innbyggeren dør.",
        "It is not released even if the citizen dies.",
    ),
    (
        "pause",
        f"{PLAIN}\npause: {{from: hold_started, until: hold_ended}}",
        "Tiden står stille, fra forløbet bliver sat på pause, til forløbet går videre.",
        "Tiden står stille fra forløpet blir satt på vent til forløpet går videre.",
        "Time stands still from when the course is put on hold until the course goes on.",
    ),
    (
        "escalation",
        f"{PLAIN}\nescalate: [{{at: due - 2 h, to: owed_by}}, {{at: due + 1 day, to: owed_to.leader}}]",
        "2 timer før fristen får kommunen besked, hvis det stadig mangler. "
        "1 dag efter fristen får lederen hos sygehuset besked, hvis det stadig mangler.",
        "2 timer før fristen får kommunen beskjed hvis det fortsatt mangler. "
        "1 dag etter fristen får lederen hos sykehuset beskjed hvis det fortsatt mangler.",
        "2 hours before the limit, the municipality is told if it is still missing. "
        "1 day after the limit, the manager at the hospital is told if it is still missing.",
    ),
    (
        "start",
        f"{PLAIN}\nanchor: [at, {{last: rehabilitation_plan, attribute: start_by}}]",
        "Tiden regnes fra det seneste af disse tidspunkter: "
        "indlæggelsen og planens startdato (genoptræningsplanen, seneste gang).",
        "Tiden regnes fra det seneste av disse tidspunktene: "
        "innleggelsen og startdatoen i planen (rehabiliteringsplanen, siste gang).",
        "The time is counted from the latest of these: "
        "the admission and the plan’s start date (the rehabilitation plan, the latest time).",
    ),
    (
        "verified",
        PLAIN,
        "Fristen er ubekræftet: den er ikke bekræftet ved kilden.",
        "Fristen er ubekreftet: den er ikke bekreftet ved kilden.",
        "The limit is unverified: it has not been confirmed at the source.",
    ),
    (
        "loosening",
        f"{PLAIN}\nmay_loosen: [within, unless]",
        "En lokal aftale må lempe dette: fristen og hvad der får den til at falde bort.",
        "En lokal avtale kan lempe på dette: fristen og hva som gjør at den faller bort.",
        "A local agreement may loosen this: the limit and what releases it.",
    ),
]


@pytest.mark.parametrize(("part", "keys", "da", "nb", "en"), SAID)
def test_what_is_told(
    told: Callable[..., Explanation], part: str, keys: str, da: str, nb: str, en: str
) -> None:
    for language, said in (("da", da), ("nb", nb), ("en", en)):
        assert told(keys, language).part(part).startswith(said)


def test_terms_are_short_phrases(told: Callable[..., Explanation]) -> None:
    explanation = told(PLAIN, "da")
    assert (explanation.opens, explanation.limit) == ("borgeren bliver indlagt", "inden for 24 timer")
    assert (explanation.owed_by, explanation.owed_to) == ("kommunen", "sygehuset")


@pytest.mark.statement("S31")
def test_partial_evidence_is_never_called_a_breach(told: Callable[..., Explanation]) -> None:
    assert "not recorded" in told(f"{PLAIN}\nevidence: partial").part("evidence")


# The library

LIBRARY = [
    pytest.param(agreement, clause, language, id=f"{clause.id}-{language}")
    for line in library().lines
    for agreement in line.versions[-1:]
    for clause in agreement.clauses
    for language in LANGUAGES
]


@pytest.mark.parametrize(("agreement", "clause", "language"), LIBRARY)
def test_every_shipped_clause_is_told_in_whole_sentences(agreement, clause, language: str) -> None:  # type: ignore[no-untyped-def]
    explanation = explain(clause, agreement, language)
    assert {sentence.part for sentence in explanation.sentences} <= set(PARTS)
    for sentence in explanation.sentences:
        assert sentence.text[0].isupper() or sentence.text[0].isdigit()
        assert sentence.text.endswith(".") or sentence.part == "source"
        if sentence.part != "source":
            assert not re.search(r"[{}_]|  |,[,.):]|None", sentence.text), sentence.text
    foreign = {
        "da": r"\b(the|sykehuset|ikkje)\b",
        "nb": r"\b(the|sygehuset|efter)\b",
        "en": r"\b(og|eller)\b",
    }
    told = " ".join(sentence.text for sentence in explanation.sentences if sentence.part != "source")
    assert not re.search(foreign[language], told), told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_agreement_is_told(language: str) -> None:
    for line in library().lines:
        told = explain_agreement(line, language)
        for clause in line.versions[-1].clauses:
            assert f"[{clause.id}]" in told


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "Før borgeren bliver udskrevet, har sygehuset pligt til at sørge for, at kommunen svarer"),
        ("nb", "Før innbyggeren blir utskrevet, har sykehuset plikt til å sørge for at kommunen svarer"),
        ("en", "Before the citizen is discharged, the hospital must see to it that the municipality answers"),
    ],
)
def test_one_who_must_wait_for_another_is_not_said_to_do_it(
    told: Callable[..., Explanation], language: str, said: str
) -> None:
    keys = "owed_by: hospital\nbefore: discharged\ndeliver: municipality_answer"
    assert told(keys, language).part("duty").startswith(said)
