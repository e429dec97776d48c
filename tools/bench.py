"""`./run bench NAME`: runs `bench/NAME.py`, or lists what there is."""

import ast
import compileall
import subprocess
import sys
from pathlib import Path

FOLDER = Path("bench")


def available() -> dict[str, str]:
    """Benchmarks by name, each with the first line of its module's docstring."""
    found = {}
    for path in sorted([*FOLDER.glob("*.py"), *FOLDER.glob("*/__main__.py")]):
        name = path.parent.name if path.name == "__main__.py" else path.stem
        if not name.startswith("_"):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            found[name] = text.partition("\n")[0]
    return found


def main(arguments: list[str]) -> int:
    """Run one benchmark with its arguments; gives its exit code."""
    known = available()
    if not arguments:
        for name, meaning in known.items():
            print(f"{name:12} {meaning}")
        return 0
    if arguments[0] not in known:
        print(f"no benchmark {arguments[0]}; there are: {', '.join(known) or 'none yet'}", file=sys.stderr)
        return 2
    compileall.compile_dir("src", quiet=1)  # as it is when installed, also where no bytecode may be written
    command = [sys.executable, "-m", f"bench.{arguments[0]}", *arguments[1:]]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
