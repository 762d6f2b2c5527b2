"""The command that serves a GGUF file with llama.cpp."""

from __future__ import annotations

from inference.vllm.command import Command
from inference.vllm.launch import Launch
from inference.vllm.model import Model
from inference.vllm.prompt_format import template

SLOTS = 4


def llama_cpp_command(program: tuple[str, ...], model: Model, launch: Launch) -> Command:
    """Return the command. llama.cpp shares its context out to the slots, of which each answers one chat.

    Thoughts stay in the text, where our own splitter finds them: what llama.cpp makes of them differs by version.
    """
    argv = (
        *(*program, "--model", model.source, "--alias", launch.name),
        *("--host", launch.host, "--port", str(launch.port)),
        *("--ctx-size", str(launch.context * launch.max_streams), "--parallel", str(launch.max_streams)),
        *("--jinja", "--chat-template-file", str(template(model.prompt_format)), "--reasoning-format", "none"),
        *("--metrics", "--no-webui"),
        *launch.extra,
    )
    return Command(argv=argv, key_name="LLAMA_API_KEY")
