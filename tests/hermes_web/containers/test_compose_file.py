"""What the documents say can be set reaches the containers."""

from __future__ import annotations

import re
from pathlib import Path

from hermes_web.containers.installation import GIVEN

ROOT = Path(__file__).parent.parent.parent.parent
# Secrets are files; the others are of one machine's stack or for developing.
ELSEWHERE = {*GIVEN, *(f"{name}_FILE" for name in GIVEN), "HERMES_DATA_DIR", "HERMES_HOST", "HERMES_DEBUG"}


def names(pattern: str, *paths: str) -> set[str]:
    found = [re.findall(pattern, (ROOT / path).read_text(), re.MULTILINE) for path in paths]
    return {name for each in found for name in each}


def documented() -> set[str]:
    cells = names(r"^\| (`[A-Z].*?) \|", "docs/architecture.md")
    return {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)}


def test_every_documented_setting_reaches_the_site() -> None:
    passed = names(r"^    (HERMES_\w+): \$\{\1:-", "docker-compose.yml")
    assert documented() - ELSEWHERE == passed


def test_whatever_the_compose_files_read_can_be_found_in_the_example() -> None:
    files = [path.name for path in ROOT.glob("docker-compose*.yml")]
    assert names(r"\$\{(\w+)", *files) == names(r"^#?([A-Z_]+)=", ".env.example")
