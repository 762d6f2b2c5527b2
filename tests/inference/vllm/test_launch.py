"""The flags that must always be there, those that never may, and how a command is written."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from inference.engine import PromptFormat
from inference.vllm.command import Command
from inference.vllm.container import container_options
from inference.vllm.errors import EngineMissing, ServeError, WrongOption
from inference.vllm.launch import Launch, vllm_command
from inference.vllm.model import find_models
from inference.vllm.options import Options
from inference.vllm.program import find_llama_cpp, find_vllm
from inference.vllm.prompt_format import template
from inference.vllm.serve import program_for
from tests.inference.vllm.folders import LLAMA3, SIZES, THINK, gguf_file, model_folder
from tests.inference.vllm.snapshot import ROOT

NEVER = {"--trust-remote-code", "--enable-lora", "--api-key", "--trust-request-chat-template", "--tool-server"}


def argv_of(size: str) -> list[str]:
    return list(vllm_command(("vllm", "serve"), find_models(size)[0], Launch(name=size, context=8192)).argv)


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_served_as_hermes_needs(size: str) -> None:
    argv = argv_of(size)
    assert value(argv, "--host") == "127.0.0.1"
    assert value(argv, "--reasoning-parser") == "hermes4"
    assert value(argv, "--tool-call-parser") == "hermes"
    assert value(argv, "--scheduling-policy") == "priority"
    assert json.loads(value(argv, "--override-generation-config")) == {"temperature": 0.6, "top_p": 0.95, "top_k": 20}
    assert json.loads(value(argv, "--default-chat-template-kwargs")) == {"thinking": False}
    assert json.loads(value(argv, "--structured-outputs-config"))["disable_any_whitespace"] is True
    assert {"--enable-prefix-caching", "--enable-request-id-headers", "--disable-fastapi-docs"} <= set(argv)
    assert not NEVER & set(argv)


@pytest.mark.parametrize("size", SIZES)
def test_the_files_it_names_are_there(size: str) -> None:
    argv = argv_of(size)
    assert Path(value(argv, "--chat-template")).is_file()
    assert Path(value(argv, "--reasoning-parser-plugin")).is_file()


def test_each_format_has_its_template() -> None:
    assert "<|im_start|>" in template(PromptFormat.CHATML).read_text()
    assert "<|start_header_id|>" in template(PromptFormat.LLAMA3).read_text()


def test_only_a_folder_is_served_offline(tmp_path: Path) -> None:
    launch = Launch(name="m", context=8192)
    [local] = find_models(str(model_folder(tmp_path / "m")))
    assert vllm_command(("vllm", "serve"), local, launch).environment["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in vllm_command(("vllm", "serve"), find_models("14b")[0], launch).environment


def test_doors_for_developers_stay_shut_whatever_the_environment_says() -> None:
    environment = vllm_command(("vllm", "serve"), find_models("14b")[0], Launch(name="m", context=8192)).environment
    assert environment["VLLM_SERVER_DEV_MODE"] == environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "0"
    assert environment["VLLM_MAX_N_SEQUENCES"] == "1"


def test_a_script_runs_what_it_shows(tmp_path: Path) -> None:
    program = tmp_path / "it's a program"
    program.write_text('#!/bin/sh\nprintf "%s|" "$KEY" "$MODE" "$@"\n')
    program.chmod(0o755)
    command = Command(
        argv=(str(program), "--json", '{"a": "$HOME"}', "--flag"), environment={"MODE": "x y"}, key_name="KEY"
    )
    script = command.script("$(printf secret)")
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == (
        'secret|x y|--json|{"a": "$HOME"}|--flag|'
    )


def test_a_script_starts_nothing_without_its_key(tmp_path: Path) -> None:
    script = Command(argv=("echo", "started")).script(f"$(cat {tmp_path / 'missing'})")
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode != 0, ran.stdout) == (True, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nodes": 2}, "add --node-rank"),
        ({"nodes": 2, "node_rank": 2, "master": ("10.0.0.1", None)}, "between 0 and 1"),
        ({"node_rank": 0}, "are for several hosts: add --nodes"),
        ({"nodes": 2, "node_rank": 0, "ray": True}, "A Ray cluster knows its hosts"),
        ({"port": 0}, "--port is 0: it must be between 1 and 65,535"),
        ({"gpu_memory": 1.0}, "--gpu-memory is 1.0"),
        ({"context": 0}, "--context is 0"),
        ({"context": 50_000}, "Choose 40960 or less"),
        ({"tensor_parallel": 3}, "choose --tensor-parallel 1, 2, 4, 8"),
        ({"gpus": "1x8"}, "do not fit"),
        ({"extra": ("--trust-remote-code",)}, "is not passed on"),
        ({"python": "no-such-interpreter"}, "is not a program"),
    ],
)
def test_a_wrong_choice_gets_a_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(ServeError, match=words):
        program_for(Options(**{"model": "14b", **options}), start=False)  # type: ignore[arg-type]


def test_options_of_vllm_are_refused_for_a_gguf_file(tmp_path: Path) -> None:
    path = str(gguf_file(tmp_path / "m.gguf", [*LLAMA3, *THINK]))
    with pytest.raises(WrongOption, match="--tensor-parallel, --kv-cache: these are vLLM's"):
        program_for(Options(model=path, tensor_parallel=2, kv_cache="fp8"), start=False)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("inference.vllm.program.find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match="vLLM is not installed here"):
        find_vllm(None)
    with pytest.raises(EngineMissing, match="llama.cpp, which is not installed here"):
        find_llama_cpp()
    with pytest.raises(EngineMissing, match="hosts after the first"):
        find_vllm("python3", follows=True)


def test_llama_server_is_taken_before_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_llama_cpp()[-1].endswith("llama_cpp/server.py")
    (tmp_path / "llama-server").write_text("#!/bin/sh\n")
    (tmp_path / "llama-server").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_llama_cpp() == ("llama-server",)


def test_compose_asks_for_the_mounted_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No driver there: nothing is known of the GPUs.
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = model_folder(tmp_path / "model", "14b")
    given = {"HERMES_ENGINE_MODEL": "hermes-4", "HERMES_GPUS": "2", "HERMES_ENGINE_CONTEXT": "32768"}
    argv = list(program_for(container_options(given, folder), start=False).argv)
    assert argv[:3] == ["vllm", "serve", str(folder)]
    assert [value(argv, name) for name in ("--host", "--served-model-name", "--tensor-parallel-size")] == [
        "0.0.0.0",
        "hermes-4",
        "2",
    ]
    assert value(argv, "--max-model-len") == "32768"


def test_compose_settings_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(WrongOption, match="HERMES_GPUS is 'two'"):
        container_options({"HERMES_GPUS": "two"})


def test_the_container_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    # An interpreter without any site-packages, as far from ours as a container's.
    ran = subprocess.run(
        [
            "python3",
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); import inference.vllm.container",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
