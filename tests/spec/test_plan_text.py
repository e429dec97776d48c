"""What `explain --plan` tells: the role table, and dues as functions of time."""

from naer.columnar.compile import compile_line
from naer.columnar.plan_text import Due, Role, dues, eras, roles
from tests.spec.tables import portfolio

OLD = """
agreement: plan
country: DK
valid: {to: 2025-12-31}
unless: [died]
calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}
clauses:
  - id: contact
    source: test
    after: [{kind: rehabilitation_plan, where: {level: [1, 2]}}, admitted]
    where: {urgent: {exists: false}}
    when: closed
    deliver: rehabilitation_contact
    within: 5 working days
    anchor: [at, {last: admitted, attribute: known}]
    start: next opening
    pause: {from: hold_started, until: hold_ended}
  - id: forecast
    source: test
    after: admitted
    deliver: care_forecast
    before: discharged
    ahead: by 24:00 day before
    since: {first: admitted, reset: discharged, over: 48 h}
    scope: citizen
"""
NEW = OLD.replace("to: 2025-12-31", "from: 2026-01-01").replace("5 working days", "3 working days")
PLAN = compile_line(portfolio(OLD, NEW).lines[0])


def test_every_event_does_its_work_in_order():
    table = roles(PLAN)
    assert [role for role in table if role.kind == "discharged"] == [
        Role("discharged", "judges", "forecast", ""),
        Role("discharged", "ends", "forecast", ""),
    ]
    assert Role("died", "releases", "contact (2)", "") in table
    assert Role("hold_started", "pauses", "contact (1)", "") in table
    opens = Role(
        "rehabilitation_plan", "opens", "contact (1)", "level in [1, 2], urgent is missing, time is closed"
    )
    assert opens in table


def test_each_rule_tells_its_due():
    start = "next opening from latest of at, known of the latest admitted"
    due = "start + {} working days; moved by pauses"
    assert dues(PLAN) == [
        Due("contact (1)", "undated", "each", start, due.format(5), "first delivery"),
        Due("contact (2)", "2026-01-01", "each", start, due.format(3), "first delivery"),
        Due(
            "forecast", "undated, 2026-01-01", "each", "at",
            "discharged, by 24:00 day before; only over 48 h since the first admitted after discharged",
            "first delivery in all the citizen's pathways",
        ),
    ]  # fmt: skip
    assert [version for _, version in eras(PLAN)] == ["undated", "2026-01-01"]
