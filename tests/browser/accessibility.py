"""Ask axe-core, the width of the page and the Tab key whether everybody can use it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from playwright.async_api import Page, ViewportSize

from tests.site import ROOT

DESKTOP = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=844)
# The rules of WCAG 2.2 and axe's own advice.
RUN = """
async () => {
  // A theme that has just changed is painted first.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const told = (node) => `${node.html.slice(0, 120)} (${node.any[0]?.message ?? ""})`;
  return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(told).join(" | ")}`);
}
"""
WIDTH = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
STEP = """
async (main) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const looksOf = (at) => {
    const all = [];
    for (let one = at, up = 0; one && up < 4; one = one.parentElement, up++) {
      const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor, opacity } = getComputedStyle(one);
      all.push([outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor, opacity].join());
    }
    return all.join(";");
  };
  for (;;) {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const box = at.getBoundingClientRect();
    await painted();
    const focused = looksOf(at);
    at.blur();
    await painted();
    const plain = looksOf(at);
    // A list that renews itself has put another in its place: it gets the focus, and the next look.
    const there = at.isConnected ? at : document.getElementById(at.id);
    there?.focus({ focusVisible: true, preventScroll: true });
    if (there !== at) continue;
    const name = at.outerHTML.slice(0, 120);
    return { name, isMain: at.matches(main), isMarked: focused !== plain, isShown: box.width > 0 && box.height > 0 };
  }
}
"""
MOST_STEPS = 60


@cache
def axe() -> str:
    return (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text()


async def barriers(page: Page) -> list[str]:
    """Return what axe finds on a page, in light and dark, on a desk and on a phone, and what is too wide."""
    found = []
    await page.evaluate(axe())
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            where = f"{size['width']} {scheme}"
            found += [f"{where}: {one}" for one in await page.evaluate(RUN)]
        scrolled, wide = await page.evaluate(WIDTH)
        if scrolled > wide:
            found.append(f"{size['width']}: the page is {scrolled} wide")
    await page.set_viewport_size(DESKTOP)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


async def keyboard_barriers(page: Page, main: str) -> list[str]:
    """Return why the main action cannot be reached with Tab alone, seeing where one is."""
    # From the top of the page, wherever the page itself has put the focus.
    await page.evaluate("document.activeElement?.blur(); getSelection()?.removeAllRanges()")
    await page.evaluate(
        "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
    )
    found, passed = [], []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        step: dict[str, Any] | None = await page.evaluate(STEP, main)
        if step is None:
            break
        passed.append(step["name"])
        if not (step["isMarked"] and step["isShown"]):
            found.append(f"the focus cannot be seen on {step['name']}")
        if step["isMain"]:
            return found
    return [*found, f"Tab does not reach {main}; it went over {json.dumps(passed)}"]


def assert_none(found: list[str]) -> None:
    assert not found, "\n".join(found)
