"""`make bench`: one JSON line for each measurement, with the machine's load beside it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator

from tests import environment  # noqa: F401 isort: skip - the settings must be prepared before Django reads them

import django

django.setup()

from bench.audit import measure_audit  # noqa: E402
from bench.moderation import measure_moderation  # noqa: E402
from bench.page import measure_page  # noqa: E402
from bench.pages import measure_pages  # noqa: E402
from bench.recognizers import measure_recognizers  # noqa: E402
from bench.streams import measure_streams  # noqa: E402
from bench.usage import measure_usage  # noqa: E402
from bench.vllm import measure_vllm  # noqa: E402
from bench.workplace import Workplace  # noqa: E402

# What needs no site.
ALONE = {"audit": measure_audit, "moderation": measure_moderation, "usage": measure_usage}

# What prints a table.
TABLES: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "pages": measure_pages,
    "recognizers": measure_recognizers,
}


def main() -> None:
    """Run the measurements that are named, or all but those of vLLM."""
    # Told to end, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = sys.argv[1:] or ["streams", "page"]
    if wanted[0] == "vllm":
        measure_vllm(wanted[1:], say)
        return
    if wanted[0] in TABLES:
        for row in TABLES[wanted[0]](wanted[1:]):
            print(row, flush=True)
        return
    if wanted[0] in ALONE:
        for line in ALONE[wanted[0]]():
            say(line)
        return
    with Workplace() as workplace:
        if "streams" in wanted:
            for line in asyncio.run(measure_streams(workplace)):
                say(line)
        if "page" in wanted:
            say(measure_page(workplace))


def say(line: dict[str, object]) -> None:
    """Print one measurement."""
    print(json.dumps({**line, "load": [round(one, 2) for one in os.getloadavg()]}), flush=True)


main()
