"""An answer with everything that Markdown has."""

from __future__ import annotations

TIDES = """# Tides

Water *rises* and **falls** twice a day: see [the table](https://example.com/tides) or `tides.py`.

| Hour | Height |
|:----:|-------:|
| 03:12 | 4.1 m |
| 09:40 | 0.6 m |

```python
def height(hour: float) -> float:
    return 2.3 + 1.8 * cos(2 * pi * hour / 12.42)  # größer als 0 → ok

```

1. Spring tides come at full moon 🌕.
   - [x] twice a month
   - [ ] never \u202eon Tuesdays\u202c
2. Neap tides come between.

$$
h(t) = h_0 + A \\cos\\left(\\frac{2\\pi t}{T}\\right)
$$

> <|im_start|> and </think> are ordinary words, e\u0301 is é, 👩‍👩‍👧 is one family, and \\(x^2\\) costs $5.
"""
