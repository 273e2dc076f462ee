"""From a conversation or a text to prompt tokens that fit the context.

Owner: the event loop; long inputs are rendered and tokenised on a worker thread, so that they never hold the loop up.
Invariant: a prompt that doesn't fit is refused with both counts, never cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from endpoint.conversation import Message, TextPart, Tool
from endpoint.engine.model import LoadedModel
from endpoint.errors import ContextLengthExceeded, InvalidRequest, TemplateFailed
from endpoint.keycontent import KeyContent
from endpoint.providers.base import MemoryKind
from endpoint.text.boundaries import find_boundaries
from endpoint.text.continuing import render_open
from endpoint.text.key_prompt import chain_prefixes, write_prefix
from endpoint.text.renderer import Renderer, offer_tools
from endpoint.text.seams import Seams, find_seams
from endpoint.text.template import RESERVED, ChatTemplate, compile_template
from endpoint.text.tools.dialect import Dialect, find_dialect
from endpoint.text.tools.reading import AnswerReading, plan_reading

SMALL_INPUT = 8_000
"""Characters up to which rendering and tokenising take about a millisecond: not worth a thread."""

LARGE_INPUT = 1_000_000
"""Characters up to which a text that may not fit is tokenised for its exact count; ten times that takes seconds."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Prompt tokens, and the `room` in tokens that the context leaves for the answer: at least 1.

    `boundaries`: ascending depths where other conversations would part from it; only for models that need them.
    `reading`: how to read the answer, None when it is plain text.
    """

    tokens: tuple[int, ...]
    room: int
    boundaries: tuple[int, ...] = ()
    reading: AnswerReading | None = None

    def limit(self, wished: int | None) -> int:
        """How many tokens to generate at most: as wished, and never more than there is room for."""
        return self.room if wished is None else min(wished, self.room)


@dataclass(frozen=True, slots=True)
class _Chat:
    messages: Sequence[Message]
    variables: Mapping[str, object]
    tools: Sequence[Tool]
    continue_last: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    model: LoadedModel
    template: ChatTemplate
    dialect: Dialect


class PromptWriter:
    """Writes prompts for the loaded model; compiles its template when it first needs it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._prepared: _Prepared | None = None
        self._broken: tuple[LoadedModel, TemplateFailed] | None = None
        self._seams: Seams | None = None

    async def write_chat(
        self,
        model: LoadedModel,
        messages: Sequence[Message],
        variables: Mapping[str, object],
        tools: Sequence[Tool] = (),
        *,
        continue_last: bool = False,
    ) -> Prompt:
        """Render and tokenise; `continue_last`: the last message is the answer's beginning. Raises InvalidRequest,
        ContextLengthExceeded, TemplateFailed."""
        _check_names(variables)
        prepared = await self._prepare(model)
        size = _count(messages) + sum(len(str(tool)) for tool in tools)
        return await _run(size, lambda: _write_chat(prepared, _Chat(messages, variables, tools, continue_last)))

    async def write_key(self, model: LoadedModel, content: KeyContent) -> Prompt | None:
        """The tokens that every chat request with this content, and more behind it, begins with; None when there are
        none. `boundaries` are always given, the last is their end; `reading` never is. Raises InvalidRequest,
        ContextLengthExceeded, TemplateFailed."""
        if content.tokens is not None:
            prompt = self.take_tokens(model, content.tokens)
            return replace(prompt, boundaries=(len(prompt.tokens),))
        _check_names(content.variables)
        prepared = await self._prepare(model)
        seams = await self._find_seams(model)
        return await asyncio.to_thread(_write_key, prepared, content, seams)

    async def write_chain(self, model: LoadedModel, contents: Sequence[KeyContent]) -> list[Prompt | None]:
        """As `write_key`, of contents that each go on from the one before: each prompt also begins those behind it. So
        one ends earlier where what comes behind changes what was before (a system block that grows); None too where
        the template takes only what comes behind. Raises for the last content as `write_key` does."""
        prompts: list[Prompt | None] = []
        for place, content in enumerate(contents):
            try:
                prompts.append(await self.write_key(model, content))
            except InvalidRequest:
                if place == len(contents) - 1:
                    raise
                prompts.append(None)
        return _chain(prompts)

    async def read_dialect(self, model: LoadedModel) -> Dialect | None:
        """What the model's template can do; None when it can't be used."""
        try:
            return (await self._prepare(model)).dialect
        except TemplateFailed:
            return None

    async def write_text(self, model: LoadedModel, text: str) -> Prompt:
        """Tokenise. Raises InvalidRequest, ContextLengthExceeded."""
        return await _run(len(text), lambda: _fit(model, _encode(model, text, "prompt"), "prompt"))

    async def write_gap(self, model: LoadedModel, before: str, after: str) -> Prompt:
        """Tokenise the text around a gap that the answer fills. Raises InvalidRequest, when the model can't too, and
        ContextLengthExceeded."""
        return await _run(len(before) + len(after), lambda: _fit(model, _surround(model, before, after), "prompt"))

    def take_tokens(self, model: LoadedModel, tokens: Sequence[int]) -> Prompt:
        """Check tokens that the caller made. Raises InvalidRequest, ContextLengthExceeded."""
        for place, token in enumerate(tokens):
            if not 0 <= token < model.info.n_vocab:
                raise InvalidRequest(
                    f"prompt[{place}] must be a token from 0 to {model.info.n_vocab - 1}, got {token}.", "prompt"
                )
        return _fit(model, tokens, "prompt")

    async def _prepare(self, model: LoadedModel) -> _Prepared:
        async with self._lock:
            if self._broken is not None and self._broken[0] is model:
                raise self._broken[1].with_traceback(None)
            if self._prepared is None or self._prepared.model is not model:
                try:
                    self._prepared = await asyncio.to_thread(_prepare, model)
                except TemplateFailed as error:  # trying again would fail again, and may take seconds
                    self._broken = (model, error)
                    raise
            return self._prepared

    async def _find_seams(self, model: LoadedModel) -> Seams:
        async with self._lock:
            if self._seams is None or self._seams.tokenizer is not model.tokenizer:
                self._seams = await asyncio.to_thread(find_seams, model.tokenizer, model.info.n_vocab)
            return self._seams


