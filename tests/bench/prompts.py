"""The prompts: plain text in the starter's chat format, the same for every server, of any length, never twice the same
by accident. Pure. About 1.3 tokens a word.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

_SUBJECTS = ["keeper", "captain", "gardener", "teacher", "baker", "doctor", "pilot", "farmer", "painter", "sailor"]
_VERBS = [
    "counts",
    "repairs",
    "remembers",
    "describes",
    "paints",
    "sells",
    "follows",
    "measures",
    "forgets",
    "collects",
]
_OBJECTS = ["ships", "lamps", "roses", "letters", "bridges", "clocks", "maps", "stones", "songs", "engines"]
_PLACES = ["harbour", "valley", "market", "station", "island", "library", "forest", "tower", "kitchen", "desert"]
_TIMES = ["morning", "evening", "winter", "summer", "storm", "holiday", "week", "harvest", "night", "journey"]

TOKENS_PER_SENTENCE = 13


def write_prose(tokens: int, seed: str) -> str:
    """Sentences of about `tokens` tokens; another `seed` gives another text from the first words on."""
    draw = random.Random(seed)
    sentences = (
        f"The {draw.choice(_SUBJECTS)} of the {draw.choice(_PLACES)} {draw.choice(_VERBS)} {draw.randint(2, 99)} "
        f"{draw.choice(_OBJECTS)} every {draw.choice(_TIMES)}."
        for _ in range(max(1, tokens // TOKENS_PER_SENTENCE))
    )
    return " ".join(sentences)


def chat(system: str, turns: Sequence[tuple[str, str]], question: str) -> str:
    """A conversation as the model's template writes it, up to where the next answer begins."""
    parts = [_message("system", system)]
    for asked, answered in turns:
        parts += [_message("user", asked), _message("assistant", answered)]
    return "".join([*parts, _message("user", question), "<|im_start|>assistant\n"])


def _message(role: str, text: str) -> str:
    return f"<|im_start|>{role}\n{text}<|im_end|>\n"


def story(seed: str) -> str:
    """A short prompt whose answer runs on: a text to continue, with no end in sight."""
    return f"A long novel in many chapters.\n\nChapter 1\n\n{write_prose(40, seed)} One day"


EDITED_CODE = '''def load_orders(path, limit):
    """Read the orders of a file, at most so many."""
    orders = []
    with open(path) as source:
        for line in source:
            fields = line.strip().split(",")
            if len(fields) != 4:
                continue
            number, customer, amount, price = fields
            orders.append({
                "number": int(number),
                "customer": customer,
                "amount": int(amount),
                "price": float(price),
            })
            if len(orders) >= limit:
                break
    return orders


def total_of(orders):
    """The sum of all orders."""
    total = 0.0
    for order in orders:
        total = total + order["amount"] * order["price"]
    return total


def customers_of(orders):
    """Every customer once, in order."""
    names = []
    for order in orders:
        if order["customer"] not in names:
            names.append(order["customer"])
    return sorted(names)
'''


def edit() -> str:
    """A file, and the same file again: most of the answer stands in the prompt."""
    return (
        f"The file orders.py before the change:\n\n```python\n{EDITED_CODE}```\n\n"
        f"The whole file orders.py again after `total_of` was renamed to `sum_of`:\n\n```python\n{EDITED_CODE[:60]}"
    )
