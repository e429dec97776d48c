"""Work lists of a large region: a constant number of queries, exact up to the bound, in the right order."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from naer.demo.large import built
from naer.demo.large.plan import Plan
from naer.demo.large.workers import blocks
from naer.events.instant import DAY, ZONES, local_date, parse
from naer.site import bulk, clock
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.agreements import clauses
from naer.site.discharge import queries
from naer.site.pathways import bounded, obligations, today
from naer.site.pathways.models import Citizen, Obligation
from naer.site.pathways.running import OLD, running
from naer.site.pathways.today import Filters, Part
from naer.site.sql import sql

NOW = parse("2026-03-10 12:00", ZONES["DK"])
PAGES = (
    ("mette", "/"), ("camilla", "/"), ("mette", "/citizens/"), ("mette", "/conversations/"),
    ("mette", "/discharge/"),
)  # fmt: skip


def region(citizens: int) -> None:
    plan = Plan(11, citizens, local_date(NOW, ZONES["DK"]), NOW, 0.6)
    with blocks(plan, connection.vendor, settings.NUMBER_KEY, workers=0) as laid:
        built.build(plan, laid, lambda *_: None)


def asked(client: Client, address: str) -> int:
    """How many queries a page takes, those too that pass Django's cursors by."""
    together = Mock(wraps=bulk.read)
    with CaptureQueriesContext(connection) as queries, patch.object(bulk, "read", together):
        assert client.get(address).status_code == 200, address
    return len(queries) + sum(len(call.args[0]) for call in together.call_args_list)


@pytest.mark.usefixtures("own_database")
def test_work_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    region(300)
    _exact(monkeypatch)
    clients = {name: Client() for name, _ in PAGES}
    for name, client in clients.items():
        client.force_login(User.objects.get(username=name))
    before = {page: asked(clients[page[0]], page[1]) for page in PAGES}
    assert max(before.values()) <= 50
    # The same pages with next to nothing on them take as many queries.
    kept = list(Citizen.objects.filter(municipality="851", stage="home").values_list("pk", flat=True)[:3])
    mine = Obligation.objects.filter(owed_by=User.objects.get(username="mette").organisation_id)
    few = mine.exclude(citizen__in=kept)
    assert few.filter(outcome="").count() > 30
    few.update(outcome="kept")
    after = {page: asked(clients[page[0]], page[1]) for page in PAGES}
    for page in PAGES:
        assert before[page] <= after[page] + 6, page  # a part of a page that is empty asks for no names


