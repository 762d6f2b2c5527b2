"""From what an operator asks for to the program that serves it."""

from __future__ import annotations

from collections.abc import Sequence

from inference.llama_cpp.launch import SLOTS, llama_cpp_command
from inference.vllm.command import Command
from inference.vllm.errors import EngineMissing, WrongOption
from inference.vllm.extras import IN_PROCESS, LLAMA_CPP, VLLM, check_extras
from inference.vllm.gpus import find_machine
from inference.vllm.launch import MAX_STREAMS, Launch, vllm_command
from inference.vllm.model import Model, find_models
from inference.vllm.options import Options
from inference.vllm.plan import check_context, check_spread, choose, default_context
from inference.vllm.program import LLAMA_SERVER, find_llama_cpp, find_vllm
from inference.vllm.report import report


def plan_for(options: Options) -> str:
    """Return a table of what would fit; raises ServeError."""
    machine = find_machine(options.gpus, hosts=options.nodes)
    return report(_models(options), machine, options.wish, builds=find_models(options.model))


def program_for(options: Options, *, start: bool) -> Command:
    """Return what serves the model; raises ServeError.

    Without `start` it is only shown: what is not installed here goes by its usual name.
    """
    models = _models(options)
    if models[0].is_gguf:
        return _llama_cpp(models[0], options, start=start)
    return _vllm(models, options, start=start)


def _models(options: Options) -> Sequence[Model]:
    options.check()
    models = find_models(options.model, precision=options.precision, prompt_format=options.prompt_format)
    for model in models:
        check_context(model, options.wish)
        check_spread(model, options.wish)
    return models


def _vllm(models: Sequence[Model], options: Options, *, start: bool) -> Command:
    cluster, extra = options.cluster, check_extras(options.extra, VLLM)
    model, context, tensor_parallel, pipeline_parallel = _spread(models, options)
    launch = Launch(
        host=options.host,
        port=options.port,
        name=options.name or model.name,
        context=context,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
        cluster=cluster,
        ray=options.ray,
        max_streams=options.max_streams or MAX_STREAMS,
        max_queue=options.max_queue,
        gpu_memory=options.gpu_memory,
        kv_cache=options.kv_cache,
        dummy_weights=options.dummy_weights,
        eager=options.eager,
        extra=extra,
    )
    return vllm_command(_vllm_program(options, start=start), model, launch)


def _spread(models: Sequence[Model], options: Options) -> tuple[Model, int, int, int]:
    """Return the build, its context, and what it is spread over, as planned where there are GPUs."""
    wish, machine = options.wish, find_machine(options.gpus, hosts=options.nodes)
    if machine:
        plan = choose(models, machine, wish, builds=find_models(options.model))
        return plan.model, plan.context, plan.tensor_parallel, plan.pipeline_parallel
    # Nothing is known of where it will run: the smallest build on the fewest cards.
    model = models[-1]
    context = wish.context or default_context(model)
    return model, context, wish.tensor_parallel or 1, wish.pipeline_parallel or options.nodes


def _vllm_program(options: Options, *, start: bool) -> tuple[str, ...]:
    follows = options.cluster is not None and options.cluster.rank > 0
    try:
        return find_vllm(options.python, follows=follows)
    except EngineMissing:
        if start or options.python:
            raise
        return ("vllm", "serve")


def _llama_cpp(model: Model, options: Options, *, start: bool) -> Command:
    _check_for_llama_cpp(options)
    try:
        program = find_llama_cpp()
    except EngineMissing:
        if start:
            raise
        program = LLAMA_SERVER
    launch = Launch(
        host=options.host,
        port=options.port,
        name=options.name or model.name,
        context=options.context or default_context(model),
        max_streams=options.max_streams or SLOTS,
        extra=check_extras(options.extra, LLAMA_CPP if program == LLAMA_SERVER else IN_PROCESS),
    )
    return llama_cpp_command(program, model, launch)


def _check_for_llama_cpp(options: Options) -> None:
    given = {
        "--tensor-parallel": options.tensor_parallel,
        "--pipeline-parallel": options.pipeline_parallel,
        "--nodes": options.nodes > 1,
        "--node-rank": options.node_rank is not None,
        "--master": options.master,
        "--ray": options.ray,
        "--gpu-memory": options.gpu_memory,
        "--kv-cache": options.kv_cache,
        "--python": options.python,
        "--dummy-weights": options.dummy_weights,
        "--eager": options.eager,
    }
    wrong = [name for name, value in given.items() if value]
    if wrong:
        raise WrongOption(
            f"{', '.join(wrong)}: these are vLLM's, and a GGUF file is served by llama.cpp, "
            "which finds its GPUs itself. Leave them out."
        )
