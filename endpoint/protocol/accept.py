"""Which of two forms of the same page a caller would rather have, by its Accept header (RFC 9110). Pure."""

from __future__ import annotations


def prefers_html(accept: str) -> bool:
    """Whether it asks for HTML by name, as browsers do, and for JSON less. Programs that take anything get JSON."""
    weights = dict(map(_read_range, accept.lower().split(",")))
    html = weights.get("text/html", 0.0)
    json = weights.get("application/json", 0.0)
    return html > json and html >= weights.get("*/*", 0.0)


def _read_range(text: str) -> tuple[str, float]:
    """A media type and its weight, 1 where none is told, 0 where it can't be read."""
    kind, *parameters = (part.strip() for part in text.split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return kind, float(weight)
    except ValueError:
        return kind, 0.0
