"""YAML, read by PyYAML with the place of every value. It is imported late: the tray hardly ever needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tray.clients.edits.members import BadDocument

if TYPE_CHECKING:
    from yaml import Node
    from yaml.nodes import SequenceNode


def compose(text: str) -> Node | None:
    """The one document's root; None for an empty one. Raises BadDocument, also for what has no lines to change."""
    import yaml
    from yaml.nodes import CollectionNode

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        construct(root)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadDocument(" ".join(str(error).split())) from error
    if isinstance(root, CollectionNode) and root.flow_style and root.value:
        raise BadDocument("the whole file is written in brackets")
    return root


def construct(node: Node | None) -> Any:  # noqa: ANN401  any value that YAML can write
    """The node's value, by the safe rules."""
    import yaml

    loader = yaml.SafeLoader("")
    try:
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def pairs_of(root: Node | None) -> list[tuple[Node, Node]]:
    """Keys and values of a mapping; none of nothing. Raises BadDocument."""
    from yaml.nodes import MappingNode

    if root is None:
        return []
    if not isinstance(root, MappingNode):
        raise BadDocument("the whole file is not a mapping")
    return list(root.value)


def as_list(node: Node, name: str) -> SequenceNode:
    """The node, as the list that it is. Raises BadDocument with the name."""
    from yaml.nodes import SequenceNode

    if not isinstance(node, SequenceNode):
        raise BadDocument(f"{name} is not a list")
    if node.flow_style and node.value:
        raise BadDocument(f"{name} is written in brackets")
    return node


def is_plain(node: Node) -> bool:
    """Whether it is a value that begins and ends on a line of its own or of its key's."""
    from yaml.nodes import ScalarNode

    return isinstance(node, ScalarNode) and node.style not in ("|", ">")


def last_of(node: Node) -> int:
    """Where the last thing in the node ends: PyYAML has a collection end behind what follows it."""
    from yaml.nodes import CollectionNode

    if not isinstance(node, CollectionNode) or node.flow_style:
        return node.end_mark.index - int(node.end_mark.column == 0)
    children = [child for each in node.value for child in (each if isinstance(each, tuple) else (each,))]
    return max(map(last_of, children), default=node.start_mark.index)
