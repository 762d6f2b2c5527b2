"""How large a policy may be. What is larger is refused in words where it is read."""

from __future__ import annotations

TERMS = 50_000
PATTERNS = 500
RULES = 200
CATEGORIES = 100
CASES = 2_000
GROUPS = 100
LONGEST_NAME = 120
LONGEST_TITLE = 80
LONGEST_SUMMARY = 1_000
LONGEST_DEFINITION = 2_000
LONGEST_TERM = 200
LONGEST_PATTERN = 1_000
LONGEST_CASE = 20_000
LONGEST_NOTE = 500
DOCUMENT = 1_500_000
"""Characters of a policy as compact JSON."""
YAML = 2_000_000
"""Characters of a policy file: whatever fits into a document fits into its export."""
YAML_DEPTH = 12
YAML_VALUES = 200_000
PROBLEMS = 200
"""So many are listed; the rest is counted."""
SEVERITIES = {1: "low", 2: "medium", 3: "high", 4: "critical"}
