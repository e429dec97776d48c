"""Translations: found in the code, checked for completeness, compiled. No gettext programs needed.

    python -m naer.site.ui.translations --check      complete, nothing left over, placeholders kept
    python -m naer.site.ui.translations --extract    bring the .po files up to date with the code
    python -m naer.site.ui.translations --compile    write the .mo files that Django reads

The .po files under `site/locale` are the source; the .mo files beside them are kept in the repository,
and `--check` finds one that is older than its source.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

SITE = Path(__file__).resolve().parent.parent
LOCALE = SITE / "locale"
LANGUAGES = ("da", "nb")
_CALLS: dict[str, tuple[int, int | None, int | None]] = {
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "_": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
}
"""Function → places of singular, plural and context among its arguments."""
_CALL = re.compile(r"""\b(?:_|n?p?gettext)\((?:\s*(?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|\w+)\s*,?)+\)""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to translate: what the code says, with plural and context if it has them."""

    text: str
    plural: str = ""
    context: str = ""


def phrases(site: Path = SITE) -> dict[Phrase, list[str]]:
    """Every phrase of the site's code and templates, with the files it stands in."""
    found: dict[Phrase, list[str]] = {}
    for path in sorted(site.rglob("*.py")):
        if "migrations" not in path.parts:
            _collect(found, path.relative_to(site), ast.parse(path.read_text(encoding="utf-8")))
    for path in sorted(site.rglob("templates/**/*.html")):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        calls = "\n".join(call.group() for call in _CALL.finditer(code))
        _collect(found, path.relative_to(site), ast.parse(calls))
    return found


def _collect(found: dict[Phrase, list[str]], path: Path, tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            places = found.setdefault(_phrase(node, path), [])
            if str(path) not in places:
                places.append(str(path))


def _phrase(call: ast.Call, path: Path) -> Phrase:
    assert isinstance(call.func, ast.Name)
    text, plural, context = _CALLS[call.func.id]

    def said(place: int | None) -> str:
        if place is None:
            return ""
        given = call.args[place]
        if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
            raise TypeError(f"{path}:{call.lineno}: only a text written out can be translated")
        return given.value

    return Phrase(said(text), said(plural), said(context))


def problems(language: str) -> list[str]:
    """What keeps a language from being complete, in words; none when it is."""
    catalogue = _read(language)
    wanted = phrases()
    known = {_as_phrase(entry): entry for entry in catalogue if not entry.obsolete}
    found = [
        f"{language}: not in the catalogue: {_shown(phrase)}" for phrase in wanted if phrase not in known
    ]
    found += [
        f"{language}: no longer in the code: {_shown(phrase)}" for phrase in known if phrase not in wanted
    ]
    compiled = _path(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        found.append(f"{language}: the .mo file is old; run with --compile")
    for phrase, entry in known.items():
        if not entry.translated() or entry.fuzzy:
            found.append(f"{language}: not translated: {_shown(phrase)}")
            continue
        forms = entry.msgstr_plural if phrase.plural else {0: entry.msgstr}
        for number, text in forms.items():
            said = phrase.plural if number else phrase.text
            if set(_PLACEHOLDER.findall(text)) != set(_PLACEHOLDER.findall(said)):
                found.append(f"{language}: other placeholders than the code: {_shown(phrase)}")
    return found


def extract(language: str) -> int:
    """Add what is new and drop what is gone; how many phrases the language has to say."""
    catalogue = _read(language)
    wanted = phrases()
    known = {_as_phrase(entry): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = catalogue.metadata
    for phrase, places in sorted(wanted.items(), key=lambda item: (item[1][0], item[0].text)):
        entry = known.get(phrase) or polib.POEntry(
            msgid=phrase.text,
            msgid_plural=phrase.plural,
            msgctxt=phrase.context or None,
            msgstr_plural={0: "", 1: ""} if phrase.plural else {},
        )
        entry.occurrences = [(place, "") for place in places]
        fresh.append(entry)
    fresh.save(str(_path(language)))
    return len(fresh)


def compile_all() -> None:
    """Write the .mo files of all languages."""
    for language in LANGUAGES:
        _read(language).save_as_mofile(str(_path(language).with_suffix(".mo")))


def _as_phrase(entry: polib.POEntry) -> Phrase:
    return Phrase(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _shown(phrase: Phrase) -> str:
    return repr(phrase.text) + (f" ({phrase.context})" if phrase.context else "")


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> polib.POFile:
    path = _path(language)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=100)
    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


def main(arguments: list[str]) -> int:
    """Run one of the three commands; 1 when a check found something."""
    settings.configure(USE_I18N=False)
    if arguments == ["--extract"]:
        for language in LANGUAGES:
            sys.stderr.write(f"{language}: {extract(language)} phrases\n")
        return 0
    if arguments == ["--compile"]:
        compile_all()
        return 0
    if arguments == ["--check"]:
        found = [problem for language in LANGUAGES for problem in problems(language)]
        sys.stderr.write(("\n".join(found) or "Translations are complete.") + "\n")
        return 1 if found else 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
