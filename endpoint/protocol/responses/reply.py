"""A response on its way out: the whole object, or the stream of events that OpenAI defines. Pure but for `keep`.

Each event has a number, and its name on a line of its own. The last one is response.completed, response.incomplete or
response.failed; there is no [DONE], as there is none at OpenAI's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from endpoint.errors import RequestError
from endpoint.protocol import sse
from endpoint.protocol.reply import Body, Choice, Ending, Written
from endpoint.protocol.responses.output import OutputWriter
from endpoint.protocol.responses.resource import end_response, fail_response


class ResponsesReply:
    """A Reply. `started`: the response as it begins; `keep` is handed the response when it ended well, before the
    client learns of it; `now`: Unix seconds."""

    def __init__(
        self, started: Body, output: OutputWriter, keep: Callable[[Body], None], now: Callable[[], float]
    ) -> None:
        self._started = started
        self._output = output
        self._keep = keep
        self._now = now
        self._number = 0

    @property
    def id(self) -> str:
        """The response's."""
        return str(self._started["id"])

    def opening(self) -> bytes:
        """The response, before anything is known of the answer."""
        return self._tell("created", self._started) + self._tell("in_progress", self._started)

    def write(self, choice: int, written: Written) -> bytes:
        """The events of a piece. There is one choice only."""
        del choice
        return self._frame(self._output.write(written.segments))

    def end(self, choice: int, ending: Ending) -> bytes:
        """The last item is over."""
        del choice
        return self._frame(self._output.finish(cut=ending.reason == "length"))

    def close(self, endings: Sequence[Ending]) -> bytes:
        """The whole response."""
        response = self._end(endings[0])
        return self._tell(str(response["status"]), response)

    def fail(self, error: RequestError) -> bytes:
        """The error, and the response as far as it came."""
        told: Body = {"type": "error", "code": error.code or error.kind, "message": str(error), "param": error.param}
        response = fail_response(self._started, self._output.items(), error)
        return self._frame([told]) + self._tell("failed", response)

    def whole(self, choices: Sequence[Choice]) -> Body:
        """The whole response."""
        (choice,) = choices
        self.write(0, choice.written)
        self.end(0, choice.ending)
        return self._end(choice.ending)

    def _end(self, ending: Ending) -> Body:
        response = end_response(self._started, self._output.items(), ending, int(self._now()))
        self._keep(response)
        return response

    def _tell(self, what: str, response: Body) -> bytes:
        return self._frame([{"type": f"response.{what}", "response": response}])

    def _frame(self, events: Iterable[Body]) -> bytes:
        frames = []
        for event in events:
            frames.append(sse.named_frame(str(event["type"]), {**event, "sequence_number": self._number}))
            self._number += 1
        return b"".join(frames)
