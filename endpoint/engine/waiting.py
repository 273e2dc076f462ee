"""The line of waiting requests, and who may overtake whom. Pure; engine thread only.

First come, first served, with one exception: a small request passes a large one for which there are not enough KV
cells, so that a chat's title doesn't wait until a 20k prompt has found its room. Being passed has an end: after
PATIENCE admissions from behind, everybody waits for that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from endpoint.engine.admission import NotYet

T = TypeVar("T")

PATIENCE = 8
"""How often a request may be overtaken."""
REACH = 4
"""Requests without room that are looked past. Each look costs a search for the prompt's beginning, at every step."""


@dataclass(slots=True)
class _Place(Generic[T]):
    item: T
    overtaken: int = 0


class WaitingLine(Generic[T]):
    """Items in the order in which they came."""

    def __init__(self) -> None:
        self._places: list[_Place[T]] = []

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[T]:
        return (place.item for place in self._places)

    def join(self, item: T) -> None:
        """Go to the end."""
        self._places.append(_Place(item))

    def leave(self, item: T) -> None:
        """Give up the place. Raises ValueError when the item doesn't wait."""
        for index, place in enumerate(self._places):
            if place.item is item:
                del self._places[index]
                return
        raise ValueError(f"{item!r} is not in the line.")

    def admit(self, try_start: Callable[[T], NotYet | None]) -> None:
        """Ask each in turn whether it starts (None) or why not. Who waits for a running job's prefill, or for the disk,
        holds up nobody, who has no room for some while, and with no row left nobody is asked. `try_start` may raise:
        the line is whole then, with the one that was asked still in it."""
        stayed: list[_Place[T]] = []
        passed: list[_Place[T]] = []
        rest = iter(self._places)
        try:
            for place in rest:
                stayed.append(place)
                outcome = try_start(place.item)
                if outcome is None:
                    stayed.pop()
                    _count_overtaking(passed)
                elif outcome is NotYet.NO_CELLS:
                    passed.append(place)
                if outcome is NotYet.NO_ROW or len(passed) > REACH or _is_enough(passed):
                    break
        finally:
            self._places = [*stayed, *rest]

    def clear(self) -> None:
        """Everybody leaves."""
        self._places.clear()


def _count_overtaking(passed: list[_Place[T]]) -> None:
    for place in passed:
        place.overtaken += 1


def _is_enough(passed: list[_Place[T]]) -> bool:
    return any(place.overtaken >= PATIENCE for place in passed)
