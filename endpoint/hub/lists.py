"""Fetches a list of models that somebody else keeps, when it has changed. Its content is the tray's to check."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from endpoint.hub.failure import HubFailure
from endpoint.hub_contract import CATALOGUE_LIMIT, FailureCode

TIMEOUT_S = 20.0
_UNCHANGED, _OK = 304, 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def fetch_list(url: str, path: Path) -> bool:
    """Keep what is at `url` in `path`; its ETag lies beside. Returns whether it is new. Raises HubFailure, OSError, and
    what the HTTP library raises. The hub's token isn't sent."""
    from huggingface_hub import get_session

    _check(url)
    note = path.with_name(f"{path.name}.etag")
    etag = _read_etag(note, url) if path.exists() else ""
    headers = {"If-None-Match": etag} if etag else {}
    with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT_S) as response:
        if response.status_code == _UNCHANGED and etag:
            return False
        if response.status_code != _OK:
            raise HubFailure(FailureCode.SERVER, f"The list of models at {url}: HTTP {response.status_code}.")
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > CATALOGUE_LIMIT:
                raise HubFailure(
                    FailureCode.SERVER, f"The list of models at {url} has more than {CATALOGUE_LIMIT} bytes: not taken."
                )
        fresh = response.headers.get("ETag", "")
    _write(path, bytes(content))
    _write(note, json.dumps({"url": url, "etag": fresh}).encode())
    return True


def _check(url: str) -> None:
    """Nobody on the way may choose what is offered to the user."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise HubFailure(FailureCode.BAD_NAME, f"models.catalogue_url must begin with https://, not {url!r}.")


def _read_etag(note: Path, url: str) -> str:
    """That of the last answer from the same address."""
    try:
        said = json.loads(note.read_bytes())
        return str(said["etag"]) if said["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
