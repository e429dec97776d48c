"""Databases that were made before the migrations of each app became one."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from naer.site import boot

pytestmark = pytest.mark.django_db


def plan() -> list[str]:
    """What is still to be done."""
    executor = MigrationExecutor(connection)
    return [str(step) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def recorded() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connection).applied_migrations())


def test_there_is_nothing_to_do_in_them() -> None:
    now = recorded()
    MigrationRecorder.Migration.objects.filter(name__endswith="_squashed").delete()
    assert ("pathways", "0012_spread") in recorded() < now
    assert plan() == []
    MigrationExecutor(connection).check_replacements()
    assert recorded() == now


def test_one_that_did_not_come_so_far_is_not_taken_for_done() -> None:
    MigrationRecorder.Migration.objects.filter(name__endswith="_squashed").delete()
    MigrationRecorder.Migration.objects.filter(app="entry").delete()
    assert plan() == ["entry.0001_squashed"]


def test_one_that_stands_halfway_is_refused_in_words() -> None:
    MigrationRecorder.Migration.objects.filter(name__endswith="_squashed").delete()
    MigrationRecorder.Migration.objects.filter(app="pathways", name="0012_spread").delete()
    with pytest.raises(boot.OlderDatabaseError, match="earlier version"):
        boot.migrate()
