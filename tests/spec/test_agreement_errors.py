"""Wrong agreements: each says its line, what is wrong, and what would be right."""

from pathlib import Path

import pytest

from naer.agreement.check import check
from naer.agreement.loader import LIBRARY

GOOD = """\
agreement: test
country: DK
parties:
  hospital: {is: hospital}
  municipality: {is: municipality, of: residence}
calendars:
  office: {days: mon-fri, hours: "08:00-16:00"}
clauses:
  - id: report
    source: § 1
    owed_by: municipality
    owed_to: hospital
    after: admitted
    deliver: admission_report
    within: 24 h
"""
HEAD, WITHIN = "country: DK", "    within: 24 h"
CLAUSES = GOOD.partition("clauses:")[0]
EXAMPLE = '\n    examples:\n      - timeline: {"2026-03-02 10:00": admitted}\n        expect: missing'


def _with(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


def _clause(key: str) -> str:
    """The clause with one more line, the file's line 16."""
    return _with(WITHIN, f"{WITHIN}\n    {key}")


def _within(limit: str) -> str:
    return _with("24 h", limit)


UNITS = "write a whole number and one of min, h, days, weeks, months, working hours, working days"
DAYS = "after the time write same day, next day, next working day, N days later or N working days later"
SINCE = "since needs {last: K} or {first: K, reset: K}, and one of over, at least, under, at most"

WRONG = [
    # The file
    ("", ["1: is empty; an agreement starts with `agreement: its-id`"]),
    ("# only a remark\n", ["1: is empty; an agreement starts with `agreement: its-id`"]),
    ("hello\n", ["1: an agreement is a mapping; it starts with `agreement: its-id`"]),
    ("- a\n", ["1: an agreement is a mapping; it starts with `agreement: its-id`"]),
    (
        _with(WITHIN, "\twithin: 24 h"),
        ["15: not YAML: a tab stands where a space must be; indent with spaces"],
    ),
    (_clause("within: 2 h"), ["16: `within` is given twice"]),
    (
        _with("source: § 1", "source: Law: § 1"),
        ["10: not YAML: a second `: ` in one line; put such a text in quotation marks"],
    ),
    (GOOD + "---\n" + GOOD, ["16: not YAML: a second document begins here; one file holds one agreement"]),
    (_with("after: admitted", "after: *x"), ["13: not YAML: found undefined alias 'x'"]),
    (_with(HEAD, HEAD + "\n? [a, b]\n: c"), ["3: a key must be a word"]),
    # The agreement
    (_with("agreement: test\n", ""), ["1: an agreement needs `agreement`: its id"]),
    (_with("country: DK\n", ""), ["1: an agreement needs `country`"]),
    (CLAUSES, ["1: an agreement needs `clauses`"]),
    (CLAUSES + "clauses: {a: 1}\n", ["8: clauses must be a list; begin each with `- id:`"]),
    (CLAUSES + "clauses: [a]\n", ["8: a clause is a mapping and begins with `- id:`, not 'a'"]),
    (_with(HEAD, "country: SE"), ["2: country must be one of DK, NO, not 'SE'"]),
    (_with(HEAD, "country: no"), ["2: country must be one of DK, NO, not 'no'"]),
    (
        _with(HEAD, HEAD + "\nescalation: x"),
        ["3: unknown key `escalation` in an agreement; known: agreement, "],
    ),
    (
        _with(HEAD, HEAD + "\nunles: [died]"),
        ["3: unknown key `unles` in an agreement; did you mean `unless`?"],
    ),
    (_with(HEAD, HEAD + "\nunless: [dead]"), ["3: unknown kind `dead` in unless; did you mean `died`?"]),
    (_with(HEAD, HEAD + "\nextends: dk-nationl"), ["3: extends: no agreement `dk-nationl` beside this file"]),
    (
        _with(HEAD, HEAD + "\nvalid: {from: 2024-13-01}"),
        ["3: valid.from must be a date such as 2024-04-02, not '2024-13-01'"],
    ),
    (
        _with(HEAD, HEAD + "\nvalid: {from: 2024-04-02, to: 2023-01-01}"),
        ["3: valid: the last day is before the first"],
    ),
    (_with(HEAD, HEAD + "\nevents: er"), ["3: events must map own names to activity names"]),
    (
        _with("of: residence", "of: home"),
        ["5: parties.municipality.of must be one of residence, stay, event"],
    ),
    (
        _with("{is: hospital}", "{of: stay}"),
        ["4: parties.hospital needs `is`: its role, such as hospital", "12: owed_to: no party `hospital`"],
    ),
    # Calendars
    (
        _with("mon-fri", "monday"),
        ["7: calendars.office.days: 'monday': days are written mon-fri, or mon,wed"],
    ),
    (
        _with("08:00-16:00", "16:00-08:00"),
        ["7: calendars.office.hours: '16:00-08:00': closing must be after"],
    ),
    (_with("08:00-16:00", "8-16"), ["7: calendars.office.hours: '8' is no clock time from 00:00 to 24:00"]),
    (_with('hours: "08:00-16:00"', "holidays: all"), ["7: calendars.office.holidays must be one of public"]),
    (_with('hours: "08:00-16:00"', 'add: ["24-12"]'), ["7: calendars.office.add: '24-12' is no date: month"]),
    (
        _with('hours: "08:00-16:00"', 'remove: ["2025-02-30"]'),
        ["7: calendars.office.remove: '2025-02-30' is no date: day is out of range"],
    ),
    (_clause("calendar: ofice"), ["16: no calendar `ofice` under `calendars:`; did you mean `office`?"]),
    # What a clause needs
    (_with("  - id: report\n    source", "  - source"), ["9: a clause needs `id`"]),
    (_with("    source: § 1\n", ""), ["9: clause `report` needs `source`: where the agreement or the law"]),
    (_with("    deliver: admission_report\n", ""), ["9: clause `report` needs `deliver`: what fulfils it"]),
    (_with("    after: admitted\n", ""), ["9: clause `report` needs `after` or `before`: what opens it"]),
    (_with(WITHIN + "\n", ""), ["9: clause `report` needs `within` or `before`: when it is due"]),
    (_with("after: admitted", "after:"), ["9: clause `report` needs `after` or `before`: what opens it"]),
    (_with("after: admitted", "after: []"), ["13: after is empty"]),
    (_with("after: admitted", "after: {kind: []}"), ["13: after is empty"]),
    (_with(WITHIN, "    before: []"), ["15: before is empty"]),
    (_with("days: mon-fri", "days: []"), ["7: calendars.office.days is empty"]),
    (_with(HEAD, HEAD + "\nevents: {er: []}"), ["3: events.er is empty"]),
    (_with("after: admitted", "after: {where: {ward: A}}"), ["13: after needs `kind`"]),
    (GOOD + "  - id: report\n    source: § 2\n", ["16: clause `report` is there twice"]),
    (_clause("esclate: []"), ["16: unknown key `esclate` in a clause; did you mean `escalate`?"]),
    (
        _with("owed_by: municipality", "owed_by: municipalty"),
        ["11: owed_by: no party `municipalty` under `parties:`; did you mean `municipality`?"],
    ),
    (
        _with("after: admitted", "after: admited"),
        ["13: unknown kind `admited` in after; did you mean `admitted`?"],
    ),
    (
        _with("after: admitted", "after: xyzzy"),
        ["13: unknown kind `xyzzy` in after; use one of the vocabulary, or name it under `events:`"],
    ),
    (
        _with("after: admitted", "after: {kind: admitted, were: {ward: A}}"),
        ["13: unknown key `were` in after; did you mean `where`?"],
    ),
    # Limits
    (_within("24h"), ["15: within: '24h' is no duration; did you mean `24 h`?"]),
    (_within("24 hours"), ["15: within: '24 hours' is no duration; did you mean `24 h`?"]),
    (_within("5 workdays"), ["15: within: '5 workdays' is no duration; did you mean `5 working days`?"]),
    (_within("24"), [f"15: within: '24' is no duration; {UNITS}"]),
    (_within("-2 h"), [f"15: within: '-2 h' is no duration; {UNITS}"]),
    (_within("1.5 h"), [f"15: within: '1.5 h' is no duration; {UNITS}"]),
    (_within("2 fortnights"), [f"15: within: '2 fortnights' is no duration; {UNITS}"]),
    (_within("99999999 months"), ["15: within: '99999999 months' is longer than a century"]),
    (_within("[24 h]"), ["15: within must be a text, not ['24 h']"]),
    (_within("by 12:00 tomorrow"), [f"15: within: 'by 12:00 tomorrow': {DAYS}"]),
    (_within("by 12:00 0 days later"), [f"15: within: 'by 12:00 0 days later': {DAYS}"]),
    (
        _within("by 25:00 same day"),
        ["15: within: '25:00' is no clock time from 00:00 to 24:00, written HH:MM"],
    ),
    (_within("by 9:00 next day"), ["15: within: 'by 9:00 next day' is no clock time on a day; write for"]),
    (
        _with(WITHIN, "    before: discharged\n    ahead: 2 working hours"),
        ["16: ahead: '2 working hours': `ahead`"],
    ),
    (
        _with(WITHIN, "    before: discharged\n    ahead: by 12:00 next day"),
        ["16: ahead: 'by 12:00 next day': after"],
    ),
    # What cannot stand together
    (_clause("before: discharged"), ["16: clause `report` has both `within` and `before`; keep one"]),
    (_clause("ahead: 1 day"), ["16: clause `report`: `ahead` goes with `before`"]),
    *(
        (
            _with(WITHIN, f"    before: discharged\n    {key}"),
            [f"16: clause `report`: `{key.partition(':')[0]}{more}` cannot stand with `before`"],
        )
        for key, more in (
            ("anchor: sent", ""),
            ("start: next opening", ""),
            ("accept_earlier: 1 day", ""),
            ("match: episode", ""),
            ("pause: {from: hold_started, until: hold_ended}", ""),
            ("repeat: restart", ": restart"),
        )
    ),
    (
        _with("deliver: admission_report", "deliver: [admission_report, discharged]\n    unless: discharged"),
        ["15: clause `report`: `discharged` stands in both `deliver` and `unless`"],
    ),
    (
        _within("at once\n    pause: {from: hold_started, until: hold_ended}"),
        ["16: clause `report`: `pause` needs a duration in `within`, not a clock time or `at once` (S18)"],
    ),
    (
        _clause("match: ward\n    repeat: first"),
        ["16: clause `report`: `match` stands only with `repeat: each`"],
    ),
    (_clause("match: ward\n    accept_earlier: 1 day"), ["16: clause `report`: `match` stands only with"]),
    (
        _with("    after: admitted\n    deliver: admission_report\n", ""),
        ["13: clause `report` has `within` but no `after` and no `deliver`"],
    ),
    # Conditions
    (
        _clause("where: report_requested"),
        ["16: where must map attributes to values, for example {report_req"],
    ),
    (_clause('where: {visit: {">>": 3}}'), ["16: unknown operator `>>`; did you mean `>`?"]),
    (_clause("where: {ward: {in: A}}"), ["16: where: `in` needs a list of values"]),
    (
        _clause("where: {ward: null}"),
        ["16: where: a text, a number, true or false is needed here; for absence"],
    ),
    (_clause("where: {ward: {}}"), ['16: where: {} after `ward` says nothing; write a value or {">=": 65}']),
    (_clause("since: {last: admitted}"), [f"16: {SINCE}"]),
    (_clause("since: {last: admitted, over: 48 h, under: 2 h}"), [f"16: {SINCE}"]),
    (_clause("since: {last: admitted, reset: discharged, over: 48 h}"), [f"16: {SINCE}"]),
    (_clause("since: 48 h"), ["16: since must be a mapping, for example {last: …}"]),
    (_clause("since: {last: admitted, over: long}"), [f"16: since.over: 'long' is no duration; {UNITS}"]),
    # Words of which there are few
    (_clause("when: opening"), ["16: when must be one of open, closed, not 'opening'"]),
    (_clause("start: tomorrow"), ["16: start must be one of at once, next opening, not 'tomorrow'"]),
    (_clause("waiver: hospital"), ["16: waiver must be one of owed_to, owed_by, both, not 'hospital'"]),
    (_clause("repeat: always"), ["16: repeat must be one of each, first, restart, not 'always'"]),
    (_clause("scope: person"), ["16: scope must be one of pathway, citizen, not 'person'"]),
    (_clause("evidence: some"), ["16: evidence must be one of complete, partial, not 'some'"]),
    (_clause("verified: yes"), ["16: verified must be true or false, not 'yes'"]),
    (_within("２ h"), ["15: within: '２ h' is no duration; did you mean `2 h`?"]),
    (_clause("anchor: recieved"), ["16: anchor must be one of at, sent, received, not 'recieved'"]),
    (_clause("anchor: []"), ["16: anchor is empty"]),
    (_clause("anchor: {}"), ["16: anchor needs at, sent, received, {last: K} or {attribute: A}"]),
    (_clause("title: {se: Hej}"), ["16: unknown key `se` in title; known: da, nb, en"]),
    (_clause("title: ''"), ["16: title must be a text"]),
    # The rest of a clause
    (
        _clause("accept_earlier: 2 working hours"),
        ["16: accept_earlier counts back in time or in days, not in"],
    ),
    (_clause("pause: hold_started"), ["16: pause must be a mapping, for example {from: …}"]),
    (_clause("pause: {from: hold_started}"), ["16: pause needs {from: K, until: K}"]),
    (_clause("survives: [died]"), ["16: survives: `died` is not among the agreement's `unless`"]),
    (
        _clause("may_loosen: [withn]"),
        ["16: may_loosen: 'withn' is no key of a clause; did you mean `within`?"],
    ),
    (_clause("escalate: [due]"), ["16: escalate must be a mapping, for example {at: …}"]),
    (_clause("escalate: [{at: due}]"), ["16: a step of `escalate` needs {at: due - 2 h, to: owed_by}"]),
    (
        _clause("escalate: [{at: due, to: leader}]"),
        ["16: escalate.to must be one of owed_by, owed_to, owed_by.l"],
    ),
    (
        _clause("escalate: [{at: 2 h before due, to: owed_by}]"),
        ["16: escalate.at: '2 h before due': write due, due - 2 h, due + 4 h or trigger + 1 h"],
    ),
    (
        _clause("escalate: [{at: trigger - 1 h, to: owed_by}]"),
        ["16: escalate.at: 'trigger - 1 h': write due"],
    ),
    (
        _clause("escalate: [{at: due - 2 working hours, to: owed_by}]"),
        ["16: escalate.at: 'due - 2 working hours': count back in time or in days"],
    ),
    # Examples
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("missing", "kept")),
        ["17: example of clause `report` expects kept, but the clause gives missing (due 2026-03-03 10:00)"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("missing", "mising")),
        ["18: expect: 'mising' is no outcome; did you"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("admitted", "admittd")),
        ["17: unknown kind `admittd` in a timeline"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("2026-03-02 10:00", "Monday")),
        ["17: 'Monday' is not a time; write"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("03-02", "02-30")),
        ["17: '2026-02-30 10:00' is not a time: day is out of range for month"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("admitted}", "{admitted: 1}}")),
        ["17: `admitted` needs its attributes as {name: value}"],
    ),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("2026-03-02 10:00", "9999-12-31 22:00")),
        ["17: '9999-12-31 22:00' is not between the years 1800 and 2300"],
    ),
    (_with(WITHIN, WITHIN + EXAMPLE.replace("admitted", "{admitted: {id: [1]}}")), ["17: `id` is a text"]),
    (_with(WITHIN, WITHIN + EXAMPLE.replace("admitted", "{admitted: {id: true}}")), ["17: `id` is a text"]),
    (
        _with(WITHIN, WITHIN + EXAMPLE.replace("admitted", "{admitted: {changes: {a: b}}}")),
        ["17: `changes` is a text"],
    ),
    (_clause("examples: [{expect: kept}]"), ["16: an example needs `timeline` and `expect`"]),
    (
        _clause("examples: [{timeline: admitted, expect: kept}]"),
        ["16: a timeline maps times to kinds, for exam"],
    ),
]


