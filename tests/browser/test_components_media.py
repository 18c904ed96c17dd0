"""What a job made is really heard and seen, by links that open one file each."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.office import Office
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOW = """async ([id, token]) => {
  await import("/assets/components.js");
  const [client, player] = ["jobs-client", "job-player"].map((name) => document.createElement(name));
  client.token = token;
  player.setAttribute("job-id", id);
  client.append(player);
  document.body.replaceChildren(client);
}"""


@pytest.mark.slow
async def test_sound_and_picture_of_a_user_are_played_by_links_and_the_token_is_in_no_address(
    secured: ServerProcess, office: Office, session: ClientSession, visit: Visit
) -> None:
    job_id, token = await office.submit("media", user_id="anna"), await office.token("anna", "read")
    await visit.page.goto(f"{secured.url}/login")
    await visit.page.evaluate(SHOW, [job_id, token])
    sound, picture = visit.page.locator("job-player audio"), visit.page.locator("job-player img")
    await expect(sound).to_have_js_property("duration", 0.5)
    await expect(picture).to_have_js_property("naturalWidth", 1)
    for node, name in ((sound, "tone.wav"), (picture, "dot.png")):
        address = await node.evaluate("node => node.src")
        assert re.fullmatch(rf"{secured.url}/api/v1/jobs/{job_id}/artifacts/{name}\?link=[^&]+&inline=1", address)
        async with session.get(address) as answer:
            assert answer.status == 200, "the link is good for who has it"
        async with session.get(address.partition("?")[0]) as answer:
            assert answer.status == 401
    assert not [address for address in visit.requests if token in address]
    assert visit.faults == []
