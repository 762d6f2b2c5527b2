"""The operator's admin in the product's green (frontend/styles/tokens.css), in the shades that unfold wants."""

from __future__ import annotations

# Lightness in percent and chroma, at one hue.
SHADES = {
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
HUE = 172


def operator_admin_colours() -> dict[str, str]:
    """Return each shade as a CSS colour."""
    return {name: f"oklch({lightness}% {chroma} {HUE})" for name, (lightness, chroma) in SHADES.items()}