@pytest.fixture
def problems(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(text: str | bytes, name: str = "test.yaml") -> list[str]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = check([path], LIBRARY).problems
        assert {problem.file for problem in found} <= {str(path)}
        return [f"{problem.line}: {problem.message}" for problem in found]

    return of


def test_the_agreement_the_others_are_made_from_is_right(problems) -> None:  # type: ignore[no-untyped-def]
    assert problems(GOOD) == []


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[0][:60] for _, said in WRONG])
def test_a_wrong_agreement_says_where_and_what(problems, text: str, said: list[str]) -> None:  # type: ignore[no-untyped-def]
    found = problems(text)
    assert len(found) == len(said), found
    for problem, start in zip(found, said, strict=True):
        assert problem.startswith(start)
        assert "\n" not in problem


def test_a_misspelt_key_is_told_beside_what_is_missing_without_it(problems) -> None:  # type: ignore[no-untyped-def]
    assert problems(_with(WITHIN, "    withn: 24 h")) == [
        "9: clause `report` needs `within` or `before`: when it is due",
        "15: unknown key `withn` in a clause; did you mean `within`?",
    ]


def test_not_utf8(problems) -> None:  # type: ignore[no-untyped-def]
    assert problems(GOOD.encode("latin-1")) == ["1: is not UTF-8 text; save it as UTF-8"]


