"""Which held token sequences begin like a prompt: a radix tree over tokens. Pure; engine thread only.

Every edge holds a run of tokens; every leaf ends an entry (nodes that end none and lead nowhere are pruned), so from
any point of the tree an entry lies below. Matching costs one comparison a token, however many entries there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_BLOCK = 256
"""Tokens compared at once: equal runs are compared in C, the place of a difference is found by halving."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry whose first `depth` tokens are the prompt's."""

    entry: int
    depth: int


@dataclass(slots=True)
class _Node:
    edge: tuple[int, ...] = ()
    parent: _Node | None = None
    children: dict[int, _Node] = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)


class PrefixIndex:
    """Token sequences by entry number; several entries may hold the same tokens."""

    def __init__(self) -> None:
        self._root = _Node()
        self._nodes: dict[int, _Node] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def insert(self, entry: int, tokens: Sequence[int]) -> None:
        """Add an entry. Its number must be new."""
        node, done = self._descend(tuple(tokens), split=True)
        rest = tuple(tokens[done:])
        if rest:
            leaf = _Node(rest, node)
            node.children[rest[0]] = leaf
            node = leaf
        node.entries.append(entry)
        self._nodes[entry] = node

    def remove(self, entry: int) -> None:
        """Forget an entry; an unknown one is ignored."""
        node = self._nodes.pop(entry, None)
        if node is None:
            return
        node.entries.remove(entry)
        while node.parent is not None and not node.entries and not node.children:
            del node.parent.children[node.edge[0]]
            node = node.parent
        _merge(node)

    def match_longest(self, tokens: Sequence[int]) -> Match | None:
        """The entry that shares the longest beginning with `tokens`, however much longer it is itself."""
        node, depth = self._descend(tuple(tokens), split=False)
        if depth == 0:
            return None
        while not node.entries:
            node = next(iter(node.children.values()))
        return Match(node.entries[-1], depth)

    def match_whole(self, tokens: Sequence[int]) -> Match | None:
        """The longest entry that `tokens` begins with: for state that can't be cut."""
        best: Match | None = None
        for node, depth in self._path(tuple(tokens)):
            if node.entries and depth:
                best = Match(node.entries[-1], depth)
        return best

    def covered_by(self, tokens: Sequence[int]) -> list[int]:
        """The entries that `tokens` begins with, the one with exactly these tokens included."""
        return [entry for node, _ in self._path(tuple(tokens)) for entry in node.entries]

    def _path(self, tokens: tuple[int, ...]) -> list[tuple[_Node, int]]:
        """The nodes that end within `tokens`, with their depths."""
        node, depth, path = self._root, 0, [(self._root, 0)]
        while depth < len(tokens):
            child = node.children.get(tokens[depth])
            if child is None or tokens[depth : depth + len(child.edge)] != child.edge:
                break
            node, depth = child, depth + len(child.edge)
            path.append((node, depth))
        return path

    def _descend(self, tokens: tuple[int, ...], *, split: bool) -> tuple[_Node, int]:
        """Where `tokens` leaves the tree: the node there, or the one below when it leaves inside an edge and the edge
        isn't to be split; and how many tokens were shared."""
        node, depth = self._path(tokens)[-1]
        child = node.children.get(tokens[depth]) if depth < len(tokens) else None
        if child is None:
            return node, depth
        shared = common_length(child.edge, tokens[depth:])
        return (_split(node, child, shared) if split else child), depth + shared


def common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their beginning."""
    end = min(len(left), len(right))
    start = 0
    while start < end and left[start : start + _BLOCK] == right[start : start + _BLOCK]:
        start += _BLOCK
    low, high = min(start, end), min(start + _BLOCK, end)
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _split(parent: _Node, node: _Node, at: int) -> _Node:
    """Cut the edge from `parent` to `node` after `at` tokens; the new node between them."""
    upper = _Node(node.edge[:at], parent, {node.edge[at]: node})
    parent.children[upper.edge[0]] = upper
    node.edge, node.parent = node.edge[at:], upper
    return upper


def _merge(node: _Node) -> None:
    """Join a node that ends no entry with its only child."""
    if node.parent is None or node.entries or len(node.children) != 1:
        return
    (child,) = node.children.values()
    child.edge, child.parent = node.edge + child.edge, node.parent
    node.parent.children[child.edge[0]] = child
