"""Who gets a page and who gets JSON."""

from __future__ import annotations

import pytest

from endpoint.protocol.accept import prefers_html


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",  # Chromium, Firefox
        "text/html",
        "TEXT/HTML; q=0.9, application/json;q=0.5",
        "text/html, */*",
    ],
)
def test_browsers_get_a_page(accept: str) -> None:
    assert prefers_html(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",  # curl
        "application/json",
        "application/json, text/plain, */*",
        "application/json, text/html",
        "text/html;q=0.5, */*",
        "text/html;q=0",
        "text/html;q=much",
        ",;,q=1",
    ],
)
def test_programs_get_json(accept: str) -> None:
    assert not prefers_html(accept)
