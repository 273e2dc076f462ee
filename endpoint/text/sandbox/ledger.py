"""The budget of one template render: steps, characters, the size of a value, and time.

A chat template comes with the model file, so it may be hostile. Jinja's sandbox keeps it from our objects; this keeps
it from our time and memory. Every loop turn, call, filter and operator pays here, before or after it makes a value.
Owner: the thread that renders; one ledger a render.
Invariant: a list, tuple or dict is never changed after it was measured (the sandbox forbids it), so sizes are kept by
identity, and the kept reference makes that identity safe.
"""

from __future__ import annotations

import time
from collections.abc import ItemsView, Iterable, KeysView, ValuesView
from dataclasses import dataclass

from jinja2.exceptions import SecurityError
from jinja2.utils import Namespace

NODE = 16
"""What an element of a container weighs, in characters."""

MAX_DEPTH = 100
"""How deep containers may nest. Printing one costs its size times its depth."""


class WorkLimitExceeded(Exception):
    """The template did more work than any real one needs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`steps`: operations. `made`: characters made in all. `value`: the size of one value in characters."""

    steps: int = 500_000
    made: int = 16_000_000
    value: int = 8_000_000
    seconds: float = 5.0

    def for_input(self, chars: int) -> Limits:
        """Room in proportion to the conversation, which is not the template's fault."""
        return Limits(self.steps + chars // 2, self.made + 32 * chars, self.value + 4 * chars, self.seconds)


class Ledger:
    """Counts what a render spends. Each method raises WorkLimitExceeded when a limit is passed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = limits.steps
        self._made = limits.made
        self._deadline = time.monotonic() + limits.seconds
        self._measured: dict[int, tuple[object, int, int]] = {}

    def step(self, count: int = 1) -> None:
        """Pay for `count` operations."""
        self._steps -= count
        if self._steps < 0:
            raise WorkLimitExceeded(f"more than {self._limits.steps:,} operations")
        if time.monotonic() > self._deadline:
            raise WorkLimitExceeded(f"longer than {self._limits.seconds:g} s")

    def check_size(self, chars: int) -> None:
        """Refuse a value of that size before it is made."""
        if chars > self._limits.value:
            raise WorkLimitExceeded(f"a value of {chars:,} characters")

    def spend(self, chars: int) -> None:
        """Pay for that many new characters."""
        self._made -= chars
        if self._made < 0:
            raise WorkLimitExceeded(f"more than {self._limits.made:,} characters")

    def take(self, value: object) -> object:
        """Pay for a value that was just made, and hand it on."""
        if isinstance(value, str):
            self.check_size(len(value))
            self.spend(len(value))
        elif isinstance(value, list | tuple | dict):
            self.check_size(self.size(value))
            self.spend(NODE * len(value))
        return value

    def size(self, value: object) -> int:
        """Characters that `value` takes when printed, roughly; a shared part counts each time it occurs."""
        return self._measure(value)[0]

    def depth(self, value: object) -> int:
        """How deep `value` nests; 0 for a plain value."""
        return self._measure(value)[1]

    def text(self, value: object) -> str:
        """`value` as text, refused when that would be too long."""
        if isinstance(value, str):
            return value
        if isinstance(value, Namespace):
            raise SecurityError("a namespace can't be printed")
        self.check_size(self.size(value))
        return str(value)

    def _measure(self, value: object) -> tuple[int, int]:
        if isinstance(value, str):
            return len(value), 0
        if isinstance(value, Namespace):
            raise SecurityError("a namespace can't be part of a list or a dict")
        if not isinstance(value, list | tuple | dict | KeysView | ValuesView | ItemsView):
            return NODE, 0
        known = self._measured.get(id(value))
        if known is None:
            known = (value, *self._measure_items(_items(value)))
            self._measured[id(value)] = known
        return known[1], known[2]

    def _measure_items(self, items: Iterable[object]) -> tuple[int, int]:
        size, depth = NODE, 0
        for item in items:
            self.step()
            item_size, item_depth = self._measure(item)
            size += NODE + item_size
            depth = max(depth, item_depth)
            self.check_size(size)
        if depth >= MAX_DEPTH:
            raise WorkLimitExceeded(f"lists more than {MAX_DEPTH} deep")
        return size, depth + 1


def _items(container: Iterable[object]) -> Iterable[object]:
    if isinstance(container, dict):
        return [each for pair in container.items() for each in pair]
    return container
