"""Compiles what a request demands of its answer. Owner: the event loop; all work is done on a worker thread, one at a
time, so that hostile grammars take one core at most.

Invariant: what comes out has been compiled for this very model; a grammar is compiled once while it is in use.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.engine.model import LoadedModel
from endpoint.errors import InvalidRequest
from endpoint.output import AUTO, OutputFormat, OutputKind, ToolChoice
from endpoint.providers.base import Tokenizer
from endpoint.providers.constraint import MakeConstraint
from endpoint.text.constraints.after_reasoning import AfterReasoning, ReasoningMarks
from endpoint.text.constraints.answers import AnswerGrammars, choose_demand, write_grammars
from endpoint.text.constraints.calls import CallRefused, close_schema
from endpoint.text.constraints.grammar_constraint import Grammar, GrammarFailed
from endpoint.text.constraints.schemas import SchemaRefused, find_wrong_part, prepare, to_grammar
from endpoint.text.constraints.sources import prepare_schema, to_source
from endpoint.text.constraints.vocabulary import make_vocabulary
from endpoint.text.tools.formats import ReasoningFormat
from endpoint.text.tools.readers import Tools
from endpoint.text.tools.reading import AnswerReading

KEPT = 32
"""Grammars kept compiled, the most recently used ones; a hostile one may take some ten megabytes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request says of its answer's form; `reading`: how the answer will be read; `tools`: each offered one's
    parameters, as the client describes them."""

    output: OutputFormat | None = None
    choice: ToolChoice = AUTO
    reading: AnswerReading | None = None
    tools: Tools = field(default_factory=dict)
    several: bool = True


class ConstraintCompiler:
    """Keeps one model's vocabulary and compiled grammars."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._bench: _Bench | None = None

    async def compile(self, model: LoadedModel, wish: Wish) -> MakeConstraint | None:
        """What makes the answer's constraint; None when it is free. Raises InvalidRequest."""
        if wish.output is None and not wish.choice.must_call:
            return None
        async with self._lock:
            if self._bench is None or self._bench.model is not model:
                self._bench = await asyncio.to_thread(_Bench, model)
            return await asyncio.to_thread(self._bench.compile, wish)


class _Bench:
    """Compiles for one model. One thread at a time."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self._vocabulary = make_vocabulary(model.tokenizer, model.info.n_vocab, model.info.eos_text)
        self._kept: OrderedDict[str, Grammar] = OrderedDict()

    def compile(self, wish: Wish) -> MakeConstraint | None:
        content = self._check_output(wish.output) if wish.output is not None else None
        demand = choose_demand(content, wish.choice, wish.tools, several=wish.several)
        if demand is None:
            return None
        if demand.must_call:
            self._check_choice(wish)
        try:
            grammars = write_grammars(demand, wish.reading, lambda mark: _is_end(mark, self.model.tokenizer))
        except CallRefused as error:
            raise InvalidRequest(f"The tool {error.tool!r} {error}.", "tools") from error
        param = "tool_choice" if demand.must_call or wish.output is None else wish.output.param
        return self._assemble(grammars, wish.reading, param)

    def _check_output(self, output: OutputFormat) -> str:
        """Its grammar, which compiles. Raises InvalidRequest, which names what is wrong."""
        source = to_source(output)
        try:
            self._grammar(source)
        except GrammarFailed as error:
            where = ""
            if output.kind is OutputKind.JSON_SCHEMA:
                pointer = find_wrong_part(prepare_schema(output), str(error), self._compile_error)
                where = f" at {pointer}" if pointer else " at its root"
            raise InvalidRequest(f"{output.param} can't be honoured{where}: {error}.", output.param) from error
        return source

    def _check_choice(self, wish: Wish) -> None:
        """Every tool that might be called, by itself: an error should name it."""
        missing = [name for name in wish.choice.only if name not in wish.tools]
        if missing or not wish.tools:
            named = f"{missing[0]!r} isn't among the tools" if missing else "there are no tools"
            raise InvalidRequest(f"tool_choice demands a call, but {named}.", "tool_choice")
        for place, (name, schema) in enumerate(wish.tools.items()):
            if not wish.choice.only or name in wish.choice.only:
                self._check_tool(place, name, schema)

    def _check_tool(self, place: int, name: str, schema: Mapping[str, object]) -> None:
        param = f"tools[{place}].function.parameters"
        try:
            prepared = prepare(close_schema(schema))
            message = self._compile_error(to_grammar(prepared))
        except SchemaRefused as error:
            raise InvalidRequest(f"{param} (of {name!r}) {error}.", param) from error
        if message is not None:
            pointer = find_wrong_part(prepared, message, self._compile_error) or "its root"
            raise InvalidRequest(f"{param} (of {name!r}) can't be honoured at {pointer}: {message}.", param)

    def _compile_error(self, source: str) -> str | None:
        try:
            Grammar(source, self._vocabulary)
        except GrammarFailed as error:
            return str(error)
        return None

    def _assemble(self, grammars: AnswerGrammars, reading: AnswerReading | None, param: str) -> MakeConstraint:
        try:
            direct, resumed = self._grammar(grammars.direct), self._grammar(grammars.resumed)
        except GrammarFailed as error:
            raise InvalidRequest(f"{param} can't be honoured with this model's format: {error}.", param) from error
        if grammars.reasoning is None or reading is None:
            return direct.make_constraint
        marks = self._marks(grammars.reasoning, reading)
        thinking = grammars.thinking
        return lambda: AfterReasoning(marks, direct.make_constraint, resumed.make_constraint, thinking=thinking)

    def _marks(self, reasoning: ReasoningFormat, reading: AnswerReading) -> ReasoningMarks:
        tokenizer = self.model.tokenizer
        start = tuple(tokenizer.encode(reasoning.start, add_bos=False))
        ends = frozenset(self._vocabulary.ends)
        return ReasoningMarks(
            start,
            reasoning.end.encode(),
            lambda token: reading.text_of(token, tokenizer),
            ends,
            self.model.info.n_vocab,
        )

    def _grammar(self, source: str) -> Grammar:
        grammar = self._kept.get(source) or Grammar(source, self._vocabulary)
        self._kept[source] = grammar
        self._kept.move_to_end(source)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return grammar


def _is_end(mark: str, tokenizer: Tokenizer) -> bool:
    tokens = tokenizer.encode(mark, add_bos=False) if mark else []
    return len(tokens) == 1 and tokenizer.is_end(tokens[0])
