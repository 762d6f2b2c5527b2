"""Make this machine able to run containers: tools, a private mount namespace, a storage of our own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hermes-web" / "compose"
PROGRAMS = ("podman", "crun", "iptables", "debootstrap")
PACKAGES = (*PROGRAMS, "buildah", "netavark", "aardvark-dns", "catatonit")
PODMAN_COMPOSE = "podman-compose==1.6.0"
UNIFIED = Path("/sys/fs/cgroup/unified")
# podman-compose itself waits for what a service depends on. Podman's own --requires would start services that have
# ended once more, and podman 4 cannot sort ended and running ones.
WRAPPER = """#!/bin/bash
arguments=()
for one in "$@"; do [[ $one == --requires=* ]] || arguments+=("$one"); done
exec podman "${arguments[@]}"
"""


class CannotRun(Exception):
    """This machine cannot run the test; the message says why."""


def run(*argv: str | Path, seconds: float = 120, text: str | None = None, cwd: Path | None = None) -> str:
    """Run a program and return its output; raises CannotRun with the end of it when the program fails."""
    done = subprocess.run(
        [str(one) for one in argv],
        input=text,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise CannotRun(
            f"{' '.join(str(one) for one in argv[:6])} failed ({done.returncode}):\n{done.stdout[-4000:]}"
        )
    return done.stdout


def enter_namespace(module: str) -> None:
    """Start this module again in a private mount namespace, unless it is there already."""
    if os.geteuid() != 0:
        raise CannotRun("Run this as root: containers need a mount namespace and a bridge network.")
    if "--inside" not in sys.argv:
        os.execvp("unshare", ["unshare", "--mount", sys.executable, "-m", module, "--inside", *sys.argv[1:]])
    if os.path.ismount(UNIFIED):
        # A machine with both kinds of cgroups: crun 1.8 has to see one kind.
        run("umount", UNIFIED)


def install_tools() -> None:
    """Install what is missing: Debian's packages, and podman-compose in an environment of its own."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or not Path("/usr/libexec/podman/catatonit").exists():
        if shutil.which("apt-get") is None:
            raise CannotRun(f"Install {', '.join(PACKAGES)} first.")
        run("apt-get", "update", "-qq", seconds=300)
        run("apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES, seconds=900)
    if not (tools() / "podman-compose").exists():
        run(sys.executable, "-m", "venv", "--clear", tools().parent)
        run(tools() / "pip", "install", "--quiet", PODMAN_COMPOSE, seconds=300)
    (tools() / "podman-in-order").write_text(WRAPPER)
    (tools() / "podman-in-order").chmod(0o755)


def tools() -> Path:
    """Return the folder of the tools that only this test uses."""
    return CACHE / "tools" / "bin"


def configure_podman() -> None:
    """Point podman at a storage, networks and settings of this test's own."""
    folder = CACHE / "podman"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "storage.conf", {"storage": {"driver": "overlay", **_storage(folder)}})
    _write(
        folder / "containers.conf",
        {
            "containers": {"default_ulimits": ["nofile=1024:1024", "nproc=4096:4096"], "log_driver": "k8s-file"},
            "engine": {"cgroup_manager": "cgroupfs", "events_logger": "file", "runtime": "crun"},
            "network": {"network_backend": "netavark", "network_config_dir": str(folder / "networks")},
        },
    )
    # No registry at all: what is not here must not be looked for elsewhere.
    (folder / "registries.conf").write_text("unqualified-search-registries = []\n")
    os.environ["CONTAINERS_STORAGE_CONF"] = str(folder / "storage.conf")
    os.environ["CONTAINERS_CONF"] = str(folder / "containers.conf")
    os.environ["CONTAINERS_REGISTRIES_CONF"] = str(folder / "registries.conf")


def podman(*argv: str | Path, seconds: float = 120, text: str | None = None) -> str:
    """Run podman."""
    return run("podman", *argv, seconds=seconds, text=text)


def _storage(folder: Path) -> dict[str, object]:
    return {"graphroot": str(folder / "storage"), "runroot": "/run/hermes-web-compose"}


def _write(path: Path, tables: dict[str, dict[str, object]]) -> None:
    lines: list[str] = []
    for table, values in tables.items():
        lines += [f"[{table}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    path.write_text("\n".join(lines) + "\n")


def export(root: Path, target: Path) -> None:
    """Copy what git has or would take, as a fresh clone would have it."""
    names: Sequence[str] = run(
        "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"
    ).splitlines()
    for name in names:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)
