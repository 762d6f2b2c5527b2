"""Where anchors go is read from the environment; what is wrong stops the start with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermes_web.audit_anchors import anchor_file, anchor_syslog, anchor_webhook
from hermes_web.environment import ConfigurationError


def test_without_settings_there_is_a_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert anchor_file(Path("/data")) == "/data/anchors/audit.jsonl"
    assert (anchor_syslog(), anchor_webhook()) == ("", "")
    monkeypatch.setenv("HERMES_AUDIT_ANCHOR_FILE", "off")
    assert anchor_file(Path("/data")) == ""


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/dev/log", "/dev/log"),
        ("syslog.example:514", ("syslog.example", 514)),
        ("[2001:db8::1]:514", ("2001:db8::1", 514)),
    ],
)
def test_a_syslog_is_a_host_and_port_or_a_path(
    monkeypatch: pytest.MonkeyPatch, value: str, found: tuple[str, int] | str
) -> None:
    monkeypatch.setenv("HERMES_AUDIT_ANCHOR_SYSLOG", value)
    assert anchor_syslog() == found


@pytest.mark.parametrize("value", ["syslog.example", ":514", "syslog.example:0", "syslog.example:udp"])
def test_another_syslog_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HERMES_AUDIT_ANCHOR_SYSLOG", value)
    with pytest.raises(ConfigurationError, match="write host:port, or a socket's path such as /dev/log"):
        anchor_syslog()


def test_a_webhook_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERMES_AUDIT_ANCHOR_WEBHOOK", "https://anchors.example/hermes")
    assert anchor_webhook() == "https://anchors.example/hermes"
    monkeypatch.setenv("HERMES_AUDIT_ANCHOR_WEBHOOK", "anchors.example")
    with pytest.raises(ConfigurationError, match="begins with https or http"):
        anchor_webhook()
