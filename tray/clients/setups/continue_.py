"""Continue, in VS Code, in JetBrains' editors and in the terminal: one more model in its list."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members. The first model of the list is the one in use until another is chosen."""
    model: Value = {
        "name": "Traypoint",
        "provider": "openai",
        "model": facts.model,
        "apiBase": facts.base_url,
        "apiKey": facts.key,
        "roles": ["chat", "edit", "apply"],
        "capabilities": ["tool_use"],
        "defaultCompletionOptions": {"contextLength": facts.context, "maxTokens": facts.answer_tokens},
    }
    return {"models": [model]}


def locate(machine: Machine) -> Place:
    """The user's settings file."""
    return in_folder(machine, "CONTINUE_GLOBAL_DIR", ".continue", "config.yaml")


CLIENT = Client(
    "continue",
    "Continue",
    "Choose the model Traypoint in Continue, or start: cn --config ~/.continue/config.yaml",
    file=FileSetup(
        "~/.continue/config.yaml",
        Format.YAML,
        locate,
        choose_settings,
        {"name": "Local", "version": "1.0.0", "schema": "v1"},
    ),
)
