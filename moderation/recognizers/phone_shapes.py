"""How countries group the digits of their telephone numbers (ITU-T E.123 and national custom)."""

from __future__ import annotations

import re

_WRITTEN = {
    # North America.
    1: (
        r"(?:1[ .\-])?(?:\d{3}-\d{3}-\d{4}|\d{3}\.\d{3}\.\d{4}|\d{3} \d{3} \d{4}|\d{3} \d{3}-\d{4})",
        r"(?:1[ \-]?)?\(\d{3}\)[ \-]?\d{3}[ .\-]\d{4}",
    ),
    # United Kingdom.
    44: (
        r"02\d[ \-]\d{4}[ \-]?\d{4}|\(02\d\) ?\d{4} ?\d{4}",
        r"0\d{3}[ \-]\d{3}[ \-]?\d{4}|\(0\d{3}\) ?\d{3} ?\d{4}",
        r"0\d{4}[ \-]\d{3}[ \-]?\d{2,3}|\(0\d{4}\) ?\d{5,6}|\(0\d{4}\) ?\d{3} \d{3}|0\d{4}[ \-]\d{5,6}",
        r"07\d{9}",
    ),
    # Germany.
    49: (
        r"(?:0\d{2,4}[ \-]|0\d{2,5}/|\(0\d{2,5}\)[ /\-]?)\d{5,9}(?:-\d{1,4})?",
        r"(?:0\d{2,4}[ \-]|0\d{2,5}/|\(0\d{2,5}\)[ /\-]?)\d{2,4}(?:[ \-]\d{2,4}){1,3}",
        r"01[567]\d{8,9}",
    ),
    # France.
    33: (r"0[1-9](?: \d{2}){4}|0[1-9](?:\.\d{2}){4}|0[1-9](?:-\d{2}){4}|0[67]\d{8}",),
    # Spain. Three groups of three with spaces are any large number, so those need a word.
    34: (
        r"[6-9]\d{2} \d{2} \d{2} \d{2}|[89]\d \d{3} \d{2} \d{2}|[6-9]\d{2}-\d{3}-\d{3}|[6-9]\d{2}-\d{2}-\d{2}-\d{2}",
    ),
    # Italy.
    39: (
        r"0\d{1,3}[ /\-]\d{3,4} ?\d{3,4}|0\d{1,3}[ /\-]\d{5,8}",
        r"3\d{2}[ /.\-]\d{3}[ .\-]?\d{4}|3\d{2} \d{2} \d{2} \d{3}|3\d{2} \d{7}",
    ),
    # Netherlands.
    31: (
        r"0\d{2}[ \-]\d{3} ?\d{4}|\(0\d{2}\) ?\d{3} ?\d{4}|0\d{2}[ \-]\d{3} \d{2} \d{2}|0\d{3}[ \-]\d{3} ?\d{3}",
        r"\(0\d{3}\) ?\d{3} ?\d{3}|0\d{3}[ \-]\d{2} \d{2} \d{2}",
        r"06[ \-]?\d{8}|06[ \-]\d{4} \d{4}|06[ \-]\d{2} \d{2} \d{2} \d{2}|06[ \-]\d{3} \d{3} \d{2}",
    ),
    # India.
    91: (r"0?[6-9]\d{4}[ \-]\d{5}", r"0\d{2}[ \-]\d{4}[ \-]?\d{4}|0\d{3}[ \-]\d{3}[ \-]?\d{4}|0\d{4}[ \-]\d{6}"),
    # Brazil.
    55: (r"(?:\(0?\d{2}\) ?|\d{2} )(?:9 ?\d{4}|[2-5]\d{3})[\- ]\d{4}",),
    # Australia, Austria, Switzerland, Belgium.
    61: (r"\(0\d\) ?\d{4} \d{4}|04\d{2} \d{3} \d{3}",),
    43: (r"0\d{1,4}[ /]\d{5,10}|06\d{2} \d{3,4} \d{3,4}",),
    41: (r"0\d{2} \d{3} \d{2} \d{2}",),
    32: (r"0\d{1,3} \d{2,3} \d{2} \d{2}",),
    # China, Japan.
    86: (r"1[3-9]\d[ \-]\d{4}[ \-]\d{4}",),
    81: (r"0\d{1,3}-\d{2,4}-\d{4}",),
}
SHAPES = tuple((country, re.compile("|".join(shapes), re.ASCII)) for country, shapes in _WRITTEN.items())
_BARE = {
    1: r"1?[2-9]\d{9}",
    44: r"0\d{9,10}",
    49: r"0\d{8,11}",
    33: r"0\d{9}",
    34: r"[6-9]\d{8}",
    39: r"0\d{7,10}|3\d{8,9}",
    31: r"0\d{9}",
    91: r"0?[6-9]\d{9}",
    55: r"[1-9]{2}9?\d{8}",
    86: r"1[3-9]\d{9}",
}
BARE = tuple((country, re.compile(shape, re.ASCII)) for country, shape in _BARE.items())
"""Which digits count after a word however they are grouped."""
