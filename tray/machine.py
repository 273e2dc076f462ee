"""The endpoint's life as a pure state machine: (lifecycle, action, now) -> (lifecycle, effects).

No I/O and no clock: `now` is a monotonic time in seconds, given. Invariants: at most one child is alive; `run`
numbers it; a report about another run changes nothing; after QUIT, Finish follows once no child is alive.
"""

from __future__ import annotations

from tray.actions import Action, Noticed, RetryDue, UserAction
from tray.clicks import advance_aside, advance_click
from tray.lifecycle import Lifecycle, Step
from tray.reports import advance_report


def advance(life: Lifecycle, action: Action, now: float) -> Step:
    """The whole machine: what follows from one action at time `now`."""
    if isinstance(action, UserAction):
        return advance_click(life, action)
    if isinstance(action, Noticed | RetryDue):
        return advance_aside(life, action)
    if action.run != life.run or not life.alive:
        return life, ()
    return advance_report(life, action, now)
