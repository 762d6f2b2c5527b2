"""How well each recognizer does on its labelled texts, as a table for people."""

from __future__ import annotations

import time
from collections.abc import Iterator

import re2

from moderation.recognizers import RECOGNIZERS, Recognizer
from tests.moderation.recognizers.labelled import LABELLED
from tests.moderation.recognizers.measure import Measure, measure

SHOWN = 120
_ROW = "{:20} {:>9} {:>9} {:>7} {:>6} {:>9} {:>8} {:>8}"


def measure_recognizers(wanted: list[str]) -> Iterator[str]:
    """Yield the lines of the table of the named recognizers, or of all; misses stand below their row."""
    yield _ROW.format("recognizer", "positives", "negatives", "missed", "wrong", "precision", "recall", "µs/look")
    for name in wanted or RECOGNIZERS:
        found = measure(name)
        yield _row(found)
        yield from (f"    missed: {text[:SHOWN]!r}" for text in found.missed)
        yield from (f"    wrong:  {text[:SHOWN]!r}" for text in found.wrong)


def _row(found: Measure) -> str:
    return _ROW.format(
        found.name,
        found.positives,
        found.negatives,
        len(found.missed),
        len(found.wrong),
        f"{found.precision:.4f}",
        f"{found.recall:.4f}",
        f"{_look(RECOGNIZERS[found.name]) * 1e6:.1f}",
    )


def _look(recognizer: Recognizer) -> float:
    """Return the seconds that a candidate costs, on average."""
    candidates = list(_candidates(recognizer))
    started = time.process_time()
    for candidate in candidates:
        recognizer.find(candidate)
    return (time.process_time() - started) / len(candidates)


def _candidates(recognizer: Recognizer) -> Iterator[str]:
    options = re2.Options()
    options.longest_match = True
    for pattern in recognizer.patterns:
        expression = re2.compile(pattern, options)
        for labelled in LABELLED[recognizer.name]:
            texts = [sample.text for sample in labelled.positives] + list(labelled.negatives)
            yield from (match.group() for text in texts if (match := expression.search(text)))
