"""From files to agreements in force: one with what it extends, folders of them, the library Naer ships.

What reads YAML is only imported where nothing is kept (`kept`).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from naer.agreement import kept
from naer.agreement.document import AgreementError
from naer.agreement.portfolio import Portfolio

LIBRARY = Path(__file__).parent.parent / "library" / "agreements"
_SUFFIXES = (".yaml", ".yml")


def load(path: Path | str, *, keep: bool = False) -> Portfolio:
    """One agreement, in all its versions, merged with what it extends.

    `path` is a file, or the id of an agreement in the library. Other versions are files named
    `<id>@<from>.yaml` beside it; a base is looked for beside it, then in the library. `keep` is for
    files that are asked for again and again: what was made of them is kept for the next process.

    Raises:
        AgreementError: with every problem, as file:line: what is wrong, what would be right.
    """
    given = Path(path)
    if not given.exists() and given.suffix not in _SUFFIXES:
        found = files(str(path), LIBRARY)
        if found:
            given = found[0]

    def make() -> Portfolio:
        from naer.agreement.shelf import Shelf

        shelf = Shelf([given.parent, LIBRARY], keep=keep)
        main = shelf.add(given)
        return shelf.portfolio([main])

    def there() -> list[Path]:
        return [given, *yaml_files(given.parent), *yaml_files(LIBRARY)]

    return kept.portfolio(there, f"of {given}", make) if keep else make()


def load_all(folders: Sequence[Path], *, in_force: bool = False) -> Portfolio:
    """Every agreement in some folders, and what they extend, run together.

    A base that is not in the folders comes from the library. With `in_force` what S8 forbids is an
    error, and what was made is kept for the next process.

    Raises:
        AgreementError: with every problem.
    """

    def make() -> Portfolio:
        from naer.agreement.shelf import Shelf

        shelf = Shelf([*folders, LIBRARY], keep=in_force)
        names = [shelf.add(file) for folder in folders for file in yaml_files(folder)]
        made = shelf.portfolio(shelf.with_bases(names))
        if in_force and made.loosened:
            raise AgreementError(list(made.loosened))
        return made

    def there() -> list[Path]:
        return [file for folder in (*folders, LIBRARY) for file in yaml_files(folder)]

    return kept.portfolio(there, "", make) if in_force else make()


@cache
def library(country: str | None = None) -> Portfolio:
    """The agreements that ship with Naer, in force: all of them, or those of one country (DK or NO)."""
    if country is None:
        return load_all([LIBRARY], in_force=True)

    def make() -> Portfolio:
        whole = library()
        lines = tuple(line for line in whole.lines if line.versions[0].country == country)
        return replace(whole, lines=lines)

    return kept.portfolio(lambda: yaml_files(LIBRARY), country, make)


def yaml_files(folder: Path) -> list[Path]:
    """The agreements in a folder, by name."""
    return sorted(one for one in folder.iterdir() if one.suffix in _SUFFIXES)


def files(name: str, folder: Path) -> list[Path]:
    """The versions of an agreement in a folder."""
    if not folder.is_dir():
        return []
    return [one for one in yaml_files(folder) if one.stem.partition("@")[0] == name]
