"""The menu model drawn with GTK, in place: a change touches only the lines that changed, so a menu that is open stays.

pystray can only make the whole menu anew: that closes it, gives every line another id for panels that are just clicking
one, and leaks. GTK's thread only. Invariant: `_lines` mirror the widgets, level by level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from tray.actions import Click
from tray.menu.items import SEPARATOR, Check, Item

Widget: TypeAlias = Any
"""GTK's: gi has no types."""


@dataclass(slots=True)
class _Line:
    """A widget and what it shows now."""

    widget: Widget  # a Gtk.MenuItem
    item: Item
    children: list[_Line] = field(default_factory=list)


class GtkMenu:
    """A Gtk.Menu that follows the model. `escape` prepares a label that is changed. `post` takes the clicks."""

    def __init__(self, items: Sequence[Item], escape: Callable[[str], str], post: Callable[[Click], None]) -> None:
        from gi.repository import GLib, Gtk

        self._gtk = Gtk
        self._idle_add = GLib.idle_add
        self._escape = escape
        self._post = post
        self._is_drawing = False
        self.widget: Widget = Gtk.Menu.new()
        self._lines: list[_Line] = []
        self.show(items)

    def show(self, items: Sequence[Item]) -> None:
        """Draw what differs."""
        self._is_drawing = True  # a check mark that we set isn't a click
        try:
            self._lines = self._follow(self.widget, self._lines, items)
        finally:
            self._is_drawing = False

    def _follow(self, menu: Widget, lines: list[_Line], items: Sequence[Item]) -> list[_Line]:
        """One level: lines of the same kind are kept and written anew, others go and come."""
        before, after = [_kind(line.item) for line in lines], [_kind(item) for item in items]
        kept: list[_Line] = []
        for what, start, end, new_start, new_end in SequenceMatcher(None, before, after, False).get_opcodes():
            if what == "equal":
                pairs = zip(lines[start:end], items[new_start:new_end], strict=True)
                kept += [self._rewrite(line, item) for line, item in pairs]
                continue
            for line in lines[start:end]:
                menu.remove(line.widget)
                line.widget.destroy()
            for position in range(new_start, new_end):
                line = self._make(items[position])
                menu.insert(line.widget, position)
                kept.append(line)
        return kept

    def _make(self, item: Item) -> _Line:
        if item == SEPARATOR:
            widget = self._gtk.SeparatorMenuItem()
            widget.show()
            return _Line(widget, item)
        line = _Line(self._make_widget(item), item)
        line.widget.set_sensitive(item.is_enabled)
        if item.children:
            submenu = self._gtk.Menu.new()
            line.children = self._follow(submenu, [], item.children)
            line.widget.set_submenu(submenu)
        else:
            line.widget.connect("activate", lambda _: self._click(line))
        line.widget.show()
        return line

    def _make_widget(self, item: Item) -> Widget:
        if item.check is Check.NONE:
            return self._gtk.MenuItem.new_with_label(item.label)
        widget = self._gtk.CheckMenuItem.new_with_label(item.label)
        widget.set_draw_as_radio(item.check is Check.RADIO)
        widget.set_active(item.is_checked)
        return widget

    def _rewrite(self, line: _Line, item: Item) -> _Line:
        before, line.item = line.item, item
        if item == before:
            return line
        if item.label != before.label:
            line.widget.set_label(self._escape(item.label))
        if item.is_enabled != before.is_enabled:
            line.widget.set_sensitive(item.is_enabled)
        if item.is_checked != before.is_checked:
            line.widget.set_active(item.is_checked)
        if item.children:
            line.children = self._follow(line.widget.get_submenu(), line.children, item.children)
        return line

    def _click(self, line: _Line) -> None:
        if self._is_drawing or line.item.action is None:
            return
        self._post(line.item.action)
        if line.item.check is not Check.NONE:
            self._idle_add(self._undo_mark, line)

    def _undo_mark(self, line: _Line) -> bool:
        """GTK has flipped the mark by itself; what it shows is the model's to say."""
        self._is_drawing = True
        try:
            line.widget.set_active(line.item.is_checked)
        finally:
            self._is_drawing = False
        return False  # once


def _kind(item: Item) -> tuple[bool, Check, bool]:
    """What a widget can't change about itself."""
    return item == SEPARATOR, item.check, bool(item.children)
