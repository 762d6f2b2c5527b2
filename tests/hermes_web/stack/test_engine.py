"""The embedded engine's port and model."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hermes_web.stack import engine
from hermes_web.stack import layout as layout_module
from hermes_web.stack.errors import PortTaken
from hermes_web.stack.layout import Layout
from tests.environment import free_port


def test_it_takes_the_usual_port_and_writes_it_down(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    port = engine.take_port(layout)
    assert port in layout.engine_ports
    assert Layout(tmp_path).engine_url == f"http://127.0.0.1:{port}/v1"


def test_it_goes_on_to_the_next_when_the_usual_one_is_taken_or_is_for_web(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    usual = engine.take_port(layout)
    assert engine.take_port(layout, leave=usual) != usual
    with socket.create_server(("127.0.0.1", usual)):
        assert engine.take_port(layout) != usual


def test_two_data_folders_begin_at_different_places() -> None:
    folders = [Layout(Path(f"/data/{number}")).engine_ports for number in range(20)]
    assert len({ports[0] for ports in folders}) > 15
    assert len({frozenset(ports) for ports in folders}) == 1


def test_it_says_when_all_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_module, "ENGINE_PORTS", 1)
    monkeypatch.setattr(layout_module, "ENGINE_PORT", port := free_port())
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match="are all taken"):
        engine.take_port(Layout(tmp_path))


def test_the_packaged_model_is_there() -> None:
    assert engine.model_file().stat().st_size > 50_000_000
