"""Qwen Code: one more model, and that one in use. Keys are variables there; its settings file can set them."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value

KEY_VARIABLE = "TRAYPOINT_QWEN_KEY"
"""Not OPENAI_API_KEY, which other models of the user's may need."""


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members. Its memory would send a second long prompt after each answer."""
    model: Value = {
        "id": facts.model,
        "name": "Traypoint",
        "baseUrl": facts.base_url,
        "envKey": KEY_VARIABLE,
        "generationConfig": {"contextWindowSize": facts.context},
    }
    return {
        "env": {KEY_VARIABLE: facts.key},
        "modelProviders": {"openai": [model]},
        "security": {"auth": {"selectedType": "openai"}},
        "model": {"name": facts.model},
        "memory": {"enableManagedAutoMemory": False},
    }


def locate(machine: Machine) -> Place:
    """The user's settings file."""
    return in_folder(machine, "QWEN_HOME", ".qwen", "settings.json")


CLIENT = Client(
    "qwen-code",
    "Qwen Code",
    "Start it with: qwen",
    file=FileSetup("~/.qwen/settings.json", Format.JSON, locate, choose_settings),
)
