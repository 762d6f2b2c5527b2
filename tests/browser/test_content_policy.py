"""The content policy, as a browser keeps it."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, Route

from tests.browser.breaches import breaches
from tests.site import Site


async def test_a_script_without_the_nonce_does_not_run_on_the_account_pages(site: Site, browser: Browser) -> None:
    async def slip_in(route: Route) -> None:
        answer = await route.fetch()
        html = await answer.text()
        ours = re.search(r'src="(/static/theme[^"]+)"', html)
        assert ours
        strange = f'<script src="{ours[1]}?strange"></script><script>document.title = "strange"</script></body>'
        await route.fulfill(response=answer, body=html.replace("</body>", strange))

    page = await browser.new_page()
    found = await breaches(page)
    await page.route("**/account/login/", slip_in)
    await page.goto(f"{site.url}/account/login/")
    async with asyncio.timeout(60):
        while len(found) < 2:
            await asyncio.sleep(0.01)
    assert [one.split("script-src-elem ")[1].split()[0].rpartition("?")[2] for one in found] == ["strange", "inline"]
    assert await page.title() != "strange"
    await page.close()
