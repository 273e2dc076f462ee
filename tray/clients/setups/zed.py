"""Zed: an OpenAI-compatible provider for its agent. Zed keeps keys in the system's keychain, never in this file."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder, in_home, in_xdg_config
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members."""
    model: Value = {
        "name": facts.model,
        "display_name": facts.model,
        "max_tokens": facts.context,
        "max_output_tokens": facts.answer_tokens,
    }
    provider: Value = {"api_url": facts.base_url, "available_models": [model]}
    return {
        "language_models": {"openai_compatible": {"Traypoint": provider}},
        "agent": {"default_model": {"provider": "Traypoint", "model": facts.model}},
    }


def locate(machine: Machine) -> Place:
    """The user's settings file: on macOS, too, in ~/.config."""
    if machine.platform == "win32":
        return in_folder(machine, "APPDATA", "AppData/Roaming", "Zed/settings.json")
    if machine.platform == "darwin":
        return in_home(machine, ".config", "zed", "settings.json")
    return in_xdg_config(machine, "zed", "settings.json")


CLIENT = Client(
    "zed",
    "Zed",
    "Enter the key under Settings, AI, LLM Providers, Traypoint: any text where the endpoint asks for none.",
    file=FileSetup("~/.config/zed/settings.json", Format.JSON, locate, choose_settings),
)
