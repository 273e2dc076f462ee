"""An endpoint's worth of saving, as a program: it goes on until it is ended, and says so after each step.

python writing.py ROOT SEED BUDGET [COUNT]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT))

from endpoint.cache.disk.store import Found, Loaded, Note, NotLoaded, NotSaved, Saved  # noqa: E402 - a program
from endpoint.providers.saved_state import SavedState  # noqa: E402 - as above
from tests.endpoint.cache.disk.rig import Opened, name_of, opened, same  # noqa: E402 - as above

KINDS = 12


def make_known(number: int) -> SavedState:
    """State number so-and-so, the same in each process; large enough to be ended in the middle of."""
    dice = random.Random(number)
    return SavedState((number, 1, 2), (), "known", (dice.randbytes(60_000 + 10_000 * number), b"end"))


def step(shop: Opened, dice: random.Random, known: list[SavedState], *, clears: bool) -> str:
    """One thing that an endpoint does; what came of it. Fails when it is something else than what was saved."""
    number = dice.randrange(KINDS)
    name = name_of(known[number])
    match dice.randrange(10):
        case 0 | 1:
            shop.store.load(name)
            return tell(shop, number, known)
        case 2:
            shop.store.put_note(Note(f"key:{number}", name, {"number": number, "text": "x" * 500}))
            shop.store.touch(name)
            return "note"
        case 3 if clears:
            shop.store.clear()
            return "clear"
        case _:
            shop.store.save(known[number])
            answer = tell(shop, number, known)
            if answer == "Saved" and dice.random() < 0.2:
                shop.store.load(name)
                return f"Saved {tell(shop, number, known)}"
            return answer


def tell(shop: Opened, number: int, known: list[SavedState]) -> str:
    """Wait for the answer."""
    event = shop.listener.take(Saved, NotSaved, Loaded, NotLoaded)
    if isinstance(event, Loaded):
        assert same(event.state, known[number]), "it isn't what was saved"
    return type(event).__name__


def main() -> None:
    """Until it is ended, or for COUNT steps."""
    root, seed, budget, *rest = sys.argv[1:]
    dice = random.Random(int(seed))
    known = [make_known(number) for number in range(KINDS)]
    with opened(Path(root), budget=int(budget)) as shop:
        shop.take(Found)
        print("ready", flush=True)
        for _ in range(int(rest[0]) if rest else 10**9):
            print(step(shop, dice, known, clears=bool(rest)), flush=True)


if __name__ == "__main__":
    main()
