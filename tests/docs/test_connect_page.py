"""The page of `traypoint connect` tells of every client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tray.clients.catalogue import CLIENTS
from tray.clients.client import Client

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connect.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
def test_a_client_is_in_the_table_with_the_file_that_is_written(client: Client) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| ") and f"`{client.name}`" in line)
    if client.file is None:
        assert "a text to paste" in row
    else:
        assert f"`{client.file.shown}`" in row or client.file.shown.rpartition("/")[2] in row