def test_a_byte_order_mark_is_no_error(problems) -> None:  # type: ignore[no-untyped-def]
    assert problems(b"\xef\xbb\xbf" + GOOD.encode()) == []


def test_a_control_character_is_told_in_one_line(problems) -> None:  # type: ignore[no-untyped-def]
    (problem,) = problems(GOOD.replace("§", "\x00"))
    assert problem.startswith("1: not YAML: ")
    assert "\n" not in problem


def test_aliases_that_explode_are_refused(problems) -> None:  # type: ignore[no-untyped-def]
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    assert problems(bomb) == ["1: too large or too deep to be an agreement"]


def test_nesting_without_end_is_refused(problems) -> None:  # type: ignore[no-untyped-def]
    (problem,) = problems("a: " + "[" * 3000 + "]" * 3000)
    assert problem in (
        "1: nested too deeply to be an agreement",
        "1: too large or too deep to be an agreement",
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = check([tmp_path / "none.yaml"], LIBRARY).problems
    assert str(problem) == f"{tmp_path / 'none.yaml'}:1: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        (
            _within("by 12:00 same day"),
            "15: clause `report`: a start later than the time in `within` is overdue",
        ),
        (
            _with("{is: hospital}", "{is: hospitl}"),
            "4: parties.hospital.is: no kind of event is said by a `hospitl`",
        ),
        (
            _with("agreement: test", "agreement: other"),
            "1: the id `other` is also the file's name; this file is",
        ),
    ],
    ids=["S15", "role", "name"],
)
def test_what_is_doubtful_warns_and_does_not_refuse(tmp_path: Path, text: str, warned: str) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(text)
    report = check([path], LIBRARY)
    assert not report.problems
    (warning,) = (one for one in report.warnings if "without an example" not in one.message)
    assert f"{warning.line}: {warning.message}".startswith(warned)
    assert f":{warning.line}: warning: " in str(warning)


