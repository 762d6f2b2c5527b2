"""The gate's cost: per token, held back, compiling, and a long text in one piece."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from moderation.channel import Channel
from moderation.compiled import CompiledPolicy, Ruleset, compile_policy
from moderation.gate import Gate
from moderation.policy import Audience, Match, Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.scan import scan
from moderation.verdict import Verdict

ROOT = Path(__file__).parent.parent
PROSE = sorted((ROOT / "docs").glob("*.md"))
CODE = sorted((ROOT / "chat").glob("*.py"))
TOKEN = 4
STRETCH = 200
TEXT = 60_000


def measure_moderation() -> Iterator[dict[str, object]]:
    """Yield figures of the gate with terms, patterns and recognizers, each alone and all together."""
    chance = random.Random(20)
    terms, patterns = Terms(terms=words(chance, 10_000)), Patterns(patterns=expressions(chance, 200))
    recognizers = Recognized(names=tuple(RECOGNIZERS))
    kinds: dict[str, tuple[Match, ...]] = {
        "nothing": (),
        "10,000 terms": (terms,),
        "200 patterns": (patterns,),
        "10,000 terms + 200 patterns": (terms, patterns),
        f"{len(RECOGNIZERS)} recognizers": (recognizers,),
        "10,000 terms + 200 patterns + recognizers": (terms, patterns, recognizers),
    }
    for name, matches in kinds.items():
        ruleset, seconds = compiled(matches)
        yield {"measure": "gate", "rules": name, "compile_s": round(seconds, 3), **figures(ruleset)}
    _, seconds = compiled((Terms(terms=words(chance, 50_000)),))
    yield {"measure": "gate", "rules": "50,000 terms", "compile_s": round(seconds, 3)}


def figures(ruleset: Ruleset) -> dict[str, object]:
    """Return microseconds per token, characters held on average, and milliseconds for a long text.

    `first` is of a text that is unlike what these rules have read before; what they learn from it is counted.
    """
    found: dict[str, object] = {}
    for kind, text in (("prose", text_of(PROSE)), ("code", text_of(CODE))):
        first, micro, held = streamed(ruleset, text)
        found |= {f"{kind}_first_us": round(first, 2), f"{kind}_us": round(micro, 2), f"{kind}_held": round(held, 2)}
    began = time.process_time()
    scan(ruleset, (text_of(PROSE) * 2)[:100_000])
    return found | {"scan_100k_ms": round((time.process_time() - began) * 1e3, 1)}


def streamed(ruleset: Ruleset, text: str) -> tuple[float, float, float]:
    """Return microseconds per token, first and later, and how many characters are held back on average."""
    gate, held = Gate(ruleset), 0
    tokens = [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
    first = sum(stretches(ruleset, tokens)) / len(tokens) * 1e6
    for token in tokens:
        gate.feed(token)
        held += gate.waiting
    # Of each stretch the quickest run counts: the machine may be shared.
    runs = [stretches(ruleset, tokens) for _ in range(7)]
    return first, sum(map(min, zip(*runs, strict=True))) / len(tokens) * 1e6, held / len(tokens)


def stretches(ruleset: Ruleset, tokens: list[str]) -> list[float]:
    """Return seconds of processor time of each stretch of tokens."""
    gate, found = Gate(ruleset), []
    for at in range(0, len(tokens), STRETCH):
        began = time.process_time()
        for token in tokens[at : at + STRETCH]:
            gate.feed(token)
        found.append(time.process_time() - began)
    return found


def compiled(matches: tuple[Match, ...]) -> tuple[Ruleset, float]:
    """Return the rules for an answer, and how long they took to compile."""
    policy = Policy(name="bench", rules=tuple(rule(number, match) for number, match in enumerate(matches)))
    began = time.process_time()
    ready: CompiledPolicy = compile_policy(policy)
    return ready.ruleset(Channel.ANSWER, Audience()), time.process_time() - began


def rule(number: int, match: Match) -> Rule:
    """Return a rule that redacts on every channel."""
    channels = frozenset(Channel)
    return Rule(id=f"r{number}", title="", category="c", action=Verdict.REDACT, channels=channels, match=match)


def words(chance: random.Random, count: int) -> tuple[str, ...]:
    """Return words that no text here has, with the letters of English."""
    found: set[str] = set()
    while len(found) < count:
        length = chance.randint(5, 14)
        word = "".join(
            chance.choices("etaoinshrdlucmfwypvbgkjqxz", [12, 9, 8, 8, 7, 7, 6, 6, 6, 4, *[3] * 16], k=length)
        )
        found.add(f"{word[:5]} {word[5:]}" if chance.random() < 0.2 and length > 8 else word + "q")
    return tuple(sorted(found))


def expressions(chance: random.Random, count: int) -> tuple[str, ...]:
    """Return expressions of the kinds that people write."""
    shapes = (
        r"\b{0}[-_ ]?\d{{4,8}}\b",
        r"\b(?:{0}|{1})\s+(?:no\.?|number|id)\s*:?\s*[A-Z0-9]{{5,12}}",
        r"{0}\s*=\s*['\"][^'\"]{{8,64}}['\"]",
        r"\b[A-Z]{{2}}\d{{2}}{1}[A-Z0-9]{{10,20}}\b",
        r"(?:{0}|{1}).{{0,20}}(?:code|token|plan)",
    )
    stems = words(chance, count * 2)
    return tuple(shapes[at % len(shapes)].format(stems[2 * at], stems[2 * at + 1]) for at in range(count))


def text_of(paths: list[Path]) -> str:
    """Return ordinary text of this project, always as much."""
    text = "\n".join(path.read_text() for path in paths)
    return (text * (TEXT // len(text) + 1))[:TEXT]
