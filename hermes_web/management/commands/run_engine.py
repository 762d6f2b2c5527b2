from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import xllamacpp
from django.core.management.base import BaseCommand

from hermes_web.stack.engine import CONTEXT, SLOTS, model_file
from inference.engine import TRIAL_MODEL
from inference.llama_cpp.server import serve


class Command(BaseCommand):
    help = "Serve the packaged model with llama.cpp, for trying the product on a machine without a GPU."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8081)
        parser.add_argument("--threads", type=int, default=2)

    def handle(self, *arguments: Any, **options: Any) -> None:
        serve(
            parameters(options),
            ready=lambda address: self.stdout.write(f"The trial model answers on {address}."),
        )


def parameters(options: dict[str, Any]) -> xllamacpp.CommonParams:
    """Return the server's settings: a few parallel slots on the packaged model."""
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(model_file())
    wanted.model_alias = {TRIAL_MODEL}
    wanted.n_parallel = SLOTS
    wanted.n_ctx = SLOTS * CONTEXT
    wanted.use_jinja = True
    wanted.hostnames = [options["host"]]
    wanted.port = options["port"]
    wanted.cpuparams.n_threads = options["threads"]
    wanted.verbosity = 0
    wanted.endpoint_props = False
    wanted.endpoint_metrics = True
    return wanted
