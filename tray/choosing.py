"""`python -P -m tray.choosing`: a GTK file dialog as a process of its own; prints the path that was chosen.

Exit codes: 0 chosen, dialogs.CANCELLED, or 1 with a reason on standard error where GTK can't be had. It ends, as
cancelled, when its standard input does: whoever asked has gone.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tray.dialogs import CANCELLED, Question


def main(argv: Sequence[str] | None = None) -> int:
    """Show the dialog until the user has chosen; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tray.choosing")
    parser.add_argument("--title", default="Choose a model")
    parser.add_argument("--folder", action="store_true")
    parser.add_argument("patterns", nargs="*")
    parsed = parser.parse_args(argv)
    chosen = ask(Question(parsed.title, parsed.folder, tuple(parsed.patterns)))
    if chosen is None:
        return CANCELLED
    # Bytes: a name needs not be text.
    sys.stdout.buffer.write(os.fsencode(chosen))
    sys.stdout.flush()
    return 0


def ask(question: Question) -> str | None:
    """The path chosen, absolute; None: cancelled. Raises ImportError, ValueError where GTK 3 can't be had."""
    os.environ.setdefault("GDK_GL", "disable")  # see tray/shell.py
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import GLib, Gtk

    if not Gtk.init_check()[0]:
        raise ImportError("GTK finds no screen")
    action = Gtk.FileChooserAction.SELECT_FOLDER if question.is_folder else Gtk.FileChooserAction.OPEN
    dialog = Gtk.FileChooserNative.new(question.title, None, action, "_Choose", "_Cancel")
    for name, patterns in (("Models", question.patterns), ("All files", ("*",))) if question.patterns else ():
        kind = Gtk.FileFilter()
        kind.set_name(name)
        for pattern in patterns:
            kind.add_pattern(pattern)
        dialog.add_filter(kind)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IOCondition.HUP, lambda *_: dialog.destroy())
    if dialog.run() != Gtk.ResponseType.ACCEPT:
        return None
    return str(dialog.get_filename())


if __name__ == "__main__":
    sys.exit(main())
