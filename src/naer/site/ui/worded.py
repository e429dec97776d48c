"""What is stored as a name, in words: tables of words, and the template filter over an app's tables."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise

Words = Mapping[str, str | Promise]


def word(table: Words, name: str) -> str:
    """The words of `name`; a name that is not in the table is shown as it is."""
    return str(table.get(name, name))


def worded(tables: Mapping[str, Words]) -> Callable[[str, str], str]:
    """A filter that names one of `tables`: registered as "plan_word", `one.kind|plan_word:"role"`."""

    def found(name: str, table: str) -> str:
        return word(tables[table], name)

    return found
