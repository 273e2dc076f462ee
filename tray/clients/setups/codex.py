"""OpenAI's Codex: a provider of its own, made the one in use."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members. A key goes into a header: Codex would read it from a variable only."""
    provider: dict[str, Value] = {"name": "Traypoint", "base_url": facts.base_url, "wire_api": "responses"}
    if facts.api_key:
        provider["http_headers"] = {"Authorization": f"Bearer {facts.api_key}"}
    return {
        "model": facts.model,
        "model_provider": "traypoint",
        "model_context_window": facts.n_ctx,
        "model_providers": {"traypoint": provider},
    }


def locate(machine: Machine) -> Place:
    """The user's settings file."""
    return in_folder(machine, "CODEX_HOME", ".codex", "config.toml")


CLIENT = Client(
    "codex",
    "Codex",
    "Start it with: codex",
    file=FileSetup("~/.codex/config.toml", Format.TOML, locate, choose_settings),
)
