"""Policies as YAML: only what JSON can say as well, so that a file means what it looks like.

`no`, `on`, `1:30` and dates are texts here; anchors, tags, repeated names and deep nesting are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

import yaml

from moderation import limits
from moderation.errors import PolicyInvalid, Problem

FLOWING = ("channels", "roles", "groups", "ignore", "recognizers")
PREFIX = "tag:yaml.org,2002:"
STANDARD = {PREFIX + kind for kind in ("str", "int", "float", "bool", "null", "map", "seq")}
WIDTH = 110


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


class _Flowing(list[object]):
    """Written in one line."""


_Loader.add_implicit_resolver(PREFIX + "bool", re.compile(r"(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(PREFIX + "null", re.compile(r"(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver(PREFIX + "int", re.compile(r"-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    PREFIX + "float", re.compile(r"-?[0-9]{1,18}\.[0-9]*(?:[eE][-+][0-9]{1,3})?$"), list("-0123456789")
)
_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(PREFIX + "str", text, _style(text)))
_Dumper.add_representer(
    _Flowing, lambda dumper, items: dumper.represent_sequence(PREFIX + "seq", items, flow_style=True)
)


def load(text: str) -> object:
    """Return what a YAML text says; raises PolicyInvalid."""
    if len(text) > limits.YAML:
        raise _invalid("", f"The file has {len(text):,} characters; at most {limits.YAML:,} may be.")
    try:
        _refuse_tricks(text)
        return _read(text)
    except yaml.MarkedYAMLError as error:
        raise _invalid(_line(error.problem_mark), f"This is no YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise _invalid("", f"This is no YAML: {' '.join(str(error).split())[:200]}.") from None
    except ValueError:
        raise _invalid("", "This is no YAML: a value cannot be read.") from None


def dump(facts: Mapping[str, object]) -> str:
    """Return a document as YAML, without what is empty."""
    return yaml.dump(_filled(facts), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)


def _refuse_tricks(text: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _invalid(_line(event.start_mark), "Anchors and aliases (“&”, “*”) are not read. Write it out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > limits.YAML_DEPTH:
            raise _invalid(_line(event.start_mark), "This is nested more deeply than a policy ever is.")
        if number > limits.YAML_VALUES:
            raise _invalid(_line(event.start_mark), "There are more values here than a policy ever has.")


def _read(text: str) -> object:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise _invalid("", "The file is empty.")
        _check(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check(node: yaml.Node) -> None:
    if node.tag not in STANDARD:
        raise _invalid(_line(node.start_mark), f"The tag “{node.tag[:80]}” is not read. Take it out.")
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            _check(one)
    if isinstance(node, yaml.MappingNode):
        _check_names(node)


def _check_names(node: yaml.MappingNode) -> None:
    seen = set()
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise _invalid(_line(name.start_mark), "A name must be a word.")
        if name.value in seen:
            raise _invalid(_line(name.start_mark), f"“{name.value[:80]}” is here twice. Keep one of them.")
        seen.add(name.value)
        _check(name)
        _check(value)


def _filled(value: object, name: str = "") -> object:
    if isinstance(value, Mapping):
        # An empty `ignore` says something: nothing is overlooked.
        return {key: _filled(one, key) for key, one in value.items() if key == "ignore" or one not in ("", [], None)}
    if isinstance(value, list):
        return _Flowing(value) if name in FLOWING else [_filled(one) for one in value]
    return value


def _style(text: str) -> str | None:
    return "|" if "\n" in text else None


class _Mark(Protocol):
    line: int


def _line(mark: _Mark | None) -> str:
    return "" if mark is None else f"line {mark.line + 1}"


def _invalid(place: str, words: str) -> PolicyInvalid:
    return PolicyInvalid((Problem(place=place, words=words),))
