"""An engine: an OpenAI-compatible server and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

# The small packaged model's name: pages say that its answers are only for trying the product.
TRIAL_MODEL = "smollm2-135m-instruct"
# Tokens: once so small a model repeats itself, it goes on until the context is full.
TRIAL_ANSWER = 1024


class Kind(StrEnum):
    """Servers whose differences matter to us."""

    VLLM = "vllm"
    LLAMA_CPP = "llama.cpp"
    OLLAMA = "ollama"
    LM_STUDIO = "lm-studio"
    OPEN_ROUTER = "openrouter"
    OPENAI = "openai"


class PromptFormat(StrEnum):
    """How a model's turns are marked. Hermes 4: ChatML for 14B, Llama 3 headers for 36B, 70B and 405B."""

    UNKNOWN = ""
    CHATML = "chatml"
    LLAMA3 = "llama3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a model on its engine can do. `budget`: the engine itself ends a thought at its budget.

    `prefill`: a cut answer can be gone on with. `effort`: the engine has a switch of its own for thinking, and
    refuses a request that uses it where a model has not. `priority`: it takes a request's, whatever its own order is.
    """

    reasoning: bool = False
    tools: bool = False
    schema: bool = False
    budget: bool = False
    prefill: bool = False
    effort: bool = False
    priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One model at one address. `base_url` ends in `/v1`; context in tokens; `streams` at once."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    kind: Kind = Kind.OPENAI
    context_length: int = 8192
    streams: int = 32
    prompt_format: PromptFormat = PromptFormat.UNKNOWN
    capabilities: Capabilities = Capabilities()
    version: str = ""
    """The server's own word, such as 0.33.0."""
    template: str = ""
    """The SHA-256 of the chat template, where the engine shows it."""

    @property
    def root_url(self) -> str:
        """The server's own root, where it keeps what is not OpenAI's."""
        return self.base_url.removesuffix("/v1")

    @property
    def supports_prefill(self) -> bool:
        """Whether a cut answer can be gone on with."""
        return self.capabilities.prefill

    @property
    def is_hermes(self) -> bool:
        """Whether the model thinks as Hermes 4 does: told so by its system message, inside think tags."""
        return bool(self.prompt_format) or "hermes" in self.model.lower()

    @property
    def longest_answer(self) -> int:
        """The most tokens that one answer may have."""
        return TRIAL_ANSWER if self.model == TRIAL_MODEL else self.context_length

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long to wait for each stage, in seconds."""

    connect: float = 5.0
    first_token: float = 120.0
    between_tokens: float = 60.0
