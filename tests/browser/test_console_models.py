"""Assistants, schemas and rules in a real browser: made, tried, changed by two at once, on a desk and on a phone."""

from __future__ import annotations

import uuid

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts.models import Role
from inference.actions.presets import PresetDraft, create_preset
from inference.models import ChatModel, Endpoint, Preset, SchemaVersion
from tests.browser.accessibility import DESKTOP, PHONE, assert_none, barriers
from tests.browser.chat_page import enter
from tests.browser.console_page import address
from tests.browser.pictures import photograph
from tests.cast import Cast, join, person
from tests.rows import in_thread
from tests.site import Site

pytestmark = pytest.mark.usefixtures("registry")
INVOICE = """{
  "type": "object",
  "properties": {
    "number": {"type": "string"},
    "total": {"type": "number", "minimum": 0}
  },
  "required": ["number", "total"],
  "additionalProperties": false
}"""
TOOLS = """[{
  "type": "function",
  "function": {
    "name": "find_customer",
    "description": "Finds a customer by name.",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
  }
}]"""


def furnish(cast: Cast) -> ChatModel:
    """Show the organization a model that can everything, and one whose server is away."""
    found = {"model": "hermes", "context_length": 40960, "reasoning": True, "tools": True, "schema": True}
    models = []
    for name, health in (("Hermes 4 70B", "up"), ("Hermes 4 14B", "down")):
        model = ChatModel.objects.create(name=f"{name} {uuid.uuid4().hex[:4]}", for_everyone=False, enabled=True)
        model.organizations.add(cast.organization)
        words = "" if health == "up" else "The model's server cannot be reached."
        Endpoint.objects.create(
            chat_model=model, base_url="http://gpu:8000/v1", discovered=found, health=health, words=words
        )
        models.append(model)
    return models[0]


async def test_an_assistant_is_made_by_keyboard_and_tells_what_is_wrong(site: Site, cast: Cast, page: Page) -> None:
    await page.goto(address(site, cast, "assistants"))
    await expect(page.get_by_text("No assistants yet.")).to_be_visible()
    await photograph(page, "assistants-empty")
    await page.get_by_role("link", name="New assistant").click()
    await page.get_by_label("Name", exact=True).fill("Support")
    await page.get_by_label("Description").fill("Answers customers, briefly and kindly")
    await page.get_by_label("Instructions").fill("You answer customers of a bicycle shop.\n\nBe brief and kind.")
    await page.get_by_label("Reasoning").select_option("low")
    await page.get_by_label("Temperature").fill("0.4")
    await page.get_by_label("Stop sequences").fill("END")
    await page.get_by_label("Tools").fill(TOOLS.replace('"type": "function",', '"type": "function"', 1))
    await page.get_by_label("Name", exact=True).press("Enter")
    await expect(page.get_by_text("look at line 3, column 3")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "assistant-refused")
    await expect(page.get_by_label("Instructions")).to_have_value(
        "You answer customers of a bicycle shop.\n\nBe brief and kind."
    )
    await page.get_by_role("alert").get_by_role("link", name="Tools").click()
    await page.get_by_label("Tools").fill(TOOLS)
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("“Support” is ready.")).to_be_visible()
    await page.set_viewport_size(PHONE)
    await page.get_by_label("More for Support").click()
    await expect(page.locator(".menu-items:visible")).to_be_in_viewport(ratio=1)
    await page.get_by_role("button", name="Begin new chats with it").click()
    await expect(page.get_by_text("Default", exact=True)).to_be_visible()
    await photograph(page, "assistants")
    await page.get_by_role("link", name="Edit Support").click()
    await photograph(page, "assistant")
    preset = await Preset.objects.aget(organization=cast.organization)
    assert (preset.is_default, preset.effort, preset.sampling) == (True, "low", {"temperature": 0.4, "stop": ["END"]})
    assert preset.tools[0]["function"]["name"] == "find_customer"


