"""A compiled grammar as a Constraint. Engine thread only; a `Grammar` is made on a worker thread, then
only copied.

Invariant: after an error of the library the constraint raises at every call, so its job fails and no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from llguidance import LLMatcher, LLParserLimits

from endpoint.text.constraints.vocabulary import Vocabulary

LIMITS = LLParserLimits(
    max_lexer_states=30_000,  # each takes one or two kilobytes
    initial_lexer_fuel=500_000,
    step_lexer_fuel=200_000,  # about 15 ms
    step_max_items=50_000,  # about 3 ms
    verbose_errors=False,
)


class GrammarFailed(Exception):
    """The grammar is wrong, admits nothing, or became too complex; the message is one line."""


class Grammar:
    """A grammar, checked, ready to make constraints from."""

    def __init__(self, source: str, vocabulary: Vocabulary) -> None:
        """Compile `source`, as llguidance writes grammars. Raises GrammarFailed."""
        self._vocabulary = vocabulary
        self._matcher = LLMatcher(vocabulary.library, source, log_level=0, limits=LIMITS)
        _check(self._matcher)
        self._matcher.compute_bitmask()  # finds out whether anything can begin; copies start with what it has learned
        _check(self._matcher)

    def make_constraint(self) -> GrammarConstraint:
        """A constraint at the grammar's beginning: a copy, some microseconds."""
        return GrammarConstraint(self._matcher.deep_copy(), self._vocabulary.ends)


class GrammarConstraint:
    """See `providers.constraint.Constraint`."""

    def __init__(self, matcher: LLMatcher, ends: tuple[int, ...]) -> None:
        self._matcher = matcher
        self._ends = ends

    def forced(self) -> Sequence[int]:
        """What the grammar leaves no choice about, in the tokens that the model would use for it."""
        if self._matcher.is_stopped():
            _check(self._matcher)
            return self._ends[:1]
        tokens = self._matcher.compute_ff_tokens()
        _check(self._matcher)
        return tokens

    def allows(self, token: int) -> bool:
        """Some microseconds."""
        if token in self._ends:
            return self._matcher.is_accepting()
        return self._matcher.validate_tokens([token]) == 1

    def mask(self) -> bytes:
        """Ten microseconds inside a string; up to some milliseconds where a hostile grammar branches."""
        mask = self._matcher.compute_bitmask()
        _check(self._matcher)
        return mask

    def accept(self, token: int) -> None:
        """Go on. An end token changes nothing: none may follow it."""
        if token not in self._ends:
            self._matcher.consume_token(token)
            _check(self._matcher)


def _check(matcher: LLMatcher) -> None:
    if matcher.is_error():
        raise GrammarFailed(_describe(matcher.get_error()))


def _describe(error: str) -> str:
    """The library's message in one line; its words for what it lacks, and for what it can't go on with, made plain."""
    if "NoExtension" in error:
        return "nothing fits it"
    lines = [line.strip() for line in error.strip().splitlines()] or ["it says no more"]
    message = lines[0].removeprefix("Parser Error: ").rstrip(":. ")
    reasons = [line for line in lines if line.startswith("error: ")]
    if reasons:
        message += f": {reasons[0].removeprefix('error: ')}"
    if message.startswith("panic"):
        return "it makes the grammar library fail"
    return message.replace("Unimplemented keys:", "these keywords can't be enforced:")
