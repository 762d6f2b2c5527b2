"""What a page tried that its content policy forbids, as the browser itself tells."""

from __future__ import annotations

from playwright.async_api import Page

SIGN = "Content policy breach: "
LISTEN = f"""
document.addEventListener("securitypolicyviolation", (one) => {{
  console.error("{SIGN}" + [one.effectiveDirective, one.blockedURI, one.sourceFile, one.lineNumber].join(" "));
}});
"""


async def breaches(page: Page) -> list[str]:
    """Return a list that every breach of the page's policies is added to from now on."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.text.startswith(SIGN) else None)
    await page.add_init_script(LISTEN)
    return found
