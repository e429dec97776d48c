"""`./run check`: everything that must hold before a commit, one line for each step.

All steps run even when one fails; the exit code is 1 if any did. Names of steps as arguments
choose among them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tools import tracked

PYTHON = sys.executable
_MOST_LINES = 40
"""Of a failing step's output, when several steps run."""
_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "naer.site.settings",
    "NAER_MODE": "production",
    "NAER_DATABASE": "sqlite:///:memory:",
    "NAER_SECRET_KEY": "only for the check, " + "x" * 50,
    "NAER_NUMBER_KEY": "only for the check, " + "x" * 50,
    "NAER_HOSTS": "naer.example",
}
_TEST = {"DJANGO_SETTINGS_MODULE": "tests.settings"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must hold: a command that exits 0, or a function that lists what is wrong."""

    name: str
    run: tuple[str, ...] | Callable[[], list[str]]
    environment: dict[str, str] = field(default_factory=dict)


STEPS = (
    Step("lint", ("ruff", "check", "--quiet", "--output-format", "concise", ".")),
    Step("format", ("ruff", "format", "--check", "--quiet", "--output-format", "concise", ".")),
    Step("types", ("mypy", "--no-error-summary")),
    Step("layers", ("lint-imports",)),
    Step("migrations", (PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"), _TEST),
    Step(
        "deploy",
        (PYTHON, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"),
        _PRODUCTION,
    ),
    Step("translations", (PYTHON, "-m", "naer.site.ui.translations", "--check"), _TEST),
    Step("docs", (PYTHON, "-m", "tools.docs", "--check"), _TEST),
    Step("file-size", tracked.too_large),
    Step("person-numbers", tracked.person_numbers),
)


def main(names: list[str]) -> int:
    """Run the steps named, or all; gives the exit code."""
    known = {step.name: step for step in STEPS}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no step {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = [step.name for step in STEPS if (not names or step.name in names) and not _passes(step)]
    if failed:
        print(f"check failed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(step: Step) -> bool:
    begun = time.monotonic()
    if callable(step.run):
        wrong = step.run()
        good, output = not wrong, "\n".join(wrong)
    else:
        environment = os.environ | {"PYTHONPATH": os.getcwd()} | step.environment
        done = subprocess.run(
            step.run,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        good, output = done.returncode == 0, done.stdout.strip()
    print(f"{'ok' if good else 'FAILED':6} {step.name:15} {time.monotonic() - begun:6.1f} s", flush=True)
    if not good:
        lines = output.splitlines()
        if len(lines) > _MOST_LINES:
            print(f"       … {len(lines) - _MOST_LINES} lines before; alone: ./run check {step.name}")
        print("\n".join(f"       {line}" for line in lines[-_MOST_LINES:]), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
