"""One story through four roles, from the admission until the citizen has read it all.

Every step is taken without JavaScript, by keyboard, on a phone's width; then axe looks at the pages. Each
role works in a language of its own; where NAER_LANGUAGES is set the story is told three times, every role in
every language.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import LANGUAGES, NewContext, Site, run, serve
from tests.e2e.test_accessible import check

SPOKEN = ("da", "nb", "en")
ROLES = ("ole", "dennis", "grete", "aage")
"""Coordinator, hospital, GP, citizen: one language after the other."""
TELLINGS = range(len(SPOKEN) if "NAER_LANGUAGES" in os.environ else 1)
PHONE = {"width": 390, "height": 844}
GOAL = "Jeg vil selv hente avisen"


class Walk:
    """Somebody at work in the browser: what they press has focus first, and is pressed by Enter."""

    def __init__(self, context: BrowserContext, key: str, language: str) -> None:
        self.page: Page = context.new_page()
        self.key, self.language = key, language

    def open(self, address: str) -> None:
        """Go to a page of the citizen's; K stands for the citizen's key. Nothing scrolls sideways."""
        answer = self.page.goto(address.replace("K", self.key))
        assert answer is not None
        assert answer.status == 200, address
        assert self.page.locator("html").get_attribute("lang") == self.language
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"{address} is {wide} px wide"

    def press(self, what: str) -> None:
        """Press a link or button."""
        found = self.page.locator(what).first
        found.focus()
        expect(found).to_be_focused()
        before = self.page.url
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        assert not self.page.locator(".field__error").count(), (
            before,
            self.page.locator("main").inner_text(),
        )

    def fill(self, address: str, **fields: str) -> None:
        """Open a form, fill it, and send it."""
        self.open(address)
        for name, value in fields.items():
            field = self.page.locator(f"main form [name={name}]").first
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            elif (kind := field.get_attribute("type")) in ("radio", "checkbox"):
                value = f"[value={value}]" if kind == "radio" else ""
                box = self.page.locator(f"main form [name={name}]{value}")
                box.focus()
                self.page.keyboard.press("Space")
                expect(box).to_be_checked()
            else:
                field.fill(value)
        self.press("main form:has([name]:not([type=hidden])) button[type=submit]")


def ago(walk: Walk, address: str, hours: int) -> str:
    """A time before the one that a form begins with, as its field takes it."""
    walk.open(address)
    now = dt.datetime.fromisoformat(walk.page.locator("main [name=at]").input_value())
    return (now - dt.timedelta(hours=hours)).isoformat(timespec="minutes")


Somebody = Callable[[str], Walk]


@pytest.fixture(scope="module", params=TELLINGS)
def telling(request: pytest.FixtureRequest) -> int:
    """The how manieth time the story is told."""
    return int(request.param)


@pytest.fixture(scope="module")
def site(site: Site, telling: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where nothing has happened to the citizen: one of its own from the second time on."""
    if not telling:
        yield site
        return
    database = tmp_path_factory.mktemp("story") / "naer.sqlite3"
    seeded = run(database, "seed.py")
    for url in serve(database):
        yield Site(url, seeded)


@pytest.fixture
def somebody(new_context: NewContext, site: Site, telling: int) -> Somebody:
    """Opens a browser for somebody, once each."""
    known: dict[str, Walk] = {}
    languages = {who: SPOKEN[(place + telling) % len(SPOKEN)] for place, who in enumerate(ROLES)}

    def walk(who: str) -> Walk:
        if who not in known:
            language = languages[who]
            context = new_context(who, language, locale=language, viewport=PHONE, java_script_enabled=False)
            known[who] = Walk(context, str(site.seeded["story"]), language)
        return known[who]

    return walk


def test_from_the_admission_until_the_citizen_reads_it(
    somebody: Somebody, new_context: NewContext, site: Site
) -> None:
    town, ward = somebody("ole"), somebody("dennis")
    yesterday, before = (ago(ward, "/notify/", hours) for hours in (26, 2))
    ward.fill(
        "/notify/", number=str(site.seeded["story-number"]), name="Aage Prøvesen", code="STIN", at=yesterday,
        receiver="999000000000851",
    )  # fmt: skip

    town.fill("/citizens/K/plan/", how="oral", sure="on")
    town.fill("/citizens/K/plan/new/?kind=goal", text=GOAL, state="active")

    ward.fill("/citizens/K/record/?kind=ready_for_discharge", at=before)
    town.fill("/citizens/K/can-receive/", can="no", text="Vi mangler en plads", phone="12345678")
    ward.open("/discharge/K/")
    ward.press("#next a[href*='kind=acute_referral']")
    ward.press("main form button[type=submit]")

    ward.fill("/discharge/K/medicines/after/",
              **{"m-0-name": "Furix", "m-0-dose": "1 morgen"})  # fmt: skip
    town.open("/discharge/K/medicines/")
    town.page.locator("details.act summary").focus()
    town.page.keyboard.press("Enter")
    town.page.locator("select[name$=decision]").select_option("new")
    town.press("details.act button[type=submit]")

    town.open("/discharge/K/")
    town.press("#next button[value=receive]")
    ward.fill("/discharge/K/agree/", place="home", phone="12345678")
    if ward.page.locator("input[name=sure]").count():
        ward.press("main form button[type=submit]")
    ward.fill("/citizens/K/notify/?code=SLHJ")
    town.open("/discharge/K/")
    town.press("#next a[href*='kind=home_visit']")
    town.press("main form button[type=submit]")

    practice = somebody("grete")
    practice.open("/practice/")
    expect(practice.page.locator("main")).to_contain_text("Aage Prøvesen")

    town.fill("/citizens/K/deviations/new/", counterpart="999000000000012", what="Medicinlisten kom sent")
    about = town.page.url
    ward.open(about)
    expect(ward.page.locator("main")).to_contain_text("Medicinlisten kom sent")

    own = somebody("aage")
    own.open("/own/K/")
    for told in (GOAL, "Furix", "Ole Nabo"):
        expect(own.page.locator("main")).to_contain_text(told)

    for who, addresses in {
        "ole": ["/discharge/", "/discharge/K/", "/discharge/K/medicines/", "/citizens/K/plan/", about],
        "aage": ["/own/K/", "/own/K/log/", "/own/K/sharing/"],
    }.items():
        for language in LANGUAGES:
            context = new_context(who, language, locale=language, bypass_csp=True)
            page = context.new_page()
            wrong = [
                one
                for address in addresses
                for one in check(page, address.replace("K", own.key), unfolded=True)
            ]
            assert wrong == []
    for language in ("en", "da", "nb"):
        context = new_context("aage", language, locale=language)
        page = context.new_page()
        page.goto(f"/own/{own.key}/")
        assert page.locator("html").get_attribute("lang") == language
        expect(page.locator("main")).to_contain_text(GOAL)
