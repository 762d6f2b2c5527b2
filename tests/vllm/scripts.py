"""What the tiny model says: its user names a script, and it says that script token by token.

A script is written as the pieces that are its tokens. The model knows only which token came last and which script
was named last, so no piece may have two successors in one script.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

THINK, THOUGHT = "<think>", "</think>"
CALL, CALLED = "<tool_call>", "</tool_call>"
RESULT = "<tool_response>"

RESUMED = (" and so on", " to the end.")
"""What comes after text that no script has, and what ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is said when `name` is asked for.

    One that never ends goes on with `circle` after its last piece; `forced` follows a thought closed for it.
    """

    name: str
    pieces: tuple[str, ...]
    circle: str = ""
    forced: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The words that make the model say it: one token, whatever stands around it."""
        return f"[say {self.name}]"

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        """The thought without its tags, as people read it."""
        inside, found, _ = self.text.removeprefix(THINK).partition(THOUGHT)
        return inside.strip("\n") if found and self.text.startswith(THINK) else ""

    @property
    def answer(self) -> str:
        return self.text.partition(THOUGHT)[2].strip("\n") if self.reasoning else self.text

    def successors(self) -> dict[str, str]:
        """Return what follows each piece; "" is the end of the turn. Raises ValueError."""
        pairs = [*pairwise(self.pieces), (self.pieces[-1], self.circle)]
        if self.forced:
            pairs += [*pairwise(self.forced), (self.forced[-1], "")]
        if len(dict(pairs)) < len(pairs):
            raise ValueError(f"A piece of the script {self.name} has two successors.")
        return dict(pairs)


WEATHER = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
# As the engine's grammar writes it: without blanks.
CITY = ('{"city":', '"Paris"', ',"population":', "2100000", "}")

DIRECT = Script(name="direct", pieces=("Hello", " from", " Hermes", ",", " straight", " away", "."))
THINKING = Script(
    name="think",
    pieces=(
        *(THINK, "\nThe", " user", " wants", " an", " answer", ";", " let", " me", " weigh", " it", ".\n", THOUGHT),
        *("\nHello", " after", " thinking", "!"),
    ),
)
LONG = Script(
    name="long",
    pieces=(THINK, "\nRound", " and", " round", " it", " goes"),
    circle=" and",
    forced=(THOUGHT, "\nThat", " was", " long", "!!"),
)
RAMBLE = Script(name="ramble", pieces=("On", " and", " on", " it", " flows"), circle=" and")
TOOL = Script(
    name="tool",
    pieces=(CALL, '\n{"name": ', '"get_weather"', ', "arguments": ', '{"city": ', '"Paris"', "}}\n", CALLED),
)
THINK_TOOL = Script(
    name="think tool",
    pieces=(THINK, "\nA", " tool", " knows", " that", ".\n", THOUGHT, "\n\n", CALL, f"\n{WEATHER}\n", CALLED),
)
TWO_TOOLS = Script(
    name="two tools",
    pieces=(
        *(CALL, f"\n{WEATHER}\n", CALLED, "\n<tool", "_call>\n", '{"name": ', '"get_time"', ', "arguments": ', "{"),
        *('"zone": ', '"UTC"', "}}", "\n</tool", "_call>"),
    ),
)
TOOL_IN_THOUGHT = Script(
    name="tool in thought",
    pieces=(THINK, "\nPerhaps", CALL, WEATHER, CALLED, "?", " No", ".\n", THOUGHT, "\nNo", " call", " needed", "."),
)
ARGUMENTS_FIRST = Script(
    name="arguments first",
    pieces=(CALL, '\n{"arguments": ', '{"city": ', '"Paris"', '}, "name": ', '"get_weather"', "}\n", CALLED),
)
SINGLE_QUOTES = Script(name="single quotes", pieces=(CALL, "\n{'name': ", "'get_weather'", "}\n", CALLED))
TOOL_ANSWER = Script(name="tool answer", pieces=("It", " is", " sunny", " there", "."))
JSON = Script(name="json", pieces=CITY)
THINK_JSON = Script(
    name="think json", pieces=(THINK, "\nWhich", " city", "?", " The", " largest", ".\n", THOUGHT, *CITY)
)
TAGS_IN_ANSWER = Script(
    name="tags in answer",
    pieces=("Write", "\n```", "\nx = '", THINK, "…", THOUGHT, "'\n", "``` ", "so", "."),
)

SCRIPTS = (
    DIRECT,
    THINKING,
    LONG,
    RAMBLE,
    TOOL,
    THINK_TOOL,
    TWO_TOOLS,
    TOOL_IN_THOUGHT,
    ARGUMENTS_FIRST,
    SINGLE_QUOTES,
    TOOL_ANSWER,
    JSON,
    THINK_JSON,
    TAGS_IN_ANSWER,
)
