"""All clients with a set-up, in the order in which menus and lists show them."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.setups import (
    aider,
    claude_code,
    cline,
    codex,
    continue_,
    copilot,
    curl,
    environment,
    llm,
    openai_node,
    openai_python,
    opencode,
    pi,
    qwen_code,
    vscode,
    zed,
)

CLIENTS: tuple[Client, ...] = tuple(
    module.CLIENT
    for module in (
        claude_code,
        codex,
        opencode,
        aider,
        continue_,
        zed,
        vscode,
        qwen_code,
        cline,
        copilot,
        pi,
        llm,
        curl,
        openai_python,
        openai_node,
        environment,
    )
)


def find_client(name: str) -> Client | None:
    """The client of that name; None where there is none."""
    return next((client for client in CLIENTS if client.name == name), None)