def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and lists are those of the plain queries, and end at the bound."""
    for name in ("mette", "camilla", "henrik"):
        user = User.objects.get(username=name)
        plain, old = owed_by_hand(user, "owed_by"), old_by_hand()
        counted = today.counts(user, NOW)
        waits, keys = running(user, NOW, sql("owed_by = %s", user.organisation_id)), _keys(plain)
        listed: bounded.Chain[bulk.Row] = bounded.Chain(waits.in_order(NOW))
        assert [key for (key,) in listed[0:500]] == keys[:500]
        assert waits.first(NOW, 7) == keys[:7]
        assert counted["all"] == plain.count()
        assert counted["old"] == plain.filter(old).count()
        assert counted["over"] == plain.filter(Q(due__lt=NOW) & ~old).count()
        assert counted["owed"] == owed_by_hand(user, "owed_to").exclude(owed_by=user.organisation_id).count()
        seen = rules.visible_citizens(user, NOW)
        stays = seen.filter(status__in=rules.IN_HOSPITAL).order_by("-status_since", "key")
        assert counted["in_hospital"] == stays.count()
        assert today.today(user, NOW, Filters(), Part(), counted).citizens == list(stays[: today.STAYS])
        for part in (Part(), Part(page="2"), Part(old=True)):
            shown = today.today(user, NOW, Filters(), part, counted)
            expected = plain.filter(old) if part.old else plain.filter(~old)
            assert shown.shown == expected.count()
            begin = (shown.owe.number - 1) * today.PAGE
            keys = [key for (key,) in shown.owe]
            assert keys == _keys(expected[begin : begin + today.PAGE])
            assert [row.obligation.pk for row in (*shown.before, *shown.after)] == keys
        groups = (*queries.GROUPS, *queries.PATIENTS)
        table = queries.Table(user, NOW, groups=groups)
        for group in groups:
            by_hand = list(table_by_hand(user, group))
            assert queries.citizens(table.of(group)[0:500]) == by_hand, (name, group)
            assert table.counts()[group] == len(by_hand)
    user = User.objects.get(username="mette")
    with monkeypatch.context() as bound:
        bound.setattr(bounded, "MOST", 3)
        found = today.counts(user, NOW)
        assert found["all"] > 3
        bound.setattr(bounded, "REACH", 60)
        last = today.today(user, NOW, Filters(), Part(page="9"), found).owe
        assert (last.number, last.paginator.count, last.has_next()) == (3, 60, False)
        first = today.today(user, NOW, Filters(), Part(), found).owe
        assert first.has_next()
        assert isinstance(first.paginator, bounded.Pages)
        assert first.paginator.pages == "1+"


def _keys(found: QuerySet[Any]) -> list[int]:
    return list(found.values_list("pk", flat=True))


def owed_by_hand(user: User, direction: str) -> QuerySet[Obligation]:
    runs = obligations.visible(user, NOW).filter(outcome="", **{direction: user.organisation_id})
    found = runs.exclude(_of(clauses.partial()), due__lt=NOW)
    return found.order_by(F("due").asc(nulls_last=True), "start", "pk")


def old_by_hand() -> Q:
    ago = NOW - OLD
    return Q(due__lt=ago) | Q(due=None, start__lt=ago) & ~_of(clauses.before())


def _of(pairs: Iterable[tuple[str, str]]) -> Q:
    return reduce(or_, (Q(agreement=agreement, clause=clause) for agreement, clause in pairs))


def table_by_hand(user: User, group: str) -> QuerySet[Citizen]:
    tomorrow = parse("2026-03-11 00:00", ZONES["DK"])
    today = Q(stage__in=("can", "agreed"), stage_plan__lt=tomorrow) | Q(stage="can", stage_plan=None)
    lately = Q(stage_since__gte=NOW - 14 * DAY)
    whole = {"today": today, "later": ~today, "home": lately, "visited": lately, "back": lately}
    stages = queries.GROUPS.get(group) or queries.PATIENTS[group]
    found = rules.visible_citizens(user, NOW, queries.LOOK).filter(whole.get(group, Q()), stage__in=stages)
    found = found.order_by("stage_since", "key")
    own = user.organisation
    return found.filter(stage_hospital=own.key) if own is not None and own.role == "hospital" else found


def test_a_chain_is_one_list() -> None:
    parts: Any = [_Part("abc"), _Part(""), _Part("defg")]
    chain: bounded.Chain[Any] = bounded.Chain(parts, [3, 0, 4])
    assert chain.count() == 7
    for begin in range(8):
        for end in range(begin, 9):
            assert "".join(chain[begin:end]) == "abcdefg"[begin:end]


def test_lists_are_merged_in_the_order_of_the_database() -> None:
    """Its collation may have "a" before "B": every key stands on one page all the same."""
    lists = [[(1, "a"), (1, "B"), (3, "c")], [(1, "A"), (2, "b")], []]
    pages = [bounded.merged([one[:end] for one in lists])[end - 1 : end] for end in range(1, 6)]
    assert pages == [["a"], ["B"], ["A"], ["b"], ["c"]]


class _Part:
    """A query over letters."""

    def __init__(self, letters: str) -> None:
        self._letters = letters

    def __getitem__(self, wanted: slice) -> list[str]:
        return list(self._letters[wanted])
