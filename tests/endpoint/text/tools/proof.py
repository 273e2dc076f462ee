"""What comes back of assistant turns that a real template has written, when they are read as a model's answer.

`python -m tests.endpoint.text.tools.proof` writes docs/templates.md; a test holds it true.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from endpoint.conversation import Message
from endpoint.errors import RequestError
from endpoint.text.template import ChatTemplate
from endpoint.text.tools.dialect import Dialect, find_dialect
from tests.endpoint.text.models import make_template
from tests.endpoint.text.tools.archive import real_templates
from tests.endpoint.text.tools.turns import (
    NOTE,
    TEXT,
    THOUGHT,
    WEATHER,
    Answer,
    expect,
    make_turn,
    parse,
    prompt_end,
    render_answer,
    summarise,
)

PAGE = Path(__file__).parents[4] / "docs" / "templates.md"

CASES: Mapping[str, Message] = {
    "one call": make_turn([NOTE]),
    "two calls": make_turn([WEATHER, NOTE]),
    "text before": make_turn([WEATHER], TEXT),
    "reasoning": make_turn([NOTE], thought=THOUGHT),
    "all of it": make_turn([WEATHER, NOTE], TEXT, THOUGHT),
    "text only": make_turn((), TEXT),
}


class Outcome(StrEnum):
    """How a case ended, as the page shows it."""

    BACK = "yes"
    PART = "part"  # the template leaves text out, and has no mark that could follow it; the rest comes back
    READ = "read"  # the template leaves text or reasoning out, but it was read when it stood before the turn
    NONE = "–"
    EXPLAINED = "no"


TEXT_BEFORE = {
    "muse-glimmer": " to=user<|message|>{}<|eom|><|start|>assistant",
    "upstage-Solar-Open-100B": "<|content|>{}<|end|><|begin|>assistant",
}
"""Text before a call, where the template leaves it out and each kind of text is a message of its own."""

EXCEPTIONS: Mapping[tuple[str, str], str] = {
    **dict.fromkeys(
        ((("NVIDIA-Nemotron-Nano-v2"), case) for case in ("text before", "all of it", "text only")),
        "the template opens `<think>` before an earlier text and never closes it, so the text reads as reasoning",
    ),
    **dict.fromkeys(
        (("openai-gpt-oss-120b", case) for case in ("text before", "all of it")),
        "the template writes text before a call into the channel of reasoning",
    ),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A template under test."""

    name: str
    template: ChatTemplate
    dialect: Dialect


@cache
def subject(name: str) -> Subject:
    template = make_template(real_templates()[name])
    return Subject(name, template, find_dialect(template))


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as the template wrote it, how the prompt opened it, and what it should come to."""

    text: str
    opening: str
    expected: Answer


def write(about: Subject, case: str) -> Written:
    """Raises RequestError when the template refuses the turn."""
    turn = CASES[case]
    text = render_answer(about.template, about.dialect, turn)
    opening = prompt_end(about.template, about.dialect, text)
    wished = expect(turn)
    content = wished.content if wished.content in text else ""
    if wished.content and not content and not about.dialect.calls.is_bare:
        text, content = TEXT_BEFORE.get(about.name, "{}\n").format(wished.content) + text, wished.content
    shown_calls = tuple(call for call in wished.calls if call[0] in text)
    reasoning = wished.reasoning if wished.reasoning in text else ""
    marks = about.dialect.answer.reasoning
    if wished.reasoning and not reasoning and marks is not None:
        text = f"{marks.start}\n{wished.reasoning}\n{marks.end}\n{text}"
        reasoning = wished.reasoning
    return Written(text, opening, Answer(content, reasoning, shown_calls))


def read(about: Subject, written: Written, pieces: Sequence[str]) -> Answer:
    return summarise(parse(about.dialect, written.opening, pieces))


def judge(about: Subject, case: str) -> Outcome:
    """Raises AssertionError for a loss that nothing explains, RequestError when the template refuses the turn."""
    written = write(about, case)
    got = read(about, written, [written.text])
    if (about.name, case) in EXCEPTIONS:
        assert got != written.expected, f"{case} comes back now: take it off the list of exceptions"
        return Outcome.EXPLAINED
    assert got == written.expected
    wished = expect(CASES[case])
    if case == "reasoning" and not got.reasoning:
        return Outcome.NONE
    if got != wished and case != "all of it":
        return Outcome.PART
    shown = render_answer(about.template, about.dialect, CASES[case])
    return Outcome.BACK if wished.content in shown and wished.reasoning in shown else Outcome.READ


def cut_at_random(text: str, seed: int) -> list[str]:
    rng = random.Random(seed)
    places = sorted(rng.sample(range(1, len(text)), min(len(text) - 1, rng.randint(1, 40))))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def page_lines() -> Iterator[str]:
    yield INTRODUCTION
    columns = ["one call", "two calls", "text before", "reasoning"]
    yield f"| template | calls | found | {' | '.join(columns)} |"
    yield "| --- " * (len(columns) + 3) + "|"
    for name in real_templates():
        about = subject(name)
        outcomes = [_judge_or_refusal(about, case) for case in columns]
        calls = about.dialect.calls
        yield f"| {name} | {calls.style.name.lower()} | {calls.origin.name.lower()} | {' | '.join(outcomes)} |"
    yield ""
    yield "## Exceptions"
    yield ""
    for name in dict.fromkeys(name for name, _ in EXCEPTIONS):
        cases = [case for each, case in EXCEPTIONS if each == name]
        yield f"- {name} ({', '.join(cases)}): {EXCEPTIONS[name, cases[0]]}."


def _judge_or_refusal(about: Subject, case: str) -> str:
    try:
        return judge(about, case).value
    except RequestError:
        return "refused"


INTRODUCTION = """# Chat templates

How a model writes tool calls and reasoning is found by rendering small conversations through its own template
([ADR 11](adr/0011-answer-formats.md)). This page tells how that goes with the templates that llama.cpp carries: each
writes an assistant's turn, and that text is read as if a model had written it, whole, a character at a time and cut at
random. A test holds the page true; `python -m tests.endpoint.text.tools.proof` writes it.

- **calls**: the style, see `endpoint/text/tools/formats.py`.
- **found**: `inferred` from the template, from our `table` where rendering can't tell, or `fallback`: the template
  knows no tools, so they are described in the system message, in a format of ours.
- **yes**: the same calls, text and reasoning come back. **read**: the template leaves an earlier turn's text or
  reasoning out, but what a model writes is read. **part**: it leaves the text out, and calls have no mark that
  could follow any.
  **–**: it knows no reasoning. **no**: see below.
"""


def main() -> None:
    PAGE.write_text("\n".join(page_lines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
