"""What a command says when something fails: what was wrong, and what to do next."""

import sys

BUG = "This is a fault in Naer; NAER_DEBUG=1 shows where."


def advice(error: Exception) -> str:
    """Text for people, for an exception that no command expected or chose to word itself."""
    if isinstance(error, FileNotFoundError):
        return f"there is no file {error.filename}" if error.filename else str(error)
    if isinstance(error, IsADirectoryError):
        return f"{error.filename} is a folder; name a file"
    if isinstance(error, PermissionError):
        return f"{error.filename} cannot be read or written: {error.strerror}"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("naer."):
        return f"{error.name} is not part of this version of Naer"
    if _is(error, "django.core.exceptions", "ImproperlyConfigured"):
        return f"{error}. Settings are described in docs/reference/settings.md."
    if any(_is(error, "django.db.utils", name) for name in ("OperationalError", "ProgrammingError")) or (
        type(error).__name__ == "DatabaseError"  # itself: what SQLite says of a file that is none of its own
    ):
        return (
            f"the database does not answer as expected: {str(error).strip()}. "
            "Is --database or NAER_DATABASE right, and has `naer migrate` been run?"
        )
    if isinstance(error, ValueError | LookupError | OSError) and _has_words(error):
        return f"{error}. If that does not help: NAER_DEBUG=1 shows where it came from."
    return f"{type(error).__name__}: {error}. {BUG}"


def _is(error: Exception, module: str, name: str) -> bool:
    """Whether it is that exception, without importing Django for it."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(error, getattr(loaded, name))


def _has_words(error: Exception) -> bool:
    return len(str(error).split()) > 2