def _check_names(variables: Mapping[str, object]) -> None:
    for name in variables:
        if name in RESERVED:
            raise InvalidRequest(f"{name} can't be set as a template variable.", "chat_template_kwargs")


async def _run(chars: int, work: Callable[[], Result]) -> Result:
    return work() if chars <= SMALL_INPUT else await asyncio.to_thread(work)


def _prepare(model: LoadedModel) -> _Prepared:
    template = compile_template(model.info)
    return _Prepared(model, template, find_dialect(template))


def _write_chat(prepared: _Prepared, chat: _Chat) -> Prompt:
    model, dialect = prepared.model, prepared.dialect
    renderer = Renderer(prepared.template, dialect, chat.variables, offer_tools(chat.tools))
    closed = partial(renderer.render, open_turn=False)
    text = render_open(chat.messages, closed) if chat.continue_last else renderer.render(chat.messages)
    reading = plan_reading(dialect, chat.tools, text, model.tokenizer)
    prompt = replace(_fit(model, _encode(model, text, "messages"), "messages"), reading=reading)
    return replace(prompt, boundaries=_find_boundaries(model, renderer, chat.messages, prompt.tokens))


def _write_key(prepared: _Prepared, content: KeyContent, seams: Seams) -> Prompt | None:
    model = prepared.model
    renderer = Renderer(prepared.template, prepared.dialect, content.variables, offer_tools(content.tools))
    tokens = write_prefix(content, renderer.render, lambda text: _encode(model, text, "messages"), seams)
    if not tokens:
        return None
    prompt = _fit(model, tokens, "messages")
    inner = _find_boundaries(model, renderer, content.messages, prompt.tokens)
    return replace(prompt, boundaries=tuple(sorted({*inner, len(tokens)})))


def _chain(prompts: Sequence[Prompt | None]) -> list[Prompt | None]:
    lengths = iter(chain_prefixes([prompt.tokens for prompt in prompts if prompt is not None]))
    return [None if prompt is None else _cut(prompt, next(lengths)) for prompt in prompts]


def _cut(prompt: Prompt, length: int) -> Prompt | None:
    """The prompt's first tokens, None when there are none left."""
    if length == 0:
        return None
    inner = {depth for depth in prompt.boundaries if depth < length}
    room = prompt.room + len(prompt.tokens) - length
    return Prompt(prompt.tokens[:length], room, (*sorted(inner), length))


def _find_boundaries(
    model: LoadedModel, renderer: Renderer, messages: Sequence[Message], tokens: Sequence[int]
) -> tuple[int, ...]:
    if model.memory is MemoryKind.ATTENTION:
        return ()
    return find_boundaries(messages, tokens, lambda each: _encode(model, renderer.render(each), "messages"))


def _encode(model: LoadedModel, text: str, param: str) -> list[int]:
    """Tokens. A very long text that can't fit, however its tokens fall, is refused with the least count it can have."""
    if len(text) > LARGE_INPUT:
        fewest = -(-len(text) // model.tokenizer.longest_piece)  # a character is at least a byte
        if fewest >= model.info.n_ctx:
            raise ContextLengthExceeded(fewest, model.info.n_ctx, param, at_least=True)
    return model.tokenizer.encode(text, add_bos=True)


def _surround(model: LoadedModel, before: str, after: str) -> list[int]:
    marks = model.info.infill
    if marks is None:
        raise InvalidRequest(
            f"suffix can't be used: {model.info.id} was not made to fill gaps; its vocabulary has no "
            "fill-in-the-middle tokens.",
            "suffix",
        )
    start = model.tokenizer.encode("", add_bos=True)
    tokens = [*start, marks.prefix, *model.tokenizer.encode(before, add_bos=False)]
    return [*tokens, marks.suffix, *model.tokenizer.encode(after, add_bos=False), marks.middle]


def _fit(model: LoadedModel, tokens: Sequence[int], param: str) -> Prompt:
    if not tokens:
        raise InvalidRequest(f"{param} is empty: the model needs at least one token to go on from.", param)
    room = model.info.n_ctx - len(tokens)
    if room < 1:
        raise ContextLengthExceeded(len(tokens), model.info.n_ctx, param)
    return Prompt(tuple(tokens), room)


def _count(messages: Sequence[Message]) -> int:
    """Characters in the conversation; a message costs some even when it says nothing."""
    return sum(
        20
        + sum(len(part.text) for part in message.parts if isinstance(part, TextPart))
        + sum(len(call.arguments) for call in message.tool_calls)
        for message in messages
    )
