"""Which models of the catalogue suit a machine, the best first. Pure arithmetic, with rough figures.

A model suits when its memory and its file fit, and when it writes fast enough to talk with. Speed is what the memory
gives in a second, divided by what is read for each token.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tray.models.catalogue import Entry, Form, Kind
from tray.models.machine import Machine
from tray.models.sizes import format_bytes
from tray.wording import format_seconds

USABLE_TOKENS_S = 10.0
"""Slower than this one waits for every answer."""
USUAL_BYTES_S = 6_250_000
"""What a download gets where nothing else is known: 50 Mbit/s."""
_COMFORTABLE = 0.8
"""Of the room: what is above leaves little for the prompt cache."""
_SYSTEM_BYTES = 2 << 30
_SYSTEM_SHARE = 8
_SPARE_DISK = 2 << 30
_CORE_BYTES_S, _MOST_CORES = 6e9, 8
_UNIFIED_BYTES_S, _CARD_BYTES_S = 80e9, 350e9


class Suits(StrEnum):
    """How it suits, the best first."""

    FITS = "fits"
    TIGHT = "tight"
    SLOW = "slow"
    NO_DISK = "no disk space"
    TOO_BIG = "too big"


_ORDER = tuple(Suits)


@dataclass(frozen=True, slots=True)
class Ranked:
    """`tokens_per_s`, `download_s`: about."""

    entry: Entry
    suits: Suits
    tokens_per_s: float
    download_s: int


def rank(entries: Iterable[Entry], machine: Machine, download_bytes_s: int = USUAL_BYTES_S) -> tuple[Ranked, ...]:
    """Those that a provider here could run at all, the best first; a download brings `download_bytes_s`."""
    runs = [entry for entry in entries if entry.form is not Form.MLX or machine.memory.unified]
    rated = (_rate(entry, machine, download_bytes_s) for entry in runs)
    return tuple(sorted(rated, key=lambda each: _key(each, machine)))


def describe_offer(ranked: Ranked) -> str:
    """For a menu: name, size, and how long the download takes, about."""
    return f"{ranked.entry.name} · {format_bytes(ranked.entry.size_bytes)} · about {format_seconds(ranked.download_s)}"


def _rate(entry: Entry, machine: Machine, download_bytes_s: int) -> Ranked:
    speed = _find_bytes_s(entry, machine) / entry.active_bytes
    return Ranked(entry, _judge(entry, machine, speed), round(speed, 1), entry.size_bytes // download_bytes_s)


def _judge(entry: Entry, machine: Machine, tokens_per_s: float) -> Suits:
    room = max(_find_room(machine), machine.card_bytes)
    if entry.memory_bytes > room:
        return Suits.TOO_BIG
    if entry.size_bytes + _SPARE_DISK > machine.disk_bytes:
        return Suits.NO_DISK
    if tokens_per_s < USABLE_TOKENS_S:
        return Suits.SLOW
    return Suits.FITS if entry.memory_bytes <= room * _COMFORTABLE else Suits.TIGHT


def _find_room(machine: Machine) -> int:
    """Memory that a model may have, with other programs open."""
    memory = machine.memory
    system = max(_SYSTEM_BYTES, memory.total_bytes // _SYSTEM_SHARE)
    return max(0, min(memory.limit_bytes, memory.total_bytes - system))


def _find_bytes_s(entry: Entry, machine: Machine) -> float:
    if entry.memory_bytes <= machine.card_bytes:
        return _CARD_BYTES_S
    if machine.memory.unified:
        return _UNIFIED_BYTES_S
    return _CORE_BYTES_S * min(machine.cores, _MOST_CORES)


def _key(ranked: Ranked, machine: Machine) -> tuple[int, bool, int, bool, int]:
    """Models to talk with first; of one model in two forms, on Apple silicon MLX's."""
    entry = ranked.entry
    second = machine.memory.unified and entry.form is not Form.MLX
    return _ORDER.index(ranked.suits), entry.kind is not Kind.CHAT, -entry.quality, second, entry.size_bytes
