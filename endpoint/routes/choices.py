"""The choices of one answer as one sequence of pieces, in the order in which they come. Owner: the event loop.

One choice, the usual case, is read directly: a streamed token must cost little. Several have a task each, which waits
for that choice's next piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from endpoint.cache.report import CacheReport
from endpoint.routes.answering import AnswerReader, Step


class Choices:
    """Owns the readers, at least one."""

    def __init__(self, readers: Sequence[AnswerReader]) -> None:
        self._readers = readers
        self._waiting: dict[asyncio.Task[Step | None], int] | None = None

    def __len__(self) -> int:
        return len(self._readers)

    async def report(self, timeout_s: float) -> CacheReport | None:
        """What the prompt cache did for the first choice; None when it had no row within `timeout_s` seconds."""
        return await self._readers[0].report(timeout_s)

    async def next(self, timeout_s: float | None = None) -> tuple[int, Step] | None:
        """A choice's number and its next piece; None when none came within `timeout_s` seconds. Raises the error of the
        first choice that fails. Not to be called when all have ended."""
        if len(self._readers) == 1:
            step = await self._readers[0].next(timeout_s)
            return None if step is None else (0, step)
        if self._waiting is None:
            self._waiting = {self._begin(index): index for index in range(len(self._readers))}
        return await self._next_of_several(self._waiting, timeout_s)

    def close(self) -> None:
        """The reader is done or gone: stop generating, all of them."""
        for task in self._waiting or ():
            task.cancel()
            if task.done() and not task.cancelled():
                task.exception()  # seen: another choice's error was told
        for reader in self._readers:
            reader.close()

    async def _next_of_several(
        self, waiting: dict[asyncio.Task[Step | None], int], timeout_s: float | None
    ) -> tuple[int, Step] | None:
        done, _ = await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        task = next((task for task in waiting if task in done), None)  # the one that waits longest: none is passed over
        if task is None:
            return None
        index, step = waiting.pop(task), task.result()
        if step is None or step.ending is None:
            waiting[self._begin(index)] = index
        return None if step is None else (index, step)

    def _begin(self, index: int) -> asyncio.Task[Step | None]:
        return asyncio.get_running_loop().create_task(self._readers[index].next())
