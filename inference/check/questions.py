"""What the model is asked. Who serves a model that follows other words gives their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

LARGEST_BUDGET = 4096


class WrongQuestions(ValueError):
    """The message is for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """One for each check. `budget`: the tokens after which the thought about `hard` is ended."""

    easy: str = "What is 17 + 25? Answer with the number alone."
    thoughtful: str = "A farmer has 17 sheep. All but 9 run away. How many are left? Think about it first."
    greeting: str = "Hello!"
    hard: str = "Which numbers between 1000 and 1100 are primes? Go through them one by one, and try each divisor."
    budget: int = 64
    endless: str = "Write down the numbers from 1 to 5000, one on each line. Leave none out."
    weather: str = "What is the weather in Paris now? Use the tool."
    thoughtful_weather: str = "Think about which tool can help, and use it: what is the weather in Paris now?"
    sentence: str = "Is Paris the capital of France? Reply with one whole sentence of plain words."
    thoughtful_verdict: str = "Think first: is 91 a prime number?"


def parse_questions(document: object) -> Questions:
    """Return our questions with those of a document in their places. Raises WrongQuestions."""
    if not isinstance(document, Mapping):
        raise WrongQuestions('Questions are a JSON object, such as {"greeting": "Guten Tag!"}.')
    known = {field.name for field in fields(Questions)}
    for name, value in document.items():
        if name not in known:
            raise WrongQuestions(f"There is no question “{name}”. There are: {', '.join(sorted(known))}.")
        _check(name, value)
    return Questions(**document)


def _check(name: str, value: object) -> None:
    if name == "budget":
        if type(value) is not int or not 1 <= value <= LARGEST_BUDGET:
            raise WrongQuestions(f"“budget” is a number of tokens, from 1 to {LARGEST_BUDGET}.")
    elif not isinstance(value, str) or not value.strip():
        raise WrongQuestions(f"“{name}” is a text, and not an empty one.")
