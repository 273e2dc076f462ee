"""The tables of the settings file, and which keys may stand in each. Pure; what reads and what checks it go by this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tray.keys import KEYS, TUNING, Key
from tray.targets import MODEL, quote

SECTIONS = tuple(dict.fromkeys(key.section for key in KEYS))

Place = tuple[str, ...]
"""The names of a table: of the one that holds it, and its own."""


def list_tables(document: Mapping[str, object]) -> Iterator[tuple[Place, Mapping[str, Key], object]]:
    """Where each table of ours stands, its keys, and what stands there, which may be no table."""
    for section in SECTIONS:
        yield (section,), {key.name: key for key in KEYS if key.section == section}, document.get(section, {})
    models = document.get(MODEL, {})
    if not isinstance(models, dict):
        yield (MODEL,), {}, models
        return
    for model, tuned in models.items():
        yield (MODEL, model), TUNING, tuned


def list_strangers(document: Mapping[str, object]) -> list[str]:
    """Names at the top that mean nothing."""
    return [name for name in document if name not in ("schema", MODEL, *SECTIONS)]


def write_header(place: Place) -> str:
    """As this program writes it: `model."NAME"`."""
    return ".".join([place[0], *map(quote, place[1:])])
