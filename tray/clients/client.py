"""A client: how it is set up, as a text to copy and as members of its settings file. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tray.clients.values import ClientFacts, FileSetup, Format
from tray.clients.whole_files import write_file


@dataclass(frozen=True, slots=True)
class Client:
    """`name` is for the command line, `title` for menus. At least one of `snippet`, the text to copy where that isn't
    its file's, and `file` is there. `start` says how to use it then.
    """

    name: str
    title: str
    start: str
    snippet: Callable[[ClientFacts], str] | None = None
    file: FileSetup | None = None

    def text(self, facts: ClientFacts) -> str:
        """The set-up, ready to paste into a shell, a program, or the file that its first line names."""
        if self.snippet is not None:
            return self.snippet(facts)
        if self.file is None:
            raise ValueError(f"{self.name} has no set-up")
        mark = "//" if self.file.format is Format.JSON else "#"
        return f"{mark} {self.title}: {self.file.shown}\n{write_file(self.file, facts)}"
