"""The text of Pulumi.<stack>.yaml: read with the spelling of its scalars, edited line by line.

PyYAML tells where a key stands; only those lines are rewritten.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gigasite.errors import GigasiteError


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as it is written, so that `1.50` and `yes` stay what the user typed."""

    text: str


def parse(text: str, path: Path) -> dict[str, Any]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        document = {} if node is None else _construct(node)
    except yaml.YAMLError as error:
        raise GigasiteError(f"is not YAML: {' '.join(str(error).split())}", path=str(path)) from None
    if not isinstance(document, dict):
        raise GigasiteError("is not a mapping", path=str(path))
    for key in ("encryptionsalt", "secretsprovider", "encryptedkey"):
        if isinstance(document.get(key), Scalar):
            document[key] = document[key].text
    return document


def _construct(node: yaml.Node, depth: int = 0) -> Any:
    """Values of a node: at most two levels deep scalars keep their spelling, deeper ones get their type."""
    if depth > 20:
        raise yaml.YAMLError("nested too deeply")
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _construct(value, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, depth + 1) for item in node.value]
    if depth <= 2:
        return None if depth < 2 and node.tag.endswith(":null") else Scalar(str(node.value))
    return yaml.SafeLoader("").construct_object(node)


def scalar(value: str) -> str:
    """A text as a YAML scalar on one line that reads back as the same text."""
    rendered = yaml.safe_dump(value, width=2**31, allow_unicode=value.isprintable(), default_flow_style=True).strip()
    rendered = rendered.removesuffix("...").strip()
    return json.dumps(value, ensure_ascii=False) if "\n" in rendered else rendered


def _lines(text: str) -> list[str]:
    """The lines of a file. Raises GigasiteError for line breaks that only YAML takes for some."""
    if any(c in text for c in "\x85\u2028\u2029"):
        raise GigasiteError("the stack file holds line breaks of Unicode", hint="write them as \\u2028 in quotes")
    return text.removesuffix("\n").split("\n") if text else []


def _config_node(text: str) -> tuple[yaml.Node, yaml.Node] | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader) if text.strip() else None
    if not isinstance(root, yaml.MappingNode):
        return None
    return next((pair for pair in root.value if pair[0].value == "config"), None)


def with_key(text: str, keys: frozenset[str], name: str, rendered: str) -> str:
    """`text` with the key set: replaced where it stands, else added at the end of the map."""
    text = _in_block_style(text)
    pair = _config_node(text)
    line = f"  {name}:{rendered if rendered.startswith(chr(10)) else ' ' + rendered}"
    lines = _lines(text)
    if pair is None or not isinstance(pair[1], yaml.MappingNode) or not pair[1].value:
        if pair is not None:
            lines[pair[0].start_mark.line] = "config:"
        else:
            lines.append("config:")
        at = next(i for i, content in enumerate(lines) if content.rstrip() == "config:") + 1
        return "\n".join([*lines[:at], line, *lines[at:]]) + "\n"
    indent = " " * pair[1].value[0][0].start_mark.column
    for key_node, value_node in pair[1].value:
        if key_node.value in keys:
            written = line.replace(f"  {name}:", f"{indent}{key_node.value}:", 1).replace("\n    ", f"\n{indent}  ")
            start, end = key_node.start_mark.line, _end_line(value_node)
            return "\n".join([*lines[:start], written + _comment(lines[end], value_node), *lines[end + 1 :]]) + "\n"
    last = max(_end_line(value_node) for _, value_node in pair[1].value)
    added = (indent + line[2:]).replace("\n    ", f"\n{indent}  ")
    return "\n".join([*lines[: last + 1], added, *lines[last + 1 :]]) + "\n"


def without_key(text: str, keys: frozenset[str]) -> str:
    text = _in_block_style(text)
    pair = _config_node(text)
    if pair is None or not isinstance(pair[1], yaml.MappingNode):
        return text
    lines = _lines(text)
    for key_node, value_node in pair[1].value:
        if key_node.value in keys:
            del lines[key_node.start_mark.line : _end_line(value_node) + 1]
            if len(pair[1].value) == 1:
                lines[pair[0].start_mark.line] = "config: {}"
            return "\n".join(lines) + "\n"
    return text


def _end_line(node: yaml.Node) -> int:
    """The last line that a value stands on; the end mark of a block is at the start of what follows it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end_line(node.value[-1])
    if node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line:
        return int(node.end_mark.line) - 1
    return int(node.end_mark.line)


def _comment(line: str, value_node: yaml.Node) -> str:
    """The comment behind a one-line value, to be kept behind the new one."""
    if not isinstance(value_node, yaml.ScalarNode) or value_node.style in ("|", ">"):
        return ""
    rest = line[value_node.end_mark.column :].strip()
    return f"  {rest}" if rest.startswith("#") else ""


def _in_block_style(text: str) -> str:
    """`text` with `config` as a block: a flow map is written anew, one key a line."""
    pair = _config_node(text)
    if pair is None or not getattr(pair[1], "flow_style", False) or not pair[1].value:
        return text
    node = pair[1]
    start, end = node.start_mark.index, node.end_mark.index
    block = yaml.serialize(_blocked(node), Dumper=yaml.SafeDumper, width=2**31)
    body = "".join(f"\n  {row}" for row in block.splitlines())
    return text[:start].rstrip(" ") + body + text[end:]


def _blocked(node: yaml.Node) -> yaml.Node:
    if isinstance(node, yaml.MappingNode):
        return yaml.MappingNode(node.tag, [(k, _blocked(v)) for k, v in node.value], flow_style=False)
    return node
