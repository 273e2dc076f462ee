"""A page of items, as OpenAI's lists have them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoint.errors import InvalidRequest
from endpoint.protocol.reply import Body
from endpoint.protocol.responses.items import Item

_MOST = 100


@dataclass(frozen=True, slots=True)
class Page:
    """What of a list is wanted: at most `limit` after the item of the id `after`."""

    limit: int = 20
    after: str | None = None
    newest_first: bool = True


def read_page(query: Mapping[str, str]) -> Page:
    """Check the query. Raises InvalidRequest naming the parameter."""
    limit = query.get("limit", "20")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= _MOST):
        raise InvalidRequest(f"limit must be a number from 1 to {_MOST}, got {limit[:20]!r}.", "limit")
    order = query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise InvalidRequest(f"order must be 'asc' or 'desc', got {order[:20]!r}.", "order")
    return Page(int(limit), query.get("after"), order == "desc")


def list_items(items: Sequence[Item], page: Page) -> Body:
    """The page. Raises InvalidRequest when `after` names none of the items."""
    ordered = list(reversed(items)) if page.newest_first else list(items)
    if page.after is not None:
        ordered = ordered[_place_of(page.after, ordered) + 1 :]
    shown = ordered[: page.limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(ordered) > len(shown),
    }


def _place_of(item_id: str, items: Sequence[Item]) -> int:
    for place, item in enumerate(items):
        if item["id"] == item_id:
            return place
    raise InvalidRequest(f"after names {item_id[:80]!r}, which is none of the items.", "after")
