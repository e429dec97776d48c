"""The generated part of docs/reference/fhir.md: types, interactions and search parameters, from the registry.

Run as a module it prints the block: Django is set up in a process of its own, on a database that nobody uses.
"""

import os
import subprocess
import sys


def block() -> str:
    """The block, rendered in another process."""
    environment = os.environ | {"NAER_DATABASE": "sqlite:///:memory:", "NAER_MODE": "demo"}
    command = [sys.executable, "-m", "tools.fhir_reference"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout


def _rendered() -> str:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "naer.site.settings"
    django.setup()
    from naer.site.fhir import urls  # noqa: F401 - makes every type known
    from naer.site.fhir.asking import RESULT
    from naer.site.fhir.types import TYPES
    from naer.site.fhir.writing import CREATES, DELETES, UPDATES

    lines = ["| type | what it is in Naer | interactions |", "| --- | --- | --- |"]
    for name in sorted(TYPES.keys() | CREATES.keys() | UPDATES.keys() | DELETES.keys()):
        kind = TYPES.get(name)
        ways = ["read", "search"] if kind is not None else []
        tables = (("create", CREATES), ("update", UPDATES), ("delete", DELETES))
        ways += [way for way, table in tables if name in table]
        lines.append(f"| `{name}` | {kind.doc if kind else ''} | {', '.join(ways)} |")
    lines += ["", "### About the answer", "", "| parameter | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {doc} |" for name, doc in RESULT.items() if name != "_sealed"]
    lines += ["", "### Search parameters", "", "`_id` finds every type by its id.", ""]
    lines += ["| type | parameter | of type | meaning | modifiers |", "| --- | --- | --- | --- | --- |"]
    for name, kind in sorted(TYPES.items()):
        for one in kind.parameters.values():
            modifiers = ", ".join(f"`:{modifier}`" for modifier in sorted(one.modifiers))
            posted = " (posted only)" if one.private else ""
            doc = one.doc.replace("|", "\\|")
            lines.append(f"| `{name}` | `{one.name}` | {one.type} | {doc}{posted} | {modifiers} |")
    lines += ["", "### What `_include` adds", "", "| search | adds |", "| --- | --- |"]
    for name, kind in sorted(TYPES.items()):
        for parameter, (_, targets) in kind.includes.items():
            lines.append(f"| `_include={name}:{parameter}` | {', '.join(targets)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(_rendered())
