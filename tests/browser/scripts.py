"""Prompts for the scripted engine that may tell anything."""

from __future__ import annotations

import json


def script(**facts: object) -> str:
    """Return a prompt for a script, with braces written so that the engine finds its end."""
    inside = json.dumps(facts)[1:-1].replace("{", "\\u007b").replace("}", "\\u007d")
    return f'{{"script": {{{inside}}}}}'
