"""Claude Code: variables, from its settings file or from the shell. Its file admits no comment that could say where it
belongs, so the shell's are what is copied.
"""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder
from tray.clients.quoting import write_exports
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree


def choose_variables(facts: ClientFacts) -> dict[str, str]:
    """By name. Both models are named: it asks a small one for titles and the like."""
    return {
        "ANTHROPIC_BASE_URL": facts.root_url,
        "ANTHROPIC_AUTH_TOKEN": facts.key,
        "ANTHROPIC_MODEL": facts.model,
        "ANTHROPIC_SMALL_FAST_MODEL": facts.model,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }


def write_shell(facts: ClientFacts) -> str:
    """Lines for a POSIX shell."""
    return f"# Claude Code: in the shell that it is started from\n{write_exports(choose_variables(facts))}"


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members."""
    return {"env": choose_variables(facts)}


def locate(machine: Machine) -> Place:
    """The user's settings file."""
    return in_folder(machine, "CLAUDE_CONFIG_DIR", ".claude", "settings.json")


CLIENT = Client(
    "claude-code",
    "Claude Code",
    "Start it with: claude",
    write_shell,
    FileSetup("~/.claude/settings.json", Format.JSON, locate, choose_settings),
)
