"""When the client asks for a token, which one it sends, and when it gives up; against a server with rights."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page

from tests.browser.conftest import OpenServer, Visit
from tests.browser.office import Office
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CALL = "client.call('GET', 'jobs')"  # `list` would remember the answer
FAILURE = "(error) => [error.status, error.code, error.message]"


class Issuer:
    """Hands out what is planned, then good tokens; counts."""

    def __init__(self, page: Page, office: Office) -> None:
        self._page, self._office = page, office
        self.planned: list[str | None] = []
        self.expires_in = 3_600
        self.asked = 0

    async def issue(self) -> str:
        self.asked += 1
        if self.planned:
            token = self.planned.pop(0)
            assert token is not None, "the back end is away"
            return token
        return await self._office.token("anna", "read", expires_in=self.expires_in)

    async def evaluate(self, script: str) -> Any:
        """Run a script that has a `client` with our tokens."""
        with_client = f"""async () => {{
          const {{ createClient }} = await import("/assets/jobrunner.js");
          const client = (window.tokened ??= createClient({{ token: () => issue() }}));
          return await ({script});
        }}"""
        return await self._page.evaluate(with_client)


@pytest_asyncio.fixture(loop_scope="module")
async def issuer(secured: ServerProcess, office: Office, visit: Visit) -> Issuer:
    issuer = Issuer(visit.page, office)
    await visit.page.goto(f"{secured.url}/login")
    await visit.page.expose_function("issue", issuer.issue)
    return issuer


@pytest.mark.slow
async def test_nothing_is_asked_before_the_first_call_and_ten_calls_at_once_share_one_token(issuer: Issuer) -> None:
    await issuer.evaluate("null")
    assert issuer.asked == 0
    sizes = await issuer.evaluate(
        "Promise.all(Array.from({ length: 10 }, () => client.list().then((p) => p.jobs.length)))"
    )
    assert sizes == [0] * 10
    assert issuer.asked == 1


async def test_a_token_is_renewed_at_four_fifths_of_its_life_and_serves_on_if_none_comes(
    issuer: Issuer, visit: Visit
) -> None:
    await visit.page.clock.install()
    issuer.expires_in = 100
    await issuer.evaluate(CALL)
    await visit.page.clock.fast_forward(75_000)
    await issuer.evaluate(CALL)
    assert issuer.asked == 1
    issuer.planned = [None]
    await visit.page.clock.fast_forward(10_000)
    await issuer.evaluate(CALL)
    assert issuer.asked == 2
    await issuer.evaluate(CALL)
    assert issuer.asked == 3
    await issuer.evaluate(CALL)
    assert issuer.asked == 3


@pytest.mark.slow
async def test_a_refused_token_is_renewed_once_for_all_calls_that_met_the_refusal(
    issuer: Issuer, secured: ServerProcess, open_server: OpenServer, session: ClientSession
) -> None:
    foreign = await Office(open_server(), session).token("anna", "read")
    issuer.planned = [foreign]
    sizes = await issuer.evaluate(
        "Promise.all(Array.from({ length: 5 }, () => client.list().then((p) => p.jobs.length)))"
    )
    assert sizes == [0] * 5
    assert issuer.asked == 2
    issuer.planned = [foreign, foreign, foreign]
    failed = f"client.list().then(() => null, {FAILURE})"
    await issuer.evaluate("delete window.tokened")
    status, code, _message = await issuer.evaluate(failed)
    assert (status, code) == (401, "unauthorized")
    assert issuer.asked == 4


@pytest.mark.slow
async def test_a_back_end_that_gives_no_token_is_asked_three_times_and_its_words_are_not_ours(issuer: Issuer) -> None:
    issuer.planned = [None, None, None, None]
    failed = await issuer.evaluate(f"client.list().then(() => null, {FAILURE})")
    assert failed == [0, "no-token", "No token could be had."]
    assert issuer.asked == 3


@pytest.mark.parametrize(
    "token", ["line\\nbreak", *(pytest.param(each, marks=pytest.mark.slow) for each in ("blank space", "größe", ""))]
)
@pytest.mark.slow
async def test_what_no_header_can_carry_is_refused_and_not_quoted(issuer: Issuer, token: str) -> None:
    issuer.planned = [token.replace("\\n", "\n")] * 3
    failed = await issuer.evaluate(f"client.list().then(() => null, {FAILURE})")
    assert failed == [401, "bad-token", "The token cannot be sent in a header."]
    given = await issuer.evaluate(
        f'Promise.resolve().then(() => createClient({{ token: "{token}" }})).then(null, {FAILURE})'
    )
    assert given == failed


@pytest.mark.slow
async def test_a_stream_stops_and_says_so_when_its_token_ends_and_no_other_can_follow(
    issuer: Issuer, office: Office, visit: Visit
) -> None:
    token = await office.token("anna", "read", expires_in=2)
    watch = """(token) => new Promise((resolve) => {
      const said = [];
      const client = createClient({ token });
      client.connection.addEventListener("change", () => said.push(client.connection.state));
      client.watch({}, { failed: ({ code }) => resolve([code, said.includes("live"), said.at(-1)]) });
    })"""
    assert await issuer.evaluate(f'({watch})("{token}")') == ["expired", True, "stopped"]
    issuer.planned = [await office.token("anna", "cancel")]
    assert await issuer.evaluate(f"({watch})(issue)") == ["forbidden", False, "stopped"]


@pytest.mark.slow
async def test_a_token_goes_without_the_cookie_and_a_cookie_with_a_word_that_no_form_can_send(
    issuer: Issuer, office: Office, visit: Visit
) -> None:
    await visit.page.get_by_label("API key").fill(await office.key())
    await visit.page.keyboard.press("Enter")
    await visit.page.wait_for_selector("#account:not([hidden])")
    assert (await issuer.evaluate("client.session()"))["kind"] == "user"
    assert (await issuer.evaluate("createClient().session()"))["kind"] == "operator"
    async with visit.page.expect_request(lambda request: request.method == "POST") as posted:
        await issuer.evaluate("createClient().submit({ type: 'plain', payload: {} })")
    assert (await (await posted.value).all_headers())["x-requested-with"] == "jobrunner"
    async with visit.page.expect_request(lambda request: request.method == "POST") as posted:
        await issuer.evaluate("client.submit({ type: 'plain', payload: {} }).catch(() => null)")
    known = await (await posted.value).all_headers()
    assert "x-requested-with" not in known
    assert "cookie" not in known
