"""The first chat page in a real browser: requests, bytes over the wire, first paint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import Response, sync_playwright

from bench.workplace import Workplace
from tests.browser.chromium import launch


def measure_page(workplace: Workplace) -> dict[str, object]:
    """Open the page once with nothing cached."""
    people = workplace.people(1)
    site = workplace.site.url
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": people.keys[0], "url": site}])
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto(f"{site}/o/{people.slug}/", wait_until="networkidle")
        paint: Any = page.evaluate(
            "performance.getEntriesByType('paint').find(one => one.name === 'first-contentful-paint')?.startTime"
        )
        sizes = [answer.request.sizes() for answer in answers if answer.url.startswith("http")]
        browser.close()
    return {
        "bench": "page",
        "requests": len(sizes),
        "kilobytes": round(sum(one["responseBodySize"] for one in sizes) / 1024, 1),
        "first_contentful_paint_ms": round(paint),
    }
