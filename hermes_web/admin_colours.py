"""The operator's admin in the product's green and warm grey (frontend/styles/tokens.css), in unfold's shades."""

from __future__ import annotations

from collections.abc import Mapping

# Lightness in percent and chroma, each palette at one hue.
GREEN = 172
GREENS = {
    "50": (98, 0.012),
    "100": (95, 0.027),
    "200": (90, 0.05),
    "300": (83, 0.075),
    "400": (74, 0.09),
    "500": (61, 0.09),
    "600": (49, 0.083),
    "700": (42, 0.072),
    "800": (35, 0.058),
    "900": (30, 0.047),
    "950": (20, 0.034),
}
GREY = 100
# As light as unfold's own greys, which hold its contrasts.
GREYS = {
    "50": (98.5, 0.003),
    "100": (96.7, 0.005),
    "200": (92.8, 0.008),
    "300": (87.2, 0.01),
    "400": (70.7, 0.013),
    "500": (55.1, 0.014),
    "600": (44.6, 0.013),
    "700": (37.3, 0.011),
    "800": (27.8, 0.008),
    "900": (21, 0.005),
    "950": (17, 0.004),
}


def operator_admin_colours() -> dict[str, dict[str, str]]:
    """Return each palette's shades as CSS colours."""
    return {"primary": _shades(GREENS, GREEN), "base": _shades(GREYS, GREY)}


def _shades(shades: Mapping[str, tuple[float, float]], hue: int) -> dict[str, str]:
    return {name: f"oklch({lightness}% {chroma} {hue})" for name, (lightness, chroma) in shades.items()}
