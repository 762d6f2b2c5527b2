"""Where the stack keeps things."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hermes_web.environment import ConfigurationError
from hermes_web.stack.layout import ENGINE_PORT, Layout


def test_the_secret_key_is_made_once_by_whoever_is_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: Layout(tmp_path).secret_key(), range(32)))
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 50
    assert list((tmp_path / "secrets").iterdir()) == [tmp_path / "secrets" / "secret-key"]


def test_the_secret_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    Layout(tmp_path).secret_key()
    assert stat.S_IMODE((tmp_path / "secrets" / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_secret_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file where a folder should be")
    with pytest.raises(ConfigurationError, match="secret-key cannot be read or made .*HERMES_DATA_DIR"):
        Layout(tmp_path).secret_key()


def test_sockets_have_a_short_path_wherever_the_data_is(tmp_path: Path) -> None:
    near, far = Layout(Path("/data")), Layout(tmp_path / ("deep/" * 30))
    assert near.sockets == Path("/data/run")
    assert len(str(far.sockets / ".s.PGSQL.5432.lock")) <= 107
    assert far.sockets == Layout(far.data_dir).sockets
    assert far.sockets != Layout(far.data_dir / "other").sockets


@pytest.mark.parametrize(("written", "port"), [("8085", 8085), ("", ENGINE_PORT), ("nonsense", ENGINE_PORT)])
def test_the_engines_address_is_where_it_last_started(tmp_path: Path, written: str, port: int) -> None:
    assert Layout(tmp_path).engine_url == f"http://127.0.0.1:{ENGINE_PORT}/v1"
    (tmp_path / "engine.port").write_text(written)
    assert Layout(tmp_path).engine_url == f"http://127.0.0.1:{port}/v1"
