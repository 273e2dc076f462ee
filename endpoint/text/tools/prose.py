"""Running text beside markup: blanks next to a mark belong to the mark, blanks between words to the text. Pure."""

from __future__ import annotations


class Prose:
    """Holds blanks back until it is known what follows them. `fresh`: nothing has been said since the last mark."""

    def __init__(self) -> None:
        self.fresh = True
        self._blanks = ""
        self._beside_mark = False

    def say(self, text: str) -> str:
        """What may be given out now that this text has come."""
        if self.fresh and self._beside_mark:
            text = text.lstrip()
        shown = text.rstrip()
        if not shown:
            self._blanks += text
            return ""
        shown, self._blanks = self._blanks + shown, text[len(shown) :]
        self.fresh = False
        return shown

    def take_blanks(self) -> str:
        """The blanks that are held back."""
        blanks, self._blanks = self._blanks, ""
        return blanks

    def break_off(self) -> None:
        """A mark: what comes next begins afresh."""
        self._blanks = ""
        self.fresh = self._beside_mark = True

    def end(self) -> str:
        """What is still held back when the answer ends; blanks of an answer without marks are its own."""
        return "" if self._beside_mark else self.take_blanks()
