"""How an operator gets in and out in a browser, and what the page says to whom it does not know any more."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import EVIL, RIGHTS, OpenServer, Visit
from tests.browser.office import Office
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MORE = [("dark", 1280), ("light", 1280), ("dark", 360)]  # looks that only the long form looks at

FOREIGN = [
    f"https://{EVIL}/", f"//{EVIL}/", f"/\\{EVIL}/", f"/\t/{EVIL}/", f"\\\\{EVIL}", "javascript:alert(1)",
    f"http:{EVIL}", EVIL, "http://", "",
]  # fmt: skip
LIVE = re.compile("Live")


async def enter(page: Page, key: str) -> None:
    """Type a key and send it, by the keyboard alone."""
    await expect(page.get_by_label("API key")).to_be_focused()
    await page.keyboard.type(key)
    await page.keyboard.press("Enter")


async def sign_in(page: Page, server: ServerProcess, office: Office) -> None:
    """Get in as an operator, up to the live page."""
    await page.goto(server.url)
    async with page.expect_response("**/stats/counts"):  # the last that the page asks by itself
        await enter(page, await office.key())
    await expect(page.locator("#connection")).to_have_text(LIVE)
    await expect(page.locator("#account")).to_contain_text("Signed in: laptop")


async def test_who_is_not_signed_in_meets_the_form_and_gets_to_the_page_with_a_key(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    await visit.page.goto(secured.url)
    await expect(visit.page).to_have_url(f"{secured.url}/login")
    await expect(visit.page.get_by_text("jobrunner key create NAME --scope admin")).to_be_visible()
    key = await office.key(name="laptop of Ada")
    await enter(visit.page, key)
    await expect(visit.page).to_have_url(f"{secured.url}/")
    await expect(visit.page.locator("#connection")).to_have_text(LIVE)
    await expect(visit.page.locator("#account")).to_contain_text("Signed in: laptop of Ada")
    assert visit.faults == []
    assert not [address for address in visit.requests if key in address]


@pytest.mark.slow
async def test_no_script_can_read_what_signing_in_leaves_behind(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    await sign_in(visit.page, secured, office)
    left = "[document.cookie, localStorage.length, sessionStorage.length, document.querySelector('#key')]"
    assert await visit.page.evaluate(left) == ["", 0, 0, None]
    (cookie,) = await visit.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


@pytest.mark.parametrize(
    ("scopes", "words"), [(None, re.compile("key", re.IGNORECASE)), (("read",), re.compile("admin"))]
)
@pytest.mark.slow
async def test_a_key_that_opens_nothing_is_refused_in_the_words_of_the_server(
    secured: ServerProcess, office: Office, visit: Visit, scopes: tuple[str, ...] | None, words: re.Pattern[str]
) -> None:
    await visit.page.goto(f"{secured.url}/login")
    await enter(visit.page, "jr_nobody_nothing" if scopes is None else await office.key(*scopes))
    field = visit.page.get_by_label("API key")
    await expect(visit.page.get_by_role("alert")).to_have_text(words)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(words)
    await expect(field).to_be_focused()
    await expect(visit.page).to_have_url(f"{secured.url}/login")
    assert await office.sessions() == []
    await visit.page.keyboard.type(await office.key())
    await expect(field).not_to_have_attribute("aria-invalid", "true")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page).to_have_url(f"{secured.url}/")


@pytest.mark.slow
async def test_no_key_at_all_asks_for_one_without_asking_the_server(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    await visit.page.goto(f"{secured.url}/login")
    before = len(visit.requests)
    await visit.page.get_by_role("button", name="Sign in").click()
    await expect(visit.page.get_by_role("alert")).to_have_text("Enter the API key.")
    await expect(visit.page.get_by_label("API key")).to_be_focused()
    assert visit.requests[before:] == []


@pytest.mark.slow
async def test_a_server_that_is_away_is_told_by_words(secured: ServerProcess, office: Office, visit: Visit) -> None:
    await visit.page.goto(f"{secured.url}/login")
    key = await office.key()
    secured.kill()
    await enter(visit.page, key)
    await expect(visit.page.get_by_role("alert")).to_have_text("The server cannot be reached.")
    await expect(visit.page.get_by_role("button")).to_have_text("Sign in")


@pytest.mark.slow
async def test_signing_in_leads_to_the_page_that_was_wanted_if_it_is_ours(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    key = await office.key()
    for wanted in ("/?jobs=mine#here", "/login?next=%2F"):
        await visit.page.goto(f"{secured.url}/login?{urlencode({'next': wanted})}")
        await enter(visit.page, key)
        await expect(visit.page).to_have_url(f"{secured.url}{wanted}")
    for wanted in FOREIGN:
        await visit.page.goto(f"{secured.url}/login?{urlencode({'next': wanted})}")
        await enter(visit.page, key)
        await expect(visit.page).to_have_url(f"{secured.url}/")
    assert {urlsplit(address).netloc for address in visit.requests} <= {urlsplit(secured.url).netloc, ""}


@pytest.mark.slow
async def test_signing_out_ends_the_session_and_the_way_back(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    await sign_in(visit.page, secured, office)
    await visit.page.get_by_role("button", name="Sign out").press("Enter")
    await expect(visit.page).to_have_url(f"{secured.url}/login")
    assert await office.sessions() == []
    assert await visit.page.context.cookies() == []
    await visit.page.goto(secured.url)
    await expect(visit.page).to_have_url(f"{secured.url}/login")


@pytest.mark.slow
async def test_who_is_signed_out_from_elsewhere_is_told_so_keeps_what_is_shown_and_gets_back_by_a_link(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    page = visit.page
    await office.submit("plain", title="Kept")
    await sign_in(page, secured, office)
    await expect(page.get_by_role("heading", name="Kept")).to_be_visible()
    await office.revoke_sessions()
    await expect(page.locator("#signed-out")).to_be_visible()
    await expect(page.locator("#connection")).to_contain_text("Stopped")
    await expect(page.get_by_role("status")).to_contain_text("Signed out.")
    await expect(page.get_by_role("heading", name="Kept")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    await page.get_by_role("link", name="Sign in").click()
    await expect(page).to_have_url(f"{secured.url}/login?next=%2F")
    await enter(page, await office.key())
    await expect(page.get_by_role("heading", name="Kept")).to_be_visible()


@pytest.mark.slow
async def test_a_page_is_live_again_when_one_has_signed_in_beside_it(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    await sign_in(visit.page, secured, office)
    await office.revoke_sessions()
    await expect(visit.page.locator("#signed-out")).to_be_visible()
    await sign_in(await visit.page.context.new_page(), secured, office)
    await visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as on coming back to a tab
    await expect(visit.page.locator("#connection")).to_have_text(LIVE)
    await expect(visit.page.locator("#account")).to_contain_text("Signed in")
    await expect(visit.page.locator("#signed-out")).to_be_hidden()


@pytest.mark.slow
async def test_below_a_base_path_one_gets_in_and_out_and_never_above_it(
    open_server: OpenServer, session: ClientSession, visit: Visit
) -> None:
    server = open_server(**RIGHTS, JOBRUNNER_SERVER__BASE_PATH="/runner")
    await visit.page.goto(f"{server.url}/login?next=/elsewhere")
    await enter(visit.page, await Office(server, session).key())
    await expect(visit.page).to_have_url(f"{server.url}/")
    await expect(visit.page.locator("#connection")).to_have_text(LIVE)
    await visit.page.get_by_role("button", name="Sign out").click()
    await expect(visit.page).to_have_url(f"{server.url}/login")
    assert await visit.page.context.cookies() == []
    await visit.page.goto(f"{server.url}/")
    await expect(visit.page).to_have_url(f"{server.url}/login")


@pytest.mark.slow
async def test_any_refused_call_tells_that_one_is_signed_out_and_what_was_typed_stays(
    secured: ServerProcess, office: Office, visit: Visit
) -> None:
    page = visit.page
    await sign_in(page, secured, office)
    await page.get_by_role("link", name="New job").first.click()
    await page.get_by_label("Type", exact=True).select_option("plain")
    await page.get_by_label("Title").fill("Not lost")
    await page.context.clear_cookies()  # the stream lives on, and says nothing
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator("#signed-out")).to_be_visible()
    await expect(page.get_by_label("Title")).to_have_value("Not lost")
    assert await office.titles() == []


@pytest.mark.slow
async def test_an_operator_sees_who_is_signed_in_and_signs_the_others_out(
    secured: ServerProcess, office: Office, visit: Visit, browser: Browser
) -> None:
    page, other = visit.page, await browser.new_page()
    await sign_in(page, secured, office)
    await other.goto(secured.url)
    await enter(other, await office.key(name="lost phone"))
    await expect(other.locator("#account")).to_contain_text("lost phone")
    await page.get_by_role("button", name="Sessions").press("Enter")
    dialog = page.get_by_role("dialog", name="Sessions")
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    await expect(dialog).to_contain_text("laptop (this browser)")
    await expect_sound(page)
    await dialog.get_by_role("button", name="Revoke").press("Enter")
    await expect(dialog.get_by_role("listitem")).to_have_count(1)
    await expect(dialog.get_by_role("heading")).to_be_focused()
    await expect(other.locator("#signed-out")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("button", name="Sessions")).to_be_focused()
    await expect(page.locator("#connection")).to_have_text(LIVE)
    assert visit.faults == []


@pytest.mark.slow
async def test_a_page_that_is_open_to_everybody_says_so_all_the_time_and_others_do_not(
    open_server: OpenServer, secured: ServerProcess, office: Office, visit: Visit
) -> None:
    warning = visit.page.get_by_text("Not secured: anybody who reaches this address may do everything.")
    await sign_in(visit.page, secured, office)
    await expect(warning).to_be_hidden()
    await visit.page.goto(open_server().url)
    await expect(visit.page.locator("#connection")).to_have_text(LIVE)
    await expect(visit.page.get_by_role("button", name="Sign out")).to_be_hidden()
    await expect(warning).to_be_hidden()
    await visit.page.goto(open_server(JOBRUNNER_SERVER__INSECURE="true").url)
    await expect(warning).to_be_visible()
    await expect_sound(visit.page)


@pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 360), *(pytest.param(*look, marks=pytest.mark.slow) for look in MORE)],
)
@pytest.mark.slow
async def test_axe_finds_nothing_on_the_way_in(
    secured: ServerProcess, office: Office, visit: Visit, scheme: str, width: int
) -> None:
    page = visit.page
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{secured.url}/login")
    await expect_sound(page)
    await enter(page, "wrong")
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await expect_sound(page)
    await sign_in(page, secured, office)
    await expect(page.locator("#account")).to_contain_text("Signed in")
    await expect_sound(page)
    await office.revoke_sessions()
    await expect(page.locator("#signed-out")).to_be_visible()
    await expect_sound(page)


async def expect_sound(page: Page) -> None:
    """Let axe look at the page, and see that it does not scroll sideways."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
