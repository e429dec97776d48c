"""Conversations in a browser: read, answer, take back, and read a municipality's answer."""

from playwright.sync_api import expect

from tests.e2e.conftest import NewContext, Site


def test_read_answer_and_take_back(new_context: NewContext, site: Site) -> None:
    """Without JavaScript, from the list to the answer that is taken back before it leaves."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="Conversations", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conversations")
    page.get_by_role("link", name="Dosisdispensering").click()
    expect(page.locator(".talk__item")).to_have_count(1)
    expect(page.locator(".talk__new")).to_have_text("Unread")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_label("Message", exact=True)).to_have_attribute("required", "")
    page.get_by_label("Message", exact=True).fill("Ja, hjemmesygeplejen doserer.")
    page.get_by_label("Telephone").fill("+45 12 34 56 78")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator(".said")).to_contain_text("Your reply leaves in a minute.")
    expect(page.locator(".talk__item")).to_have_count(2)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".said")).to_contain_text("It was never sent.")
    expect(page.locator(".talk__item").last).to_contain_text("Given up")
    page.get_by_role("button", name="Mark as unread").click()
    expect(page.get_by_role("link", name="Dosisdispensering")).to_be_visible()


def test_a_file_is_saved(new_context: NewContext, site: Site) -> None:
    page = new_context().new_page()
    page.goto(f"/conversations/{site.seeded['talk']}/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Fund fra fysioterapien.pdf").click()
    assert saved.value.suggested_filename.endswith(".pdf")
    assert saved.value.path().read_bytes().startswith(b"%PDF-")


def test_a_person_reads_the_answer_of_the_municipality(new_context: NewContext, site: Site) -> None:
    page = new_context("doris").new_page()
    page.goto(f"/conversations/{site.seeded['talk']}/")
    expect(page.get_by_label("The municipality can receive the citizen")).to_be_checked()
    expect(page.get_by_label("From when")).to_have_value("2026-12-01T10:00")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Recorded: yes, it can.")


def test_write_by_keyboard_and_see_what_is_missing(new_context: NewContext, site: Site) -> None:
    page = new_context().new_page()
    page.goto(f"/citizens/{site.seeded['citizen']}/")
    page.locator("#write").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Write a message")
    page.get_by_label("To", exact=True).select_option(label="Aalborg Prøvekommune")
    page.get_by_label("What it is about").select_option(label="Something else")
    page.get_by_label("Message", exact=True).fill("Hej")
    page.get_by_label("Telephone").fill("12345678")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".field__error")).to_have_count(2)
    page.get_by_label("Subject").fill("Nøgle")
    page.get_by_label("They take part in the care of this citizen").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nøgle")
