"""The published table of access is what the database answers: every role, relation and action."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from naer.events.instant import Instant
from naer.site import clock
from naer.site.access import rules
from naer.site.access.actions import ACTIONS
from naer.site.access.actions import RELATIONS as REASONS
from naer.site.access.models import Grant
from naer.site.access.table import GRANTED, OFFICE, RELATIONS, TABLE, UNBLOCKED, WORKS_AT
from naer.site.accounts.models import User
from naer.site.entry.models import HelpRequest
from naer.site.pathways.models import Case, Citizen
from tests.integration.access.world import ENDED, World, build

pytestmark = pytest.mark.django_db
PAGE = Path("docs/reference/access.md")
ROLES = {str(words): role for role, words in User.Role.choices}


def published(heading: str) -> dict[str, dict[str, str]]:
    """A table of the page: action → role → cell."""
    part = PAGE.read_text(encoding="utf-8").split(f"### {heading}\n")[1].split("\n### ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    head = rows[0]
    return {
        row[0].strip("`"): {ROLES[name]: cell for name, cell in zip(head, row, strict=True) if name in ROLES}
        for row in rows[2:]
    }


def allowed() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(action, role, relations) as published, for every role and action."""
    about = published("About one citizen")
    for action, cells in about.items():
        for role in User.Role.values:
            yield action, role, frozenset(cells.get(role, "").split(", ")) - {""}


def test_every_role_relation_and_action() -> None:
    """Each user stands in each relation to one citizen; who is found for an action are those the page allows.

    Everybody at the wrong kind of place has all relations too, and finds nobody.
    """
    now: Instant = clock.now()
    world = build(now)
    table = {(action, role): relations for action, role, relations in allowed()}
    assert {action for action, _ in table} == set().union(*TABLE.values())
    for (role, kind), user in world.users.items():
        right = kind == WORKS_AT[role] if role in WORKS_AT else True
        for action in sorted({action for action, _ in table}):
            found = set(rules.visible_citizens(user, now, action).values_list("pk", flat=True))
            relations = table[action, role] if right else frozenset()
            expected = {name for one in relations for name in names(user, one, world, full=_full(role, kind))}
            assert found == expected, (role, kind, action)
            if action in {"look", "look-plan", "own-page"}:  # asked row by row, it is the same
                about = rules.about_visible(user, now, action)
                for model in (Case, HelpRequest, Grant):
                    rows = model._default_manager.filter(about).values_list("citizen", flat=True)
                    every = model._default_manager.values_list("citizen", flat=True)
                    assert set(rows) == found & set(every), (role, kind, action)


def names(user: User, relation: str, world: World, *, full: bool) -> set[str]:
    """The citizens to whom `user` has a relation that holds."""
    place = user.organisation
    if relation in {"coordinator", "emergency", "case", "stay", "gp", "asked"} and place is None:
        return set()
    found = {f"{user.username} {relation}"}
    if not full or relation == "self":
        return found
    found.add(f"{user.username} {relation} lifted")
    if relation in UNBLOCKED or place is None:
        found.add(f"{user.username} {relation} blocked")
    return found


def _full(role: str, kind: str) -> bool:
    return kind == WORKS_AT[role] if role in WORKS_AT else not kind


def test_the_ways_in_which_a_relation_ends_are_all_asked() -> None:
    assert set(ENDED) == set(RELATIONS)


def test_no_office_action_beyond_the_page() -> None:
    page = published("About no single citizen")
    for role in User.Role.values:
        user = User(username=role, role=role)
        found = {action for action in page if rules.may(user, action)}
        assert found == {action for action, cells in page.items() if cells[role] == "yes"}
    assert not any(rules.may(AnonymousUser(), action) for action in page)
    assert set(page) == set().union(*OFFICE.values())


def test_what_must_never_stand_in_the_table() -> None:
    """Rules of the domain that no later row may break (pathway-and-plan §14)."""
    for role in ("director", "analyst", "administrator", "integration"):
        assert not any(one == role for one, _ in TABLE), "no identities, no clinical content"
    assert not any(got & _WRITES for (_, relation), got in TABLE.items() if relation == "emergency")
    assert TABLE["relative", "granted"] <= TABLE["citizen", "self"]
    assert not TABLE["citizen", "self"] & {"look", "record", "look-thread", "look-message"}
    assert not {"grant", "block", "give-consent"} & TABLE["relative", "granted"]
    assert set().union(*GRANTED.values()) == TABLE["relative", "granted"]
    for (role, relation), got in TABLE.items():
        if relation not in {"plan", "coordinator", "self", "granted", "emergency"}:
            assert not got & {"look-plan", "edit-plan", "agree-plan"}, (role, relation)


_WRITES = {"record", "fulfil", "waive", "undo", "send", "notify", "edit-plan", "agree-plan", "answer-ready"}


def test_words() -> None:
    assert set().union(*TABLE.values()) <= set(ACTIONS)
    assert set(RELATIONS) <= set(REASONS)


def test_one_query_each() -> None:
    now = clock.now()
    world = build(now)
    user = world.users["coordinator", "municipality"]
    citizen = Citizen.objects.get(pk=f"{user.username} coordinator")
    assert user.organisation is not None
    for ask in (
        lambda: list(rules.visible_citizens(user, now)),
        lambda: rules.visible_citizens(user, now).count(),
        lambda: rules.relation(user, citizen, now, "look"),
        lambda: rules.among_visible(user, [f"{user.username} {one}" for one in RELATIONS], now),
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask()
        assert len(queries) == 1
    assert rules.relation(user, citizen, now, "look") == "coordinator"
