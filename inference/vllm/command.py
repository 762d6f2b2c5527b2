"""A program to start: its arguments, what it gets in its environment, and how that is written in a shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from inference.vllm.errors import EngineMissing

OURS = ("HERMES_", "DATABASE_", "REDIS_URL", "DJANGO_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`key_name` is the variable that carries the engine's key; arguments are for everybody on the host to read."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    key_name: str = "VLLM_API_KEY"

    def replace_us(self, key: str) -> None:
        """Become this program, which from then on gets our signals. Raises EngineMissing; else does not return."""
        environment = {**without_ours(os.environ), **self.environment, self.key_name: key}
        try:
            os.execvpe(self.argv[0], self.argv, environment)
        except OSError as error:
            raise EngineMissing(f"{self.argv[0]} cannot be started ({error.strerror}): give another one.") from error

    def script(self, key: str) -> str:
        """Write it for a shell, one option a line; `key` is a shell's expression for the key."""
        head = f'{self.key_name}="{key}" && export {self.key_name} && \\'
        settings = [f"{name}={shlex.quote(value)} \\" for name, value in self.environment.items()]
        program, *options = _lines(self.argv)
        return "\n".join([head, *settings, " \\\n  ".join([program, *options])])


def without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the site's own settings and secrets, which an engine has no use for."""
    return {name: value for name, value in environment.items() if not name.startswith(OURS)}


def _lines(argv: Sequence[str]) -> Iterator[str]:
    """Yield the program with what leads its options, then each long option with its values."""
    line: list[str] = []
    for word in argv:
        if word.startswith("--") and line:
            yield shlex.join(line)
            line = []
        line.append(word)
    yield shlex.join(line)
