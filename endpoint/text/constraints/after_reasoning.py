"""A constraint on what follows the reasoning: while a model thinks, it may write what it likes, but not end.

Engine thread only. One instance a job. The reasoning may have been opened by the prompt, or the model opens it with its
first tokens; if it doesn't, the answer is constrained from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from endpoint.providers.constraint import Constraint, MakeConstraint


@dataclass(frozen=True, slots=True)
class ReasoningMarks:
    """`start`: the tokens that open reasoning. `end`: the bytes that close it, as `text_of` gives them for tokens.
    `ends`: the tokens that end an answer, of `n_vocab`."""

    start: tuple[int, ...]
    end: bytes
    text_of: Callable[[int], bytes]
    ends: frozenset[int]
    n_vocab: int


class _State(Enum):
    OPENING = auto()  # nothing yet, or the first tokens of the opening mark
    THINKING = auto()
    ANSWERING = auto()


class AfterReasoning:
    """`direct` makes the constraint of an answer without reasoning, `resumed` of one after it."""

    def __init__(
        self, marks: ReasoningMarks, direct: MakeConstraint, resumed: MakeConstraint, *, thinking: bool
    ) -> None:
        self._marks = marks
        self._resumed = resumed
        self._state = _State.THINKING if thinking else _State.OPENING
        self._inner: Constraint | None = None if thinking else direct()
        self._opened = 0  # tokens of the opening mark
        self._tail = b""  # of the reasoning, as long as a mark may still be growing in it

    def forced(self) -> Sequence[int]:
        """Nothing while the model may think."""
        return self._inner.forced() if self._state is _State.ANSWERING and self._inner is not None else ()

    def allows(self, token: int) -> bool:
        """Nearly all while it thinks."""
        if self._state is _State.THINKING:
            return token not in self._marks.ends and not self._overruns(token)
        return self._opens(token) or (self._inner is not None and self._inner.allows(token))

    def mask(self) -> bytes:
        """See `Constraint`."""
        if self._state is _State.THINKING:
            return _to_mask(self._marks.n_vocab, self.allows)
        mask = bytearray(self._inner.mask() if self._inner is not None else bytes(4 * -(-self._marks.n_vocab // 32)))
        if self._state is _State.OPENING and self._opened < len(self._marks.start):
            token = self._marks.start[self._opened]
            mask[token // 8] |= 1 << token % 8
        return bytes(mask)

    def accept(self, token: int) -> None:
        """Go on, perhaps into the reasoning or out of it."""
        match self._state:
            case _State.OPENING:
                self._open(token)
            case _State.THINKING:
                self._think(token)
            case _State.ANSWERING if self._inner is not None:
                self._inner.accept(token)

    def _opens(self, token: int) -> bool:
        if self._state is not _State.OPENING:
            return False
        return self._marks.start[self._opened : self._opened + 1] == (token,)

    def _open(self, token: int) -> None:
        """Both ways stay open as long as the tokens fit both: marks may begin alike."""
        opens = self._opens(token)
        inner = self._inner
        if inner is not None and inner.allows(token):
            inner.accept(token)
        elif opens:
            self._inner = None
        elif inner is not None:
            inner.accept(token)  # which isn't allowed: it says so
        self._opened += 1
        if not opens:
            self._state = _State.ANSWERING
        elif self._opened == len(self._marks.start):
            self._state, self._inner = _State.THINKING, None

    def _think(self, token: int) -> None:
        text = self._tail + self._marks.text_of(token)
        if self._marks.end in text:
            self._state, self._inner = _State.ANSWERING, self._resumed()
        self._tail = text[-len(self._marks.end) :]

    def _overruns(self, token: int) -> bool:
        """Whether the token ends the reasoning and says more than blanks after it: that part would be unchecked."""
        text = self._marks.text_of(token)
        if not text.strip() or self._marks.end[-1:] not in text:
            return False
        _, mark, rest = (self._tail + text).partition(self._marks.end)
        return mark != b"" and rest.strip() != b""


def _to_mask(n_vocab: int, allows: Callable[[int], bool]) -> bytes:
    """Looks at every token: rare, only after one was drawn that isn't allowed."""
    mask = bytearray(4 * -(-n_vocab // 32))
    for token in range(n_vocab):
        if allows(token):
            mask[token // 8] |= 1 << token % 8
    return bytes(mask)
