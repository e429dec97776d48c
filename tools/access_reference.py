"""The generated part of docs/reference/access.md: who may do what, from the table that the site asks.

Run as a module it prints the block: Django is set up in a process of its own, on a database that nobody uses.
"""

import os
import subprocess
import sys


def block() -> str:
    """The block, rendered in another process."""
    environment = os.environ | {"NAER_DATABASE": "sqlite:///:memory:", "NAER_MODE": "demo"}
    command = [sys.executable, "-m", "tools.access_reference"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout


def _rendered() -> str:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "naer.site.settings"
    django.setup()
    from naer.site.access import table
    from naer.site.access.actions import PURPOSES, purpose, sentence
    from naer.site.accounts.models import User

    everybody = {role: str(words) for role, words in User.Role.choices}
    roles = {role: words for role, words in everybody.items() if role in {one for one, _ in table.TABLE}}
    lines = ["### Relations", "", "| relation | holds while |", "| --- | --- |"]
    lines += [f"| `{name}` | {means} |" for name, means in table.RELATIONS.items()]
    lines += ["", "### About one citizen", ""]
    lines += ["A cell names the relations through which a role may do it; an empty one: it may not.", ""]
    lines += [f"| action | in the log | purpose | {' | '.join(roles.values())} |"]
    lines += [f"| --- | --- | --- {'| --- ' * len(roles)}|"]
    for action in sorted(table.actions_about_citizens()):
        cells = " | ".join(", ".join(table.relations_for(role, action)) for role in roles)
        lines.append(f"| `{action}` | {sentence(action)} | {PURPOSES[purpose(action)]} | {cells} |")
    lines += ["", "### About no single citizen", ""]
    lines += [f"| action | {' | '.join(everybody.values())} |"]
    lines += [f"| --- {'| --- ' * len(everybody)}|"]
    for action in sorted(table.office_actions()):
        may = " | ".join("yes" if action in table.OFFICE[role] else "" for role in everybody)
        lines.append(f"| `{action}` | {may} |")
    lines += ["", "### What a citizen can grant", "", "| part | actions |", "| --- | --- |"]
    lines += [
        f"| {part} | {', '.join(f'`{one}`' for one in sorted(actions))} |"
        for part, actions in table.GRANTED.items()
    ]
    lines += ["", "### Whom a citizen can keep out", "", "| country | organisations | source | checked |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [
        f"| {country} | {', '.join(sorted(law.roles))} | {law.source} | {'yes' if law.verified else 'no'} |"
        for country, law in table.BLOCKING.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(_rendered())
