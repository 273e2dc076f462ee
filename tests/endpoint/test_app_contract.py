"""What passes between app and endpoint survives the way, is bounded, and what makes no sense is no message."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from endpoint.app_contract import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Deed,
    DownloadWish,
    ToldDownload,
    ToldDownloads,
    ToldOffer,
    format_downloads,
    format_wish,
    parse_downloads,
    parse_wish,
)
from endpoint.hub_names import LONGEST_WANTED
from tests.endpoint.fake_app import RUNNING, TOLD

QUEUED = ToldDownload("a/b", "b\n„ü“", "queued")


@pytest.mark.parametrize("told", [ToldDownloads(), TOLD, ToldDownloads((QUEUED, RUNNING))])
def test_downloads_are_one_line_and_come_back_as_they_were(told: ToldDownloads) -> None:
    line = format_downloads(told)
    assert line.isascii()
    assert "\n" not in line
    assert parse_downloads(f"{line}\r\n") == told


@pytest.mark.parametrize("deed", Deed)
def test_a_wish_is_one_line_and_comes_back_as_it_was(deed: Deed) -> None:
    wish = DownloadWish(deed, "a/b:Q4_0")
    assert parse_wish(f"{format_wish(wish)}\n") == wish


def test_a_line_is_bounded_whatever_it_is_made_of() -> None:
    awful = "\U0001f600" * 100_000
    wanted = f"a/b:{'q' * (LONGEST_WANTED - 4)}"
    download = ToldDownload(wanted, awful, awful, awful, 1 << 60, 1 << 60, 1 << 60, 1 << 60, awful, awful, awful, awful)
    line = format_downloads(ToldDownloads((download,) * 1000, (ToldOffer(wanted, awful),) * 1000))
    assert len(line) < LONGEST_LINE
    told = parse_downloads(line)
    assert told
    assert told.downloads[0].problem == awful[:LONGEST_TEXT]
    assert told.downloads[0].wanted == wanted


def test_of_too_many_downloads_the_newest_are_told() -> None:
    many = tuple(replace(QUEUED, wanted=f"a/b:{number}") for number in range(60))
    told = parse_downloads(format_downloads(ToldDownloads(many)))
    assert told
    assert told.downloads == many[10:]


def test_what_could_not_be_wished_for_is_not_told() -> None:
    bad = replace(QUEUED, wanted="a/b:some file.gguf")
    assert parse_downloads(format_downloads(ToldDownloads((bad, QUEUED)))) == ToldDownloads((QUEUED,))


def test_unknown_fields_are_ignored() -> None:
    said = {"downloads": [{"wanted": "a/b", "title": "b", "state": "new", "more": []}], "offers": [], "more": 1}
    assert parse_downloads(f"downloads {json.dumps(said)}") == ToldDownloads((ToldDownload("a/b", "b", "new"),))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "stop",
        "downloads",
        "downloads {",
        "downloads []",
        "downloads {}",
        'downloads {"downloads": []}',
        'downloads {"downloads": {}, "offers": []}',
        'downloads {"downloads": [1], "offers": []}',
        'downloads {"downloads": [{"wanted": "a/b"}], "offers": []}',
        'downloads {"downloads": [{"wanted": "a/b", "title": 1, "state": "x"}], "offers": []}',
        'downloads {"downloads": [{"wanted": "a/b", "title": "b", "state": "x", "done_bytes": true}], "offers": []}',
        f"downloads {'[' * 100_000}",
        'Downloads {"downloads": [], "offers": []}',
    ],
)
def test_what_makes_no_sense_tells_of_no_downloads(line: str) -> None:
    assert parse_downloads(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "LISTEN 8001",
        "WISH",
        "WISH {",
        "WISH 1",
        "WISH {}",
        'WISH {"deed": "start"}',
        'WISH {"deed": "start", "wanted": 1}',
        'WISH {"deed": "start", "wanted": "/etc/passwd"}',
        'WISH {"deed": "start", "wanted": "--help"}',
        'WISH {"deed": "rm", "wanted": "a/b"}',
        'WISH {"deed": ["start"], "wanted": "a/b"}',
        f"WISH {'[' * 100_000}",
        'wish {"deed": "start", "wanted": "a/b"}',
    ],
)
def test_what_makes_no_sense_is_no_wish(line: str) -> None:
    assert parse_wish(line) is None
