"""Read JSON that a person has typed, and say where it goes wrong."""

from __future__ import annotations

import json
import math

LONGEST = 64 * 1024


class JsonError(ValueError):
    """What was typed is no JSON that can be kept. `words` is for the person."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def parse_json(text: str) -> object:
    """Return what a text says; raises JsonError with the line and the column."""
    if len(text) > LONGEST:
        raise JsonError(f"This is longer than {LONGEST:,} characters. Shorten it.")
    try:
        found: object = json.loads(text, parse_constant=_constant, parse_float=_float, object_pairs_hook=_object)
        written = json.dumps(found, ensure_ascii=False).encode()
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        raise JsonError(_words(error)) from None
    except RecursionError:
        raise JsonError("This is nested too deeply.") from None
    except UnicodeEncodeError:
        raise JsonError("A text holds half of a character (a lone \\ud800 to \\udfff). Write it whole.") from None
    except ValueError:
        raise JsonError("A number here is too long.") from None
    if rb"\u0000" in written.replace(rb"\\", b""):
        raise JsonError("A text holds the character \\u0000, which cannot be kept.")
    return found


def print_json(document: object) -> str:
    """Return a document as it is shown and edited."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def _words(error: json.JSONDecodeError) -> str:
    what = error.msg[:1].lower() + error.msg[1:]
    if not error.doc.strip():
        return "Nothing is here yet. Write JSON, such as {}."
    if error.pos >= len(error.doc.rstrip()):
        return f"This is not valid JSON: it ends too early, in line {error.lineno}, column {error.colno} ({what})."
    return f"This is not valid JSON: look at line {error.lineno}, column {error.colno} ({what})."


def _constant(name: str) -> object:
    raise JsonError(f"“{name}” is not JSON. Write a number or null.")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonError(f"The number {digits[:40]} is too large.")
    return number


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise JsonError(f"“{name[:80]}” stands twice in the same object.")
        found[name] = value
    return found
