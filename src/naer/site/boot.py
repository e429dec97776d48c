"""Starting the site from a command: which database, and a fresh one made ready on first use."""

import fcntl
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import django
import msgspec
from django.conf import settings

_SITE = Path(__file__).parent
_MIGRATION_LOCK = 0x6E616572
"""Key of the PostgreSQL advisory lock held while tables are made ("naer")."""


def setup(database: str | None = None) -> None:
    """Start Django on `database` (a URL; default NAER_DATABASE) and make a fresh database ready.

    An embedded (SQLite) database is created and brought up to date, once even when several processes
    start together. A PostgreSQL database is set up only while it is empty; after that `naer migrate`
    changes it, when somebody decides to.
    """
    configure(database)
    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        _ready_embedded(str(connection.settings_dict["NAME"]))
    else:
        _ready_server()


def configure(database: str | None = None) -> None:
    """Read the settings for `database`, and no more of Django: enough to read and to seal messages.

    A process that is forked from here on has the same keys, even where they are made anew each time.
    """
    if database:
        os.environ["NAER_DATABASE"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naer.site.settings")
    _ = settings.NUMBER_KEY  # read at first use, that is: now


def settle() -> None:
    """Take what was loaded out of the garbage collector's rounds: for processes that take in messages.

    A batch makes many short-lived objects; scanning libraries and agreements for each would cost a
    tenth of the time. What loading left behind is little (a few thousand objects), and not looked for.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def before_threads() -> None:
    """Make what threads must not make together, before there are any.

    msgspec learns of a `Struct` what its fields are at its first use. A second thread that comes meanwhile
    reads what is half learnt, and the process ends without a word. So every `Struct` that is loaded by now is
    used once.
    """
    kinds: list[type[msgspec.Struct]] = [msgspec.Struct]
    for kind in kinds:
        kinds += kind.__subclasses__()
        with suppress(TypeError, NameError):  # it holds what cannot be decoded, or named without Polars
            msgspec.json.Decoder(kind)


class OlderDatabaseError(ValueError):
    """A database whose tables this version cannot carry on."""


def migrate() -> None:
    """Bring the database's tables up to date.

    Raises:
        OlderDatabaseError: when it was left before the migrations that this version has in one.
    """
    from django.core.management import call_command

    _refuse_older()
    call_command("migrate", verbosity=0, interactive=False)


def _refuse_older() -> None:
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    if not applied:
        return
    for migration in MigrationLoader(None).disk_migrations.values():
        replaced = [tuple(one) in applied for one in migration.replaces]
        if migration.__module__.startswith("naer.") and any(replaced) and not all(replaced):
            raise OlderDatabaseError(
                "this database was made by an earlier version, and its tables cannot be carried on by this "
                "one. Of a demo: name another with --database, or delete the file. Otherwise run `naer "
                "migrate` of commit 3a56220 on it first"
            )


def _ready_embedded(name: str) -> None:
    from django.db import connection

    mark = _migrations_mark()
    in_memory = ":memory:" in name or "mode=memory" in name
    if not in_memory:
        Path(name).resolve().parent.mkdir(parents=True, exist_ok=True)
        if Path(name).exists() and _user_version() == mark:
            return
    with _file_lock(None if in_memory else name + ".lock"):
        if _user_version() == mark:
            return
        migrate()
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA user_version = {mark}")


def _ready_server() -> None:
    """Make the tables of an empty database; whoever comes while another process does so waits for it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            if "django_migrations" not in connection.introspection.table_names():
                migrate()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _user_version() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version")
        return int(cursor.fetchone()[0])


def _migrations_mark() -> int:
    """A number that changes with the set of migrations, for SQLite's `user_version`; never 0."""
    names = sorted(str(path.relative_to(_SITE)) for path in _SITE.glob("*/migrations/0*.py"))
    return (crc32(f"{django.VERSION} {names}".encode()) & 0x7FFFFFFF) or 1


@contextmanager
def _file_lock(path: str | None) -> Iterator[None]:
    """Held by one process at a time; the others wait."""
    if path is None:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
