"""What a verb's file gives to the command line: its words, its flags, and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `perform` prints its result and returns the exit code; it may raise TrayError."""

    description: str
    examples: str  # one a line: the command, and what it does
    add_arguments: Callable[[argparse.ArgumentParser], None]
    perform: Callable[[argparse.Namespace], int]
