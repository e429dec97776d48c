"""The generated parts of the reference pages, each rendered from the code it describes."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML

from naer.agreement.schema import schema as agreement_schema
from naer.cli.main import cli as main
from naer.events.kinds import KINDS
from naer.logs.quality import CHECKS
from naer.messages.medcom.carecommunication_codes import CATEGORIES
from naer.messages.medcom.codes import ACTIVITIES, CODES, family
from naer.messages.medcom.codes import KINDS as FAMILY_KINDS
from naer.messages.medcom.discharge_codes import TYPES as DISCHARGE_TYPES
from naer.messages.plo.types import TYPES as NORWEGIAN_TYPES
from naer.site.messaging.legal_basis import CASES
from naer.site.messaging.tellers import TELLERS
from tools import access_reference, fhir_reference, statements
from tools.bench import available

SETTINGS = Path("src/naer/site/settings.py")
CONNECTIONS = Path("src/naer/site/messaging/connections.py")
LIBRARY = Path("src/naer/library/agreements")
_WIDTH = 100


def events() -> str:
    """Every kind of event: meaning, who can say it, what carries it, what it carries."""
    rows = (
        (f"`{kind.name}`", kind.meaning, ", ".join(kind.senders), "; ".join(kind.carried_by))
        for kind in KINDS.values()
    )
    meanings: dict[tuple[str, str], list[str]] = {}
    for kind in KINDS.values():
        for attribute, meaning in kind.attributes.items():
            meanings.setdefault((attribute, meaning), []).append(f"`{kind.name}`")
    attributes = (
        (f"`{name}`", meaning, ", ".join(kinds) if len(kinds) < 8 else f"{len(kinds)} kinds")
        for (name, meaning), kinds in sorted(meanings.items())
    )
    return (
        _table(("kind", "meaning", "said by", "carried by"), rows)
        + "\n\n### Attributes\n\n"
        + _table(("attribute", "meaning", "on"), attributes)
    )


def cli() -> str:
    """What every command and subcommand says of itself, asked in a process of its own.

    Click keeps what it made of a command's help at first use; here nothing was used before.
    """
    code = "from tools import reference; print(reference.helps())"
    return subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout


def helps() -> str:
    """Every command's help, under a heading each."""
    top = click.Context(main, info_name="naer", **main.context_settings)
    return "\n\n".join(
        f"## `{context.command_path}`\n\n```text\n{context.get_help()}\n```" for context in _below(top)
    )


def _below(parent: click.Context) -> Iterator[click.Context]:
    group = parent.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        if command is not None:
            context = click.Context(
                command,
                parent,
                name,
                terminal_width=_WIDTH,
                max_content_width=_WIDTH,
                **command.context_settings,
            )
            yield context
            yield from _below(context)


def settings() -> str:
    """The environment variables of the site, from the table that heads its settings."""
    text = ast.get_docstring(ast.parse(SETTINGS.read_text(encoding="utf-8"))) or ""
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.splitlines()
        if line.startswith("| NAER_")
    ]
    return _table(("variable", "meaning", "default"), ((f"`{name}`", *rest) for name, *rest in rows))


