"""What a key caches begins every chat request with its content: by real templates, and by ones that are against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.contract import DEFAULT_MODEL
from endpoint.engine.model import LoadedModel
from endpoint.keycontent import KeyContent
from endpoint.providers.base import ModelInfo, Tokenizer
from endpoint.providers.fake import END, FakeTokenizer
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.llamacpp.tokenizer import LlamaTokenizer
from endpoint.text.prompt import PromptWriter
from tests.endpoint.text.conversing import TOOLS, Parted, partings, system, write_chat, write_key
from tests.endpoint.text.hostile import HOSTILE
from tests.endpoint.text.tools.archive import real_templates
from tests.endpoint.text.vocabularies import open_vocabulary, unpack_vocabulary

RULES = "You are a careful assistant. Answer in one sentence, and say when you don't know it."
NAMES = sorted(real_templates()) or [""]
SHOWN_AT_THE_END: Mapping[str, set[str]] = {
    "mistralai-Mistral-Nemo-Instruct-2407": {"rules", "tools"},
    "Mistral-Small-3.2-24B-Instruct-2506": {"tools"},
}
"""Written with the last question: nothing that could be cached."""

PLAIN = {
    "Qwen-Qwen3-0.6B",
    "google-gemma-2-2b-it",
    "meta-llama-Llama-3.1-8B-Instruct",
    "openai-gpt-oss-120b",
    "deepseek-ai-DeepSeek-V3.1",
    *SHOWN_AT_THE_END,
}
"""Those of the best known families, and the exceptions; the others are looked at in the slow suite."""

needs_archive = pytest.mark.skipif(
    not real_templates(), reason="llama-cpp-python's source archive isn't in the cache: see docs/setup.md"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Templates by one vocabulary; its `writer` looks at that only once."""

    tokenizer: Tokenizer
    start: str
    end: str
    writer: PromptWriter

    def model(self, name: str) -> LoadedModel:
        source = HOSTILE.get(name) or real_templates()[name]
        n_vocab = getattr(self.tokenizer, "n_vocab", END + 1)
        info = ModelInfo(name, None, 50_000, 50_000, n_vocab, source, self.start, self.end)
        return LoadedModel(info, self.tokenizer, 0)

    def hold(self, model: LoadedModel, parted: Parted) -> None:
        """Where the template takes the conversation, what is cached of the content begins its prompt."""
        prompt = write_chat(self.writer, model, parted.content, parted.more)
        if prompt is not None:
            kept = write_key(self.writer, model, parted.content)
            assert prompt.tokens[: len(kept)] == kept

    def hold_always(self, name: str, examples: int, *, fixed: bool) -> None:
        model = self.model(name)

        @settings(max_examples=examples, deadline=None, derandomize=fixed)
        @given(partings())
        def hold(parted: Parted) -> None:
            self.hold(model, parted)

        hold()


def subject_of(tokenizer: LlamaTokenizer) -> Subject:
    return Subject(tokenizer, tokenizer.bos_text, tokenizer.eos_text, PromptWriter())


@pytest.fixture(scope="module")
def starter() -> Iterator[Subject]:
    with open_vocabulary(locate_model(DEFAULT_MODEL)) as tokenizer:
        yield subject_of(tokenizer)


@needs_archive
@settings(max_examples=25, deadline=None, derandomize=True)
@given(name=st.sampled_from(NAMES), parted=partings())
def test_what_is_cached_begins_every_longer_prompt(starter: Subject, name: str, parted: Parted) -> None:
    starter.hold(starter.model(name), parted)


@pytest.mark.parametrize("name", list(HOSTILE))
def test_also_of_templates_that_are_against_it(name: str) -> None:
    Subject(FakeTokenizer(), "", "", PromptWriter()).hold_always(name, 5, fixed=True)


@needs_archive
@pytest.mark.slow_suite
@pytest.mark.parametrize("name", ["llama-bpe", "llama-spm", "qwen2", "gemma-4", "deepseek-llm"])
def test_what_is_cached_begins_every_longer_prompt_by_many_vocabularies(name: str, tmp_path: Path) -> None:
    path = unpack_vocabulary(name, tmp_path)
    assert path is not None
    with open_vocabulary(path) as tokenizer:
        subject = subject_of(tokenizer)
        for template in NAMES:
            subject.hold_always(template, 15, fixed=False)


@pytest.mark.slow_suite
@pytest.mark.parametrize("name", list(HOSTILE))
def test_also_of_templates_that_are_against_it_in_many_conversations(name: str) -> None:
    Subject(FakeTokenizer(), "", "", PromptWriter()).hold_always(name, 300, fixed=False)


@needs_archive
@pytest.mark.parametrize(
    "name", [name if name in PLAIN else pytest.param(name, marks=pytest.mark.slow_suite) for name in NAMES]
)
def test_all_that_stands_at_the_beginning_is_cached(starter: Subject, name: str) -> None:
    kept = write_key(starter.writer, starter.model(name), KeyContent((system(RULES),), TOOLS))
    text = b"".join(map(starter.tokenizer.written, kept)).decode()
    hidden = SHOWN_AT_THE_END.get(name, set())
    assert (RULES.removesuffix(" it.") in text) == ("rules" not in hidden)
    assert all((tool.name in text) == ("tools" not in hidden) for tool in TOOLS)
