"""opencode: a provider through the AI SDK's openai-compatible package, and its model as the one in use."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import first_there, in_xdg_config, named_file
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members."""
    limit: Value = {"context": facts.context, "output": facts.answer_tokens}
    return {
        "model": f"traypoint/{facts.model}",
        "small_model": f"traypoint/{facts.model}",
        "provider": {
            "traypoint": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "Traypoint",
                "options": {"baseURL": facts.base_url, "apiKey": facts.key},
                "models": {facts.model: {"name": facts.model, "limit": limit}},
            }
        },
    }


def locate(machine: Machine) -> Place:
    """The file that OPENCODE_CONFIG names, else the user's: of the two that opencode reads, the one that is there."""
    folder = [in_xdg_config(machine, "opencode", name) for name in ("opencode.json", "opencode.jsonc")]
    return named_file(machine, "OPENCODE_CONFIG") or first_there(*folder)


CLIENT = Client(
    "opencode",
    "opencode",
    "Start it with: opencode",
    file=FileSetup(
        "~/.config/opencode/opencode.json",
        Format.JSON,
        locate,
        choose_settings,
        {"$schema": "https://opencode.ai/config.json"},
    ),
)
