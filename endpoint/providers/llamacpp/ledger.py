"""How many KV cells are taken when sequences share them: the library doesn't tell. Pure; engine thread only.

A sequence is a list of segments; forking one cuts it at the fork and shares what lies before. Cells in use are the
lengths of all segments that any sequence still holds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class _Segment:
    length: int
    holders: int = 1


class CellLedger:
    """Cells by sequence id."""

    def __init__(self) -> None:
        self._sequences: dict[int, list[_Segment]] = {}
        self.used = 0

    @property
    def is_shared(self) -> bool:
        """Whether any cell belongs to more than one sequence."""
        return any(segment.holders > 1 for segments in self._sequences.values() for segment in segments)

    def length(self, seq_id: int) -> int:
        """Cells that the sequence sees, shared ones included."""
        return sum(segment.length for segment in self._sequences.get(seq_id, ()))

    def extend(self, seq_id: int, count: int) -> None:
        """New cells at the end of a sequence, its own alone."""
        segments = self._sequences.setdefault(seq_id, [])
        if segments and segments[-1].holders == 1:
            segments[-1].length += count
        elif count:
            segments.append(_Segment(count))
        self.used += count

    def fork(self, source: int, target: int, count: int) -> None:
        """Let an empty `target` share the first `count` cells of `source`."""
        shared: list[_Segment] = []
        for segment in self._cut(source, count):
            segment.holders += 1
            shared.append(segment)
        self._sequences[target] = shared

    def trim(self, seq_id: int, count: int) -> None:
        """Keep the first `count` cells of a sequence."""
        kept = self._cut(seq_id, count)
        self._give_up(self._sequences[seq_id][len(kept) :])
        self._sequences[seq_id] = kept

    def drop(self, seq_id: int) -> None:
        """A sequence is gone."""
        self._give_up(self._sequences.pop(seq_id, []))

    def _give_up(self, segments: list[_Segment]) -> None:
        for segment in segments:
            segment.holders -= 1
            if segment.holders == 0:
                self.used -= segment.length

    def _cut(self, seq_id: int, count: int) -> list[_Segment]:
        """The segments of the first `count` cells, after cutting the one that reaches beyond, in all its holders."""
        whole: list[_Segment] = []
        for segment in self._sequences.get(seq_id, []):
            if count <= 0:
                break
            if segment.length > count:
                self._split(segment, count)
            whole.append(segment)
            count -= segment.length
        return whole

    def _split(self, segment: _Segment, at: int) -> None:
        rest = _Segment(segment.length - at, segment.holders)
        segment.length = at
        for segments in self._sequences.values():
            if segment in segments:
                segments.insert(segments.index(segment) + 1, rest)
