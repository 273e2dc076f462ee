"""How long OpenMP's threads spin before they sleep. Must be settled before the model library is loaded.

GNU's library spins for milliseconds by default, which is right on a machine of one's own. Where another program wants a
core, each of a step's several hundred barriers then burns a time slice: with two threads on two cores and one more busy
process, a stream was measured at 0.3 tokens a second; at 10,000 turns of spinning, at 4 to 8.
"""

from __future__ import annotations

from collections.abc import MutableMapping

SPIN_COUNT = "10000"


def calm_threads(environment: MutableMapping[str, str]) -> None:
    """Choose a short spin, unless the user has chosen."""
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)
