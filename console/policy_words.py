"""Say in plain words what the parts of a policy mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Role
from moderation import limits
from moderation.channel import Channel
from moderation.fold import Fold
from moderation.policy import Classified, Match, Mode, Patterns, Recognized, Terms
from moderation.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`title` names it, `help` explains it."""

    title: str
    help: str


CHANNELS: Mapping[Channel, Words] = {
    Channel.PROMPT: Words(title="Prompts", help="What people write, before the model reads it."),
    Channel.ATTACHMENT: Words(title="Attachments", help="The text of files that people add to a prompt."),
    Channel.REASONING: Words(title="Reasoning", help="What the model thinks before it answers."),
    Channel.ANSWER: Words(title="Answers", help="What the model writes to people."),
    Channel.TOOL_CALL: Words(title="Tool calls", help="What the model asks a tool to do."),
    Channel.TOOL_RESULT: Words(title="Tool results", help="What a tool gives back to the model."),
    Channel.TITLE: Words(title="Titles", help="The names that chats are given."),
}
ACTIONS: Mapping[Verdict, Words] = {
    Verdict.FLAG: Words(title="Count it", help="Everything passes. Hits are counted, so that you can look first."),
    Verdict.REDACT: Words(title="Redact it", help="A marker with the category’s name takes its place."),
    Verdict.HOLD: Words(
        title="Hold it for review",
        help="Nothing from there on is shown until a reviewer decides. A prompt waits unsent.",
    ),
    Verdict.BLOCK: Words(title="Block it", help="Nothing from there on is shown. A prompt is not sent."),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.ALLOW: "Passes",
    Verdict.FLAG: "Counted",
    Verdict.REDACT: "Redacted",
    Verdict.HOLD: "Held",
    Verdict.BLOCK: "Blocked",
}
SEVERITIES: Mapping[int, str] = {number: word.capitalize() for number, word in limits.SEVERITIES.items()}
FOLDS: Mapping[Fold, Words] = {
    Fold.CASE: Words(title="Upper and lower case", help="SeCReT"),
    Fold.WIDTH: Words(title="Full-width and styled letters", help="ｓｅｃｒｅｔ, 𝐬𝐞𝐜𝐫𝐞𝐭"),
    Fold.INVISIBLE: Words(title="Invisible characters", help="sec|ret with something unseen at the bar"),
    Fold.MARKS: Words(title="Accents", help="sécrët"),
    Fold.LOOKALIKES: Words(title="Look-alike letters", help="ѕесrеt with Cyrillic letters"),
    Fold.LEET: Words(title="Digits for letters", help="s3cr3t"),
    Fold.SPACING: Words(title="Letters set apart", help="s e c r e t, s-e-c-r-e-t"),
    Fold.ESCAPES: Words(title="Codes and formatting", help="s&#101;cret, sec**ret**"),
}
KINDS: Mapping[str, Words] = {
    "terms": Words(title="Words and phrases", help="A list of your own, in any language."),
    "patterns": Words(title="Patterns", help="Regular expressions, for numbers or names of a known form."),
    "recognizers": Words(title="Personal data and secrets", help="E-mail addresses, cards, keys …, each checked."),
    "classifier": Words(title="A classifier’s judgement", help="A model decides whether a text is of the category."),
}
MODES: Mapping[Mode, Words] = {
    Mode.HOLD: Words(title="Wait for the verdict", help="Each sentence is shown after it was judged."),
    Mode.FOLLOW: Words(title="Show at once, take back", help="Text is taken back when it is judged badly."),
}


def kind_of(match: Match) -> str:
    """Return the word of a kind of rule, a key of KINDS."""
    return {Terms: "terms", Patterns: "patterns", Recognized: "recognizers", Classified: "classifier"}[type(match)]


def joined(words: Sequence[str], link: str = "and") -> str:
    """Return "a, b and c"."""
    return f" {link} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def role_name(role: str) -> str:
    """Return a role as it is shown; an unknown one as it is written."""
    return Role(role).label if role in Role.values else role
