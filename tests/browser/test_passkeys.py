"""A passkey, made and used in a real browser with an authenticator of its own."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from playwright.async_api import Browser, Page, expect

from accounts.models import User
from audit.models import Event
from tests.browser.breaches import breaches
from tests.cast import PASSWORD, Cast
from tests.rows import in_thread
from tests.site import Site

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def test_a_passkey_replaces_the_password(site: Site, cast: Cast, browser: Browser) -> None:
    user = cast.bob.user
    await in_thread(EmailAddress.objects.create, user=user, email=user.email, verified=True, primary=True)
    # Passkeys belong to a name, not to a number.
    home = site.url.replace("127.0.0.1", "localhost")
    page = await (await browser.new_context()).new_page()
    broken = await breaches(page)
    page.on("pageerror", lambda error: broken.append(str(error)))
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await page.goto(f"{home}/account/login/")
    await page.get_by_label("mail").fill(user.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url("**/o/**")
    await _add(page, home)
    await page.goto(f"{home}/account/logout/")
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(f"{home}/account/login/")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.wait_for_url("**/o/**")
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    assert not broken
    told = await in_thread(_actions_of, user)
    assert told >= {"accounts.second_factor.added", "accounts.signed_in", "accounts.reauthenticated"}


def _actions_of(user: User) -> set[str]:
    return set(Event.objects.filter(actor_id=user.id).values_list("action", flat=True))


async def _add(page: Page, home: str) -> None:
    await page.goto(f"{home}/account/2fa/webauthn/add/")
    # What keeps people out is asked for once more before it is changed.
    if await page.get_by_label("Password").count():
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Confirm").click()
    await page.get_by_label("Name").fill("Bob's laptop")
    passwordless = page.get_by_role("checkbox")
    if await passwordless.count():
        await passwordless.first.check()
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.wait_for_url(lambda url: "/add/" not in url)
