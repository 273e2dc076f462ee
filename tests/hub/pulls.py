"""One repository with one model, and what is done with it by most tests of downloads."""

from __future__ import annotations

from pathlib import Path

from endpoint.hub_contract import HubEvent
from tests.hub.child import HubChild, make_env
from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn

NAME, FILE = "owner/model-GGUF", "model-Q4_K_M.gguf"


def make_repo(size: int = 400_000, seed: int = 1) -> Repo:
    return Repo(NAME, {FILE: make_bytes(size, seed), "README.md": b"# A model"})


def pull(hub: StandIn, home: Path, wanted: str = NAME, **env: str) -> HubEvent:
    end, errors = HubChild(["pull", wanted], make_env(hub, home, env)).end()
    assert not errors
    return end


def blobs(home: Path, name: str = NAME) -> Path:
    return home / "hub" / f"models--{name.replace('/', '--')}" / "blobs"
