"""Start vLLM inside its own container image on the mounted model: `python3 -m inference.vllm.container`.

The same flags as `manage.py serve_model`, from the same place; this file only reads what Compose passes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from inference.vllm.errors import ServeError, WrongOption
from inference.vllm.key import made_key
from inference.vllm.options import Options
from inference.vllm.serve import program_for

MODEL, KEY = Path("/model"), Path("/run/hermes/key")


def container_options(environment: Mapping[str, str], model: Path = MODEL) -> Options:
    """Return what Compose asks for; raises WrongOption."""
    return Options(
        model=str(model),
        # Every interface of a network that only the gate joins.
        host="0.0.0.0",
        port=8000,
        name=environment.get("HERMES_ENGINE_MODEL") or None,
        context=_number(environment, "HERMES_ENGINE_CONTEXT"),
        tensor_parallel=_number(environment, "HERMES_GPUS"),
    )


def main() -> None:
    """Become vLLM, or say in a sentence why not."""
    try:
        program_for(container_options(os.environ), start=True).replace_us(made_key(KEY))
    except ServeError as error:
        sys.exit(str(error))


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "")
    if text and not text.isdigit():
        raise WrongOption(f"{name} is {text!r}: write a whole number.")
    return int(text) if text else None


if __name__ == "__main__":
    main()
