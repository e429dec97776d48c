"""Versions by date (S6), overlays merged key by key (S7), and tighter only (S8)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from naer.agreement import AgreementError, load, load_all
from tests.spec.tables import agreement, portfolio, spec

OLD = agreement(
    "after: admitted\ndeliver: care_plan\nwithin: 24 h", "valid: {from: 2026-01-01, to: 2026-03-28}"
)
NEW = agreement("after: admitted\ndeliver: care_plan\nwithin: 12 h", "valid: {from: 2026-03-29, to: null}")
LATER = agreement(
    "after: admitted\ndeliver: care_plan\nwithin: 12 h", "valid: {from: 2026-04-01, to: 2026-04-30}"
)


@pytest.mark.statement("S6")
@spec(
    (OLD, NEW),
    """
    then                                                     | outcome          | version                | due
    03-28 23:59:59.999999 admitted                           | missing          | 2026-01-01             | 03-30 00:59:59.999999
    03-29 00:00 admitted                                     | missing          | 2026-03-29             | 03-29 13:00
    03-28 23:00 admitted; 03-29 20:00 care_plan              | kept             | 2026-01-01             | 03-30 00:00
    03-28 23:30+00:00 admitted                               | missing          | 2026-03-29             | 03-29 13:30
    01-01 00:00 admitted                                     | missing          | 2026-01-01             | 01-02 00:00
    """,
)
def test_the_version_at_the_triggers_local_date_decides_to_the_end(case):
    case.check()


SINCE = agreement(
    "after: leave_ended\ndeliver: care_plan\nwithin: 12 h\nsince: {last: admitted, under: 48 h}",
    "valid: {from: 2026-03-29, to: null}",
)
BARE = agreement(
    "after: leave_ended\ndeliver: care_plan\nwithin: 24 h", "valid: {from: 2026-01-01, to: 2026-03-28}"
)


@pytest.mark.statement("S6", "S21")
@spec(
    (BARE, SINCE),
    """
    then                                          | outcome | due
    03-27 10:00 leave_ended                       | missing | 03-28 10:00
    03-30 10:00 leave_ended                       | none    |
    03-29 20:00 admitted; 03-30 10:00 leave_ended | missing | 03-30 22:00
    """,
)
def test_a_version_that_measures_from_an_earlier_event_asks_nothing_of_the_one_that_does_not(case):
    case.check()


@pytest.mark.statement("S6", "S35")
@spec(
    (OLD, LATER),
    """
    then                                        | outcome | ledger
    03-28 10:00 admitted                        | missing |
    03-29 10:00 admitted                        | none    | no version in force 1
    2025-12-31 10:00 admitted                   | none    | no version in force 1
    05-01 10:00 admitted                        | none    | no version in force 1
    04-30 10:00 admitted                        | missing |
    03-29 10:00 discharged                      | none    |
    03-28 10:00 admitted; 03-29 09:00 care_plan | kept    |
    """,
)
def test_a_gap_leaves_the_trigger_out(case):
    case.check()


@pytest.mark.statement("S6", "S19")
@spec(
    tuple(version + "    repeat: first\n" for version in (OLD, NEW)),
    """
    then                                        | outcome | version
    03-28 10:00 admitted; 03-29 10:00 admitted  | missing | 2026-01-01
    03-29 10:00 admitted; 03-30 10:00 admitted  | missing | 2026-03-29
    """,
)
def test_the_versions_of_a_clause_share_first(case):
    case.check()


@pytest.mark.statement("S6", "S19")
@spec(
    tuple(version + "    repeat: restart\n" for version in (OLD, NEW)),
    """
    then                                        | outcome             | version
    03-28 20:00 admitted; 03-29 10:00 admitted  | superseded; missing | 2026-01-01; 2026-03-29
    """,
)
def test_the_versions_of_a_clause_share_restart(case):
    case.check()


@pytest.mark.statement("S6", "S29")
@spec(
    (OLD, NEW),
    """
    then                                                                             | outcome | version    | due
    03-28 10:00 admitted {id: a}; 03-29 10:00 admitted {id: b, changes: a}           | missing | 2026-03-29 | 03-29 22:00
    """,
)
def test_a_trigger_moved_in_time_is_judged_by_the_version_at_its_new_time(case):
    case.check()


@pytest.mark.statement("S6")
@pytest.mark.parametrize("start", ["2026-03-28", "2026-01-01", "2025-06-01"])
def test_overlap_is_an_error(start):
    with pytest.raises(AgreementError, match="two versions are in force at once"):
        portfolio(OLD, NEW.replace("2026-03-29", start))


@pytest.mark.statement("S6")
def test_versions_are_files_with_their_first_day_in_the_name(tmp_path):
    (tmp_path / "spec@2026-01-01.yaml").write_text(OLD)
    (tmp_path / "spec@2026-03-29.yaml").write_text(NEW)
    for name in ("spec@2026-01-01.yaml", "spec@2026-03-29.yaml"):
        (line,) = load(tmp_path / name).lines
        assert [str(version.version) for version in line.versions] == ["2026-01-01", "2026-03-29"]


BASE = """agreement: base
country: DK
unless: [died]
calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}
clauses:
  - id: plan
    title: {en: A plan}
    source: the law § 1
    verified: true
    after: admitted
    where: {n: 1, m: 1}
    deliver: care_plan
    within: 24 h
    unless: [discharged]
    MAY
    examples: [{timeline: {2026-03-02 10:00: admitted}, expect: missing}]
  - {id: soon, source: s, after: admitted, deliver: care_plan, within: at once}
  - {id: early, source: s, after: admitted, deliver: care_forecast, before: discharged, ahead: 1 day}
