"""Numbers as people read them: few digits, since each change of a label redraws a menu that may be open. Pure."""

from __future__ import annotations

from tray.figures import CacheFigures


def format_bytes(size: int) -> str:
    """Two digits and a unit, decimal as disks count."""
    if size < 1_000_000:
        return "0 MB" if size == 0 else "< 1 MB"
    unit, name = (1e9, "GB") if size >= 995_000_000 else (1e6, "MB")
    value = float(f"{size / unit:.2g}")
    return f"{value:.0f} {name}" if value >= 10 else f"{value:.1f} {name}"


def format_count(number: int) -> str:
    """All digits, in groups of three: 12,345."""
    return f"{number:,}"


def format_rate(rate: float) -> str:
    """Tokens a second, in two digits: 38, 410, 4.2."""
    value = float(f"{rate:.2g}")
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def format_minutes(minutes: int) -> str:
    """3 min, 2 h 5 min, 4 d 3 h."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def format_seconds(seconds: float) -> str:
    """0.4 s, 41 s, 3 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else format_minutes(round(seconds / 60))


def format_tokens(tokens: int) -> str:
    """A context's length: 4k, 32k, or all digits where it isn't a power of two."""
    return f"{tokens // 1024}k" if tokens % 1024 == 0 else format_count(tokens)


def describe_cache(cache: CacheFigures) -> tuple[str, ...]:
    """What the prompt cache takes in each place where it may take something."""
    places = (("in memory", cache.ram, cache.ram_budget), ("on disk", cache.disk, cache.disk_budget))
    return tuple(fill(size, budget, place) for place, size, budget in places if size is not None and budget != 0)


def fill(size: int, budget: int | None, place: str) -> str:
    """How full a place is."""
    return (
        f"{format_bytes(size)} {place}" if budget is None else f"{format_bytes(size)} of {format_bytes(budget)} {place}"
    )
