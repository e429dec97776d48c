"""Access asked row by row lets through what the filter on citizens lets through, and nothing else."""

import pytest
from django.db.models import Exists, OuterRef

from naer.site.access import rules
from naer.site.pathways.models import Case, Citizen, Obligation
from naer.site.pathways.obligations import visible
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
