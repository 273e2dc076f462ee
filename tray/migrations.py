"""From each settings schema to the next, in order. Each changes the document in place and keeps its comments.

The newest schema is the number of migrations, so adding one here is all that a new schema needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

Migration = Callable[["TOMLDocument"], None]


def number_schema(document: TOMLDocument) -> None:
    """0 -> 1: schema 0 was the same file before schemas were numbered; only the number is new."""
    document.setdefault("schema", 0)


MIGRATIONS: tuple[Migration, ...] = (number_schema,)