"""
OVERLAY = """agreement: overlay
country: DK
extends: base
clauses:
"""


def overlaid(tmp_path, clause, may="", head=""):
    """The agreement that an overlay with one clause makes of BASE."""
    (tmp_path / "base.yaml").write_text(BASE.replace("MAY", may))
    path = tmp_path / "overlay.yaml"
    path.write_text(OVERLAY.replace("clauses:", f"{head}\nclauses:") + f"  - {clause}\n")
    return load(path)


@pytest.mark.statement("S7")
def test_an_overriding_clause_is_merged_by_key(tmp_path):
    made = overlaid(
        tmp_path, "{id: plan, source: local § 2, verified: false, within: 12 h, where: {n: 2}, unless: null}"
    )
    clause = made.lines[0].versions[0].clause("plan")
    assert [(one.attribute, one.value) for one in clause.where] == [("n", 2)]  # replaced whole, not merged
    assert [pattern.kinds for pattern in clause.unless] == [("died",)]  # null removes; the agreement's stays
    assert (clause.source, clause.verified, str(clause.within)) == ("local § 2", False, "12 h")
    assert (clause.title, clause.deliver[0].kinds) == ({"en": "A plan"}, ("care_plan",))  # inherited
    assert clause.examples == ()  # never inherited
    assert [one.id for one in made.lines[0].versions[0].clauses] == ["plan", "soon", "early"]


@pytest.mark.statement("S7")
@pytest.mark.parametrize("given", ["source: s", "verified: true"])
def test_source_and_verified_must_be_given_anew(tmp_path, given):
    with pytest.raises(AgreementError, match="anew"):
        overlaid(tmp_path, f"{{id: plan, within: 12 h, {given}}}")


@pytest.mark.statement("S7")
def test_the_merge_must_load_wherever_a_file_of_the_chain_changes(tmp_path):
    base = BASE.replace("MAY", "").replace("country", "valid: {from: 2026-01-01, to: 2026-06-30}\ncountry", 1)
    (tmp_path / "base@2026-01-01.yaml").write_text(base)
    later = base.replace("2026-01-01, to: 2026-06-30", "2026-07-01, to: null").replace(
        "within: 24 h", "before: discharged"
    )
    (tmp_path / "base@2026-07-01.yaml").write_text(later.replace("unless: [discharged]", "unless: []"))
    path = tmp_path / "overlay.yaml"
    path.write_text(OVERLAY + "  - {id: plan, source: s, verified: true, within: 12 h}\n")
    with pytest.raises(AgreementError, match="both `within` and `before`"):
        load(path)


@pytest.mark.statement("S6", "S7")
def test_a_version_of_the_base_is_chosen_by_the_same_date(tmp_path):
    base = BASE.replace("MAY", "").replace("country", "valid: {from: 2026-01-01, to: 2026-06-30}\ncountry", 1)
    (tmp_path / "base@2026-01-01.yaml").write_text(base)
    later = base.replace("2026-01-01, to: 2026-06-30", "2026-08-01, to: null").replace("24 h", "20 h")
    (tmp_path / "base@2026-08-01.yaml").write_text(later)
    path = tmp_path / "overlay.yaml"
    path.write_text(OVERLAY + "  - {id: plan, source: s, verified: true, title: {en: Local}}\n")
    line = load(path).lines[0]
    found = [(str(one.starts), str(one.ends), str(one.clause("plan").within)) for one in line.versions]
    assert found == [("2026-01-01", "2026-06-30", "24 h"), ("2026-08-01", "None", "20 h")]


@pytest.mark.statement("S8")
@pytest.mark.parametrize(
    ("clause", "may", "allowed"),
    [
        ("id: plan, within: 12 h", "", True),
        ("id: plan, within: 24 h", "", True),
        ("id: plan, within: 25 h", "", False),
        ("id: plan, within: 60 min", "", False),  # another unit
        ("id: plan, within: 1 day", "", False),
        ("id: plan, within: by 12:00 same day", "", False),
        ("id: plan, within: at once", "", False),
        ("id: plan, within: 48 h", "may_loosen: [within]", True),
        ("id: plan, within: 48 h", "may_loosen: true", True),
        ("id: plan, within: 48 h", "may_loosen: [unless]", False),
        ("id: soon, within: 4 h", "", True),  # a number for `at once`
        ("id: soon, within: by 12:00 next day", "", True),
        ("id: early, ahead: 2 days", "", True),
        ("id: early, ahead: 1 day", "", True),
        ("id: early, ahead: 12 h", "", False),
        ("id: early, ahead: null", "", False),
        ("id: plan, title: {en: Other}", "", True),
        ("id: plan, escalate: [{at: due, to: owed_by}]", "", True),
        ("id: plan, examples: [{timeline: {2026-03-02 10:00: admitted}, expect: missing}]", "", True),
        ("id: plan, unless: [discharged, leave_started]", "", False),
        ("id: plan, unless: null", "", False),
        ("id: plan, where: {n: 1}", "", False),
        ("id: plan, deliver: [care_plan, care_forecast]", "", False),
        ("id: plan, owed_by: null", "", True),  # not there before either
        ("id: plan, calendar: office", "", False),
        ("id: plan, repeat: first", "", False),
        ("id: plan, evidence: partial", "", False),
        ("id: extra, after: admitted, deliver: care_plan, within: 1 h", "", True),  # a clause of its own
    ],
)  # fmt: skip
def test_tighter_only(tmp_path, clause, may, allowed):
    made = overlaid(tmp_path, f"{{{clause}, source: s, verified: true}}", may)
    assert [bool(problem.line) for problem in made.loosened] == ([] if allowed else [True])
    if not allowed:
        with pytest.raises(AgreementError, match="S8"):
            load_all([tmp_path], in_force=True)


@pytest.mark.statement("S8")
@pytest.mark.parametrize(
    "head",
    [
        "unless: [died, leave_started]",
        "unless: null",
        "calendars: {office: {days: mon-sat}}",
        "events: {admitted: Something else}",  # a kind of the vocabulary, which the base's clauses mean
    ],
)
def test_an_overlay_changes_nothing_that_loosens_beside_the_clauses(tmp_path, head):
    made = overlaid(
        tmp_path, "{id: extra, source: s, after: admitted, deliver: care_plan, within: 1 h}", head=head
    )
    assert len(made.loosened) == 1


@pytest.mark.statement("S8", "S12")
@pytest.mark.parametrize("own", [True, False])
def test_a_calendar_more_in_an_overlay_moves_no_limit_of_its_base(tmp_path, own):
    """The agreement's only calendar is that of the agreement a clause comes from."""
    lines = BASE.replace("MAY", "").splitlines(keepends=True)
    base = "".join(line for line in lines if own or not line.startswith("calendars"))
    (tmp_path / "base.yaml").write_text(base.replace("within: 24 h", "within: 2 working days"))
    path = tmp_path / "overlay.yaml"
    path.write_text(
        OVERLAY.replace("clauses:", "calendars: {weekend: {days: sat-sun}}\nclauses:")
        + "  - {id: plan, source: s, verified: true, within: 1 working day}\n"
        + "  - {id: extra, source: s, after: admitted, deliver: care_plan, within: 1 working day}\n"
    )
    made = load(path)
    assert made.loosened == ()
    (inherited,) = load(tmp_path / "base.yaml").lines[0].versions
    (version,) = made.lines[0].versions
    for name in ("plan", "soon", "early"):
        assert version.clause(name).calendar == inherited.clause(name).calendar
    assert (version.clause("extra").calendar == version.calendars["weekend"]) == (not own)


@pytest.mark.statement("S8")
@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("applies: {municipality: '851'}", "applies: {municipality: '860'}", True),
        ("applies: {municipality: ['851', '820']}", "applies: {municipality: ['860', '820']}", False),
        ("applies: {municipality: '851'}", "", False),
        ("applies: {municipality: '851'}", "applies: {organisation: H1}", False),
        ("valid: {from: 2026-01-01, to: 2026-06-30}", "valid: {from: 2026-07-01}", True),
        ("valid: {from: 2026-01-01, to: 2026-06-30}", "valid: {from: 2026-06-30}", False),
    ],
)
def test_two_overlays_of_one_base_must_not_both_apply(tmp_path, one, other, apart):
    (tmp_path / "base.yaml").write_text(BASE.replace("MAY", ""))
    for name, head in (("one", one), ("other", other)):
        text = OVERLAY.replace("overlay", name).replace("clauses:", f"{head}\nclauses:")
        clause = "  - {id: plan, source: s, verified: true, within: 12 h}\n"
        (tmp_path / f"{name}.yaml").write_text(text + clause)
    assert bool(load_all([tmp_path]).loosened) is not apart
