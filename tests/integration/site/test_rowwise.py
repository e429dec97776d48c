"""Access asked row by row lets through what the filter on citizens lets through, and nothing else."""

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from naer.site import bulk
from naer.site.access import rules
from naer.site.pathways import bounded
from naer.site.pathways.models import Case, Citizen, Obligation
from naer.site.pathways.obligations import visible
from naer.site.pathways.running import running, within, without
from naer.site.sql import NEVER, Sql, either, is_one_of, sql
from tests.place import Place

NOW = 1_772_000_000_000_000


@pytest.mark.django_db
def test_row_by_row_is_the_filter(here: Place) -> None:
    assert len({here.citizen.key, here.neighbour.key}) == 2
    sights = set()
    for name, user in here.users.items():
        for action in ("look", "look-discharge", "send"):
            seen = set(rules.visible_citizens(user, NOW, action).values_list("key", flat=True))
            sights.add(frozenset(seen))
            of_citizens = Citizen.objects.filter(rules.about_visible(user, NOW, action, field="pk"))
            assert set(of_citizens.values_list("key", flat=True)) == seen, (name, action)
            assert set(
                Case.objects.filter(rules.about_visible(user, NOW, action)).values_list("citizen", flat=True)
            ) == seen & set(Case.objects.values_list("citizen", flat=True))
            # Within another query for citizens, where Django calls the table something else.
            inner = Citizen.objects.filter(
                rules.about_visible(user, NOW, action, field="pk"), pk=OuterRef("pk")
            )
            nested = Citizen.objects.filter(Exists(inner))
            assert set(nested.values_list("key", flat=True)) == seen
            hidden = Citizen.objects.exclude(rules.about_visible(user, NOW, action, field="pk"))
            assert hidden.count() == Citizen.objects.count() - len(seen)
        joined = visible(user, NOW).filter(citizen__name__icontains="e").select_related("citizen")
        assert {one.citizen_id for one in joined} <= set(
            rules.visible_citizens(user, NOW).values_list("key", flat=True)
        )
    assert {frozenset[str](), frozenset({here.citizen.key}), frozenset({here.neighbour.key})} <= sights


@pytest.mark.django_db
def test_another_column_of_a_citizen_is_refused(here: Place) -> None:
    condition = rules.about_visible(here.users["mette"], NOW, field="citizen__municipality")
    with pytest.raises(ValueError, match="key of a citizen"):
        Obligation.objects.filter(condition).count()


@pytest.mark.django_db
def test_lists_and_counts_find_what_waits_by_index(here: Place) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads so small a table as a whole")
    user = here.users["mette"]
    waits = running(user, NOW, sql("owed_by = %s", user.organisation_id))
    for narrowed, listed in (
        (within(NOW, None, NOW), waits.dated(NOW, None, NOW)),
        (within(NOW, NOW, None), waits.dated(NOW, NOW)),
        (without(NOW, lingers=True), waits.dateless(NOW, lingers=True)),
        (without(NOW, lingers=False), waits.dateless(NOW, lingers=False)),
    ):
        counting = waits.that(narrowed)
        for text, given in ((f"SELECT 1 {counting.text}", counting.parameters), listed.query(0, 10)):
            plan = bulk.read([(f"EXPLAIN QUERY PLAN {text}", given)])[0]
            assert any("waits_owed_by" in row[-1] for row in plan)
            assert not any("TEMP B-TREE" in row[-1] for row in plan)  # nothing is sorted
        assert bounded.counts({"": counting})[""] == len(listed[0:100])


@pytest.mark.django_db
def test_postgresql_expects_few_rows_of_a_citizen() -> None:
    """Else it believes there are hundreds, as rows of one lie together, and reads a whole log for a page."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite samples otherwise")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attoptions::text LIKE '%n_distinct=-0.1%' "
            "AND attrelid IN ('pathways_loggedevent'::regclass, 'pathways_obligation'::regclass)"
        )
        assert {name for (name,) in cursor.fetchall()} == {"citizen", "pathway", "citizen_id"}


def test_conditions_are_put_together_in_order() -> None:
    one, two = sql("a = %s", 1), is_one_of("b", (2, 3))
    assert sql("c < %s AND {} AND d > %s", 0, either([one, two]), 4) == Sql(
        "c < %s AND ((a = %s) OR (b IN (%s, %s))) AND d > %s", (0, 1, 2, 3, 4)
    )
    assert either([]) == NEVER == is_one_of("b", ())
