"""A real server on a database of its own, and a browser. Nothing in these tests reaches into the server."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.tables import template

ROOT = Path(__file__).resolve().parents[2]
NewContext = Callable[..., BrowserContext]
LANGUAGES = os.environ.get("NAER_LANGUAGES", "nb").split(",")
"""The languages in which axe looks at every page: the one with the longest words unless said, for time."""


@dataclass(frozen=True)
class Site:
    """A running site: where it is, and what was put into it (see `seed.py`)."""

    url: str
    seeded: dict[str, Any]

    def post(self, data: bytes) -> int:
        """Send a message as a hospital's system does; the HTTP status."""
        request = urllib.request.Request(
            f"{self.url}/messages/", data, {"Content-Type": "application/fhir+json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)


def environment(database: Path) -> dict[str, str]:
    """For processes on a database of their own, in demo mode."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAER_")}
    return kept | {
        "NAER_MODE": "demo",
        "NAER_DATABASE": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "naer.site.settings",
        "PYTHONPATH": str(ROOT),
    }


def run(database: Path, script: str) -> dict[str, Any]:
    """What a seeding script prints, that fills an empty database: one JSON object."""
    shutil.copy(template(), database)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "e2e" / script)],
        env=environment(database),
        cwd=database.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def serve(database: Path) -> Iterator[str]:
    """A server on `database`; its address."""
    yield from _start(database, "serve")


def demo(database: Path, now: str, citizens: int) -> Iterator[str]:
    """The demo, in a region of its own with so many citizens where it is `now`; its address.

    It is counted before it is served: the process that does so beside a server waits for idle cores.
    """
    shutil.copy(template(), database)
    for command in (("demo", "--no-serve", "--citizens", str(citizens)), ("results",)):
        subprocess.run(
            [sys.executable, "-m", "naer.cli.main", *command, "--now", now],
            env=environment(database),
            cwd=database.parent,
            capture_output=True,
            check=True,
        )
    yield from _start(database, "demo", "--no-open", "--now", now)


def _start(database: Path, *command: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (database.parent / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "naer.cli.main", *command, "--port", str(port)],
        env=environment(database),
        cwd=database.parent,
        stdout=log,
        stderr=log,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, process, log.name)
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _await(url: str, process: subprocess.Popen[bytes], log: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/health/", timeout=2):
                return
        except OSError:
            assert process.poll() is None, Path(log).read_text()
            time.sleep(0.2)
    raise AssertionError(f"the server did not start: {Path(log).read_text()}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the small place in it, in every state that a page can show."""
    database = tmp_path_factory.mktemp("e2e") / "naer.sqlite3"
    seeded = run(database, "seed.py")
    for url in serve(database):
        yield Site(url, seeded)


def sign_in(context: BrowserContext, who: str) -> None:
    """Sign somebody in without a window; test_results.py presses the button."""
    form = context.request.get("/sign-in/").text()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert found is not None
    answer = context.request.post(
        "/sign-in/demo/",
        form={"username": who, "csrfmiddlewaretoken": found[1]},
        max_redirects=0,
    )
    assert answer.status == 302, answer.text()


@pytest.fixture
def new_context(browser: Browser, site: Site) -> Iterator[NewContext]:
    """Makes browser contexts, signed in as somebody; what goes wrong in a page fails the test."""
    made: list[BrowserContext] = []
    wrong: list[str] = []

    def make(who: str = "mette", language: str = "en", **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=site.url, **options)
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "naer_language", "value": language, "url": site.url}])
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("console", lambda line: wrong.append(line.text) if _bad(line.type, line.text) else None)
        made.append(context)
        if who:
            sign_in(context, who)
        return context

    yield make
    for context in made:
        context.close()
    assert wrong == []


def _bad(kind: str, text: str) -> bool:
    """A page's own error, or a refusal of the content policy; a 404 or 422 that a test asks for is none."""
    return kind == "error" and "Failed to load resource" not in text


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """A page of the coordinator's, in English."""
    return new_context().new_page()