def connections() -> str:
    """The values of a connection, from the fields of its class and the text under each."""
    (made,) = (
        node
        for node in ast.parse(CONNECTIONS.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == "Connection"
    )
    rows = []
    for field, meaning in zip(made.body, made.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign):
            continue
        told = ast.literal_eval(meaning.value) if isinstance(meaning, ast.Expr) else ""
        default = "must be given" if field.value is None else f"`{_toml(ast.literal_eval(field.value))}`"
        rows.append((f"`{ast.unparse(field.target)}`", " ".join(told.split()), default))
    return _table(("value", "meaning", "default"), rows)


def _toml(value: object) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def tellers() -> str:
    """Which message tells each kind of event, in each country."""
    rows = [
        (f"`{kind}`", *(told[country].type if country in told else "" for country in ("DK", "NO")))
        for kind, told in TELLERS.items()
    ]
    return _table(("what is recorded", "Denmark", "Norway"), rows)


def codes() -> str:
    """The 18 codes: the event each becomes, and the activity, class and status it is read from."""
    rows = []
    for code in CODES:
        event = "`cancelled`" if code.startswith("AN_") else f"`{FAMILY_KINDS[family(code)]}`"
        if family(code) == "MORS":
            death = (
                ("deceased is false", "as before") if code == "AN_MORS" else ("deceased is true", "finished")
            )
            rows.append((code, event, f"any, when {death[0]}", "EMER / IMP", death[1]))
            continue
        known = {name: found for name, found in ACTIVITIES.items() if found.code == code}
        classes = sorted({part for found in known.values() for part in found.classes})
        status = sorted({found.status for found in known.values()})
        names = "<br>".join(f"`{name}`" for name in known)
        rows.append((code, event, names, " / ".join(classes), " / ".join(status)))
    return _table(("code", "event", "activity of the newest Provenance", "class", "status"), rows)


def cases() -> str:
    """The kinds of case that give a municipality its legal basis, by law and date."""
    rows = (
        (f"`{row.kind}`", row.law, row.first or "", row.last or "", "yes" if row.verified else "no")
        for row in CASES
    )
    return _table(("kind of case", "law", "from", "to", "wording verified"), rows)


def library() -> str:
    """Every agreement that is shipped, with its clauses, their sources and whether the number is verified."""
    parts = []
    for path in sorted(LIBRARY.glob("*.yaml")):
        file: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        rows = (
            (
                f"`{clause['id']}`",
                _english(clause.get("title", "")),
                clause.get("within") or _before(clause),
                "yes" if clause.get("verified") else "no",
                clause["source"],
            )
            for clause in file["clauses"]
        )
        title = f"## {_english(file.get('title', ''))} (`{path.stem}`)"
        parts.append(f"{title}\n\n" + _table(("clause", "says", "within", "verified", "source"), rows))
    return "\n\n".join(parts)


def _before(clause: dict[str, Any]) -> str:
    if "before" not in clause:
        return "text only" if "after" not in clause else "as in the base"
    event = clause["before"]
    kind = event["kind"] if isinstance(event, dict) else event
    return f"before {kind}" + (f", {clause['ahead']} ahead" if "ahead" in clause else "")


def _english(text: Any) -> str:
    return str(text.get("en") or next(iter(text.values()))) if isinstance(text, dict) else str(text)


def protected() -> str:
    """Each statement with the tests that cite it."""
    cited = statements.cited()
    rows = (
        (name, word, "<br>".join(dict.fromkeys(cited.get(name, ["none"]))))
        for name, word in statements.listed().items()
    )
    return _table(("statement", "about", "tests"), rows)


def benchmarks() -> str:
    """What `./run bench` can measure."""
    return _table(("name", "measures"), ((f"`{name}`", meaning) for name, meaning in available().items()))


def schema() -> str:
    """The JSON Schema of agreement files, for editors."""
    return json.dumps(agreement_schema(), ensure_ascii=False, indent=2) + "\n"


def quality() -> str:
    """What the data-quality report looks for."""
    return _table(("check", "what it finds"), ((f"`{name}`", meaning) for name, meaning in CHECKS.items()))


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ").strip()


def norwegian() -> str:
    """Every type of Norwegian message: its versions, namespaces and the kind of event."""
    rows = (
        (
            f"`{one.code}`",
            one.name,
            "<br>".join(f"{form.version} `{form.namespace.split('/xmlstds/')[1]}`" for form in one.forms),
            f"`{one.part or one.forms[0].root}`",
            f"`{one.kind}`",
        )
        for one in NORWEGIAN_TYPES.values()
    )
    return _table(("type", "name", "version and namespace", "root or part", "event"), rows)


def discharge() -> str:
    """Every letter of the Danish discharge family: its title, version code, standard and kinds of event."""
    rows = (
        (
            f"`{name}`",
            one.title,
            f"`{one.version}`" if one.version else "",
            f"`{one.standard}`",
            ", ".join(f"`{kind}`" for kind in one.kinds),
        )
        for name, one in DISCHARGE_TYPES.items()
    )
    return _table(("type", "title", "version", "standard", "kinds it may say, the first always"), rows)


def categories() -> str:
    """The categories of CareCommunication, in one line."""
    return ", ".join(f"`{name}`" for name in CATEGORIES)


BLOCKS: dict[str, Callable[[], str]] = {
    "events": events,
    "cli": cli,
    "settings": settings,
    "connections": connections,
    "tellers": tellers,
    "codes": codes,
    "norwegian": norwegian,
    "discharge": discharge,
    "categories": categories,
    "cases": cases,
    "library": library,
    "statements": protected,
    "benchmarks": benchmarks,
    "quality": quality,
    "fhir": fhir_reference.block,
    "access": access_reference.block,
}
"""Name of a block → what renders it."""

FILES: dict[Path, Callable[[], str]] = {Path("docs/reference/agreement.schema.json"): schema}
"""File → what renders it whole."""
