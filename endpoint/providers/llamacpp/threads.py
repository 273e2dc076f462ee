"""How many threads to compute with, from what steps cost. Pure; engine thread only.

OpenMP's threads spin while they wait for each other. When another program takes one of their cores, all others burn
theirs waiting for it: on two cores with one busy process beside, two threads decode 15-20 tokens a second, one thread
43; on a quiet machine two give 60-75 and one 44. No fixed number is right on a desktop, so this one is tried out: a few
steps run with fewer or more threads, and the cheaper number stays. A trial costs what it teaches (five steps at half
speed), so fewer threads are tried at once only on a sign that somebody else wants the cores: steps that became slower,
or threads that got less of the processor than they asked for (two on two cores run 0.85 of the time on a quiet machine,
0.48 beside one busy process).
"""

from __future__ import annotations

from collections import deque
from statistics import median

WINDOW = 4
"""Steps that a number of threads is judged by, where nobody says."""
SLOWER = 2.0
"""Steps this much slower than before are a reason to try another number at once. A longer text makes them slower too,
step by step or, with another conversation, all at once: such a trial finds nothing, and that cost is usual then."""
CHEAPER = 0.9
"""A number must be this much cheaper to be taken: measurements differ by chance."""
CONTENDED = 0.7
"""A share of the processor below this means that somebody else runs there."""
SOON, SELDOM = 32, 1024
"""Steps until the next trial: after a first one, and at most, doubling while nothing better is found."""


class ThreadTuner:
    """Tries `most` threads, half of that, and so on down to 1, beginning with `first` where that is one of them.

    One tuner a kind of step: costs must be comparable. `window`: steps that a number of threads is judged by.
    `slower` None: costs rise for other reasons, so that only contended cores are a reason for a trial.
    """

    def __init__(
        self, most: int, first: int | None = None, window: int = WINDOW, *, slower: float | None = SLOWER
    ) -> None:
        self._slower = slower
        self._window = window
        self._counts = _halves(most)
        self._at = self._counts.index(first) if first in self._counts else 0
        self._trial: int | None = None  # the place in `_counts` that is tried now
        self._costs: deque[float] = deque(maxlen=window)
        self._shares: deque[float] = deque(maxlen=window)
        self._trial_costs: list[float] = []
        self._usual: float | None = None
        self._steps = 0
        self._interval = window  # the machine may be busy from the start
        self._try_fewer = True

    def choose(self) -> int:
        """Threads for the next step."""
        return self._counts[self._at if self._trial is None else self._trial]

    def learn(self, cost: float, share: float) -> None:
        """Take what a step with that many threads cost, in seconds, for a fixed amount of work, and which part of that
        time the threads ran, 0 to 1."""
        if self._trial is not None:
            self._judge(self._trial, cost)
            return
        self._costs.append(cost)
        self._shares.append(share)
        self._steps += 1
        if len(self._costs) < self._window:
            return
        now = median(self._costs)
        if self._is_much_slower(now) and self._steps >= self._window:
            self._begin_trial(fewer=True)
        elif self._steps >= (self._interval if self._is_suspicious() else SELDOM):
            self._begin_trial(fewer=self._try_fewer)
        self._usual = now if self._usual is None else self._usual + 0.1 * (now - self._usual)

    def _is_much_slower(self, now: float) -> bool:
        return self._usual is not None and self._slower is not None and now > self._usual * self._slower

    def _is_suspicious(self) -> bool:
        """Whether another number may be better: the cores are contended, or were when fewer threads were chosen."""
        return self._at > 0 or median(self._shares) < CONTENDED

    def _begin_trial(self, *, fewer: bool) -> None:
        """Try the next smaller number, or the next larger one; at an end of the list, the other way."""
        candidates = [place for place in (self._at + 1, self._at - 1) if 0 <= place < len(self._counts)]
        self._steps = 0
        if candidates:
            self._trial = candidates[0] if fewer else candidates[-1]
            self._try_fewer = not fewer
            self._trial_costs = []

    def _judge(self, trial: int, cost: float) -> None:
        self._trial_costs.append(cost)
        if len(self._trial_costs) <= self._window:  # one more than the window: the first step pays for the change
            return
        tried = median(self._trial_costs[1:])
        if tried < median(self._costs) * CHEAPER:
            self._try_fewer = trial > self._at  # go on the same way, and soon
            self._at, self._usual, self._interval = trial, tried, SOON // 4
            self._costs.clear()
            self._shares.clear()
        else:
            self._interval = min(max(SOON, self._interval * 2), SELDOM)
            self._usual = median(self._costs)
        self._trial = None


def _halves(most: int) -> list[int]:
    counts = [max(1, most)]
    while counts[-1] > 1:
        counts.append(counts[-1] // 2)
    return counts
