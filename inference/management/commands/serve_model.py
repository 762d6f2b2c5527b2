from __future__ import annotations

import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference.engine import PromptFormat
from inference.vllm.errors import ServeError
from inference.vllm.key import NAME, key_expression, key_file, made_key
from inference.vllm.launch import MAX_QUEUE
from inference.vllm.listen import check_host, check_master
from inference.vllm.options import Options
from inference.vllm.serve import plan_for, program_for
from inference.vllm.shapes import Precision

EXAMPLES = """\
examples:
  manage.py serve_model 70b --plan
  manage.py serve_model 70b --precision fp8 --tensor-parallel 2 --dry-run
  manage.py serve_model /srv/models/Hermes-4-14B-AWQ --context 32768
  manage.py serve_model /srv/models/hermes-4-14b-Q4_K_M.gguf
  manage.py serve_model 405b --precision bf16 --nodes 2 --node-rank 0 --master 10.0.0.1 --host 10.0.0.1
  manage.py serve_model 14b -- --seed 7
"""


class Command(BaseCommand):
    help = "Serve a Hermes 4 model with vLLM, or a GGUF file with llama.cpp. This process becomes the server."
    requires_system_checks: list[str] = []
    extra: tuple[str, ...] = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, epilog=EXAMPLES, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        # What follows “--” is the engine's; argparse would take it for ours.
        place = argv.index("--") if "--" in argv else len(argv)
        self.extra = tuple(argv[place + 1 :])
        super().run_from_argv(argv[:place])

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="14b, 36b, 70b, 405b, a repository, a model's folder, or a .gguf file")
        parser.add_argument("--dry-run", action="store_true", help="print the command, and start nothing")
        parser.add_argument("--plan", action="store_true", help="say what fits the GPUs, and start nothing")
        parser.add_argument("--gpus", help="plan for other GPUs than those here: 2x80 is two of 80 GiB")
        parser.add_argument("--python", help="an interpreter that has vLLM, instead of the command `vllm`")
        _add_model(parser)
        _add_server(parser)
        _add_spread(parser)

    def handle(self, *arguments: Any, **options: Any) -> None:
        try:
            self._serve(_read(options, self.extra), plan=options["plan"], dry_run=options["dry_run"])
        except ServeError as error:
            raise CommandError(str(error)) from error

    def _serve(self, options: Options, *, plan: bool, dry_run: bool) -> None:
        if plan:
            self.stdout.write(plan_for(options))
            return
        program = program_for(options, start=not dry_run)
        path = key_file(settings.DATA_DIR)
        if dry_run:
            self.stdout.write(program.script(key_expression(path, os.environ)))
            return
        key = settings.ENGINE_API_KEY or made_key(path)
        if not settings.ENGINE_API_KEY:
            self.stdout.write(f"The engine's key is in {path}: give it to the site as {NAME}_FILE={path}")
        self.stdout.flush()
        program.replace_us(key)


def _add_model(parser: ArgumentParser) -> None:
    precisions = [each.value for each in Precision]
    formats = [each.value for each in PromptFormat if each]
    parser.add_argument("--precision", choices=precisions, help="the published build to serve")
    parser.add_argument("--prompt-format", choices=formats, help="when a folder's files do not decide it")
    parser.add_argument("--name", help="the name that the engine gives the model")
    parser.add_argument("--context", type=int, metavar="TOKENS", help="the longest conversation, answer included")
    parser.add_argument("--dummy-weights", action="store_true", help="random weights, for measuring")


def _add_server(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="loopback, or the address of a private interface")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--max-streams", type=int, metavar="N", help="answers that are written at once")
    parser.add_argument("--max-queue", type=int, metavar="N", default=MAX_QUEUE, help="requests that may wait")
    parser.add_argument("--eager", action="store_true", help="without CUDA graphs: slower, starts sooner")


def _add_spread(parser: ArgumentParser) -> None:
    parser.add_argument("--tensor-parallel", type=int, metavar="GPUS", help="GPUs that share each layer")
    parser.add_argument(
        "--pipeline-parallel", type=int, metavar="STAGES", help="groups of GPUs that share the layers"
    )
    parser.add_argument("--nodes", type=int, default=1, metavar="HOSTS", help="hosts that share the model")
    parser.add_argument("--node-rank", type=int, metavar="N", help="which of the hosts this is; the first is 0")
    parser.add_argument("--master", metavar="ADDRESS[:PORT]", help="the first host's private address")
    parser.add_argument("--ray", action="store_true", help="spread by a Ray cluster that runs already")
    parser.add_argument("--gpu-memory", type=float, metavar="FRACTION", help="how much of each GPU may be used")
    parser.add_argument("--kv-cache", choices=["fp8"], help="fp8 halves what a chat needs")


def _read(given: dict[str, Any], extra: tuple[str, ...]) -> Options:
    """Return what is asked for; raises WrongOption."""
    taken = {name: given[name] for name in Options.__dataclass_fields__ if name in given}
    checked = {
        "host": check_host(given["host"]),
        "master": check_master(given["master"]) if given["master"] else None,
        "precision": Precision(given["precision"]) if given["precision"] else None,
        "prompt_format": PromptFormat(given["prompt_format"]) if given["prompt_format"] else None,
        "extra": extra,
    }
    return Options(**{**taken, **checked})