async def test_two_administrators_lose_nothing_to_each_other(
    site: Site, cast: Cast, browser: Browser, page: Page
) -> None:
    draft = PresetDraft(name="Support", system_prompt="You answer customers.")
    preset = await in_thread(create_preset, acting=cast.alice, draft=draft)
    context = await colleague(browser, site, cast)
    other = await context.new_page()
    for tab in (page, other):
        await tab.goto(address(site, cast, "assistant", preset.id))
    await other.get_by_label("Instructions").fill("By a colleague: be formal.")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("This is version 2.")).to_be_visible()
    await page.get_by_label("Instructions").fill("By me: be brief.")
    await page.get_by_role("button", name="Save").click()
    told = page.get_by_role("alert")
    await expect(told).to_contain_text("Somebody else has saved this while you were writing")
    await expect(told).to_contain_text("By a colleague: be formal.")
    await expect(page.get_by_label("Instructions")).to_have_value("By me: be brief.")
    assert_none(await barriers(page))
    await photograph(page, "assistant-outdated")
    assert (await Preset.objects.aget(id=preset.id)).system_prompt == "By a colleague: be formal."
    await page.get_by_role("button", name="Save mine in its place").click()
    await expect(page.get_by_text("This is version 3.")).to_be_visible()
    await context.close()


async def colleague(browser: Browser, site: Site, cast: Cast) -> BrowserContext:
    """Return a browser in which another administrator is signed in."""
    admin = await in_thread(join, cast.organization, await in_thread(person, "Ada"), Role.ADMIN)
    context = await browser.new_context(viewport=DESKTOP)
    await enter(context, site, admin)
    return context


async def test_a_schema_is_tried_while_it_is_written_and_keeps_its_versions(
    site: Site, cast: Cast, page: Page
) -> None:
    await page.goto(address(site, cast, "schemas"))
    await photograph(page, "schemas-empty")
    await page.get_by_role("link", name="New schema").click()
    verdict = page.locator("#verdict")
    schema, sample = page.get_by_label("JSON schema"), page.get_by_label("JSON to try")
    await schema.fill(INVOICE)
    await sample.fill('{"number": "2026-7", "total": 12.5}')
    await expect(verdict).to_have_text("Valid: this follows the schema.")
    await photograph(page, "schema-valid")
    await sample.fill('{"number": "2026-7", "total": -1}')
    await expect(verdict).to_contain_text("total")
    assert_none(await barriers(page))
    await photograph(page, "schema-invalid")
    # The sample stays, and the schema changes under it.
    await schema.fill(INVOICE.replace('"minimum": 0', '"minimum": -5'))
    await expect(verdict).to_have_text("Valid: this follows the schema.")
    await schema.fill(INVOICE.replace('"number": {', '"number" {'))
    await expect(verdict).to_contain_text("The schema: This is not valid JSON: look at line 4")
    await page.get_by_label("Name").fill("Invoice")
    await page.get_by_role("button", name="Create").click()
    await expect(page.locator(".errors")).to_contain_text("look at line 4, column 14")
    await page.get_by_label("JSON schema").fill(INVOICE)
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("“Invoice” is in the library.")).to_be_visible()
    await page.get_by_label("JSON schema").fill(INVOICE.replace('"minimum": 0', '"minimum": 1'))
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The newest version is 2.")).to_be_visible()
    await photograph(page, "schema")
    await page.get_by_role("link", name="Version 2", exact=True).click()
    await expect(page.locator("ins", has_text='"minimum": 1')).to_be_visible()
    await expect(page.locator("del", has_text='"minimum": 0')).to_be_visible()
    await photograph(page, "schema-version")
    kept = [one.number async for one in SchemaVersion.objects.filter(schema__organization=cast.organization)]
    assert sorted(kept) == [1, 2]


async def test_rules_are_set_and_said_in_plain_words(site: Site, cast: Cast, page: Page) -> None:
    await in_thread(furnish, cast)
    await page.goto(address(site, cast, "models"))
    await page.get_by_label("Where nobody chooses").select_option("low")
    await page.get_by_label("At most", exact=True).select_option("medium")
    await page.get_by_label("Who sees what the model thought").select_option("roles")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Choose at least one role")).to_be_visible()
    await page.get_by_label("Reviewer").check()
    await page.get_by_label("Temperature").fill("1.2")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("People and assistants may choose up to Medium.")).to_be_visible()
    await expect(page.get_by_text("What the model thought is seen by: Reviewer.")).to_be_visible()
    assert_none(await barriers(page))
    await photograph(page, "models")
    await page.goto(address(site, cast, "new-assistant"))
    await expect(page.get_by_text("From 0 to 1.2 (your ceiling).")).to_be_visible()