LOCAL = """\
agreement: local
country: DK
extends: test
applies: {municipality: "860"}
clauses:
  - id: report
    source: § 7
    verified: true
    KEY
"""
LOOSER = "an overlay may change `{}` only where the base says `may_loosen: [{}]`"


@pytest.mark.statement("S7", "S8")
@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("within: 12 h", None),
        ("within: 24 h", None),
        ("title: {en: Ours}", None),
        ("escalate: [{at: due, to: owed_by}]", None),
        ("within: 36 h", LOOSER.format("within", "within")),
        ("within: 1 day", LOOSER.format("within", "within")),
        ("within: by 12:00 same day", LOOSER.format("within", "within")),
        ("unless: [discharged]", LOOSER.format("unless", "unless")),
        ("where: {report_requested: true}", LOOSER.format("where", "where")),
        ("deliver: [admission_report, phone_call]", LOOSER.format("deliver", "deliver")),
        ("evidence: partial", LOOSER.format("evidence", "evidence")),
        ("owed_by: hospital", LOOSER.format("owed_by", "owed_by")),
    ],
)
def test_an_overlay_may_only_be_tighter(tmp_path: Path, key: str, said: str | None) -> None:
    (tmp_path / "test.yaml").write_text(GOOD)
    path = tmp_path / "local.yaml"
    path.write_text(LOCAL.replace("KEY", key))
    found = check([path], LIBRARY).problems
    if said is None:
        assert not found
    else:
        (problem,) = found
        assert (problem.file, problem.line) == (str(path), 9)
        assert said in problem.message


@pytest.mark.statement("S7")
def test_an_overriding_clause_gives_source_and_verified_anew(tmp_path: Path) -> None:
    (tmp_path / "test.yaml").write_text(GOOD)
    path = tmp_path / "local.yaml"
    path.write_text(LOCAL.replace("    source: § 7\n    verified: true\n", "").replace("KEY", "within: 2 h"))
    assert [str(problem) for problem in check([path], LIBRARY).problems] == [
        f"{path}:6: clause `report` overrides a clause: give `source` anew (S7)",
        f"{path}:6: clause `report` overrides a clause: give `verified` anew (S7)",
    ]
