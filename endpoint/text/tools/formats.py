"""How a model writes its answer: the marks around reasoning, content and tool calls. Values only, found by `inference`.

Marks are kept without the blanks around them: models put line breaks where they like, so readers skip blanks there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

STRING_MARK = '<|"|>'
"""What Gemma writes on both sides of a string."""


class CallStyle(Enum):
    """What a call looks like between its marks."""

    OBJECT = "one JSON object that holds name and arguments"
    TAGGED = "the name in markup, the arguments as JSON after it"
    PARAMETERS = "the name and each parameter in markup"
    PYTHON = "a Python call with keyword arguments"
    BARE_KEYS = "the name before an object whose keys and strings aren't quoted as in JSON"
    ELEMENTS = "the name in markup, each argument an element named by its key, nested"


class Origin(Enum):
    """How a format became known."""

    INFERRED = "found by rendering calls"
    TABLE = "from the table"
    FALLBACK = "ours: the template knows no tools"


@dataclass(frozen=True, slots=True)
class ToolFormat:
    """The marks of calls, in the order they are written; "" where there is none.

    `section_start (call_start [name_start] NAME name_end … head_end ARGUMENTS call_end)+ section_end`. ARGUMENTS in
    PARAMETERS style: `(key_start KEY key_end … value_start VALUE value_end)*`. OBJECT style: the keys of its object,
    `name_key` "" when the name is itself the key. `one_word`: a blank ends the name too. `known_names`: what isn't the
    name of an offered tool is no call (where marks are weak). `value_lines`: a line break at either end of a value is
    markup. `wrapped`: a value may stand in `<![CDATA[…]]>`. `content_name`: the "name" that stands for plain content.
    `prefix`: before each element.
    """

    style: CallStyle
    call_starts: tuple[str, ...] = ()
    call_end: str = ""
    section_start: str = ""
    section_end: str = ""
    name_start: str = ""
    name_end: str = ""
    head_end: str = ""
    one_word: bool = False
    name_key: str = "name"
    arguments_key: str = "arguments"
    key_start: str = ""
    key_end: str = ""
    value_start: str = ""
    value_end: str = ""
    value_lines: bool = False
    wrapped: bool = False
    prefix: str = ""
    known_names: bool = False
    content_name: str = ""
    origin: Origin = Origin.INFERRED

    @property
    def is_bare(self) -> bool:
        """Whether calls may come without any mark before them: small models forget the marks of a format of ours."""
        return self.origin is Origin.FALLBACK or not (self.call_starts or self.section_start)

    def marks(self) -> Iterator[str]:
        """All marks, the empty ones too."""
        yield from self.call_starts
        yield from (self.call_end, self.section_start, self.section_end, self.name_start, self.name_end, self.head_end)
        yield from (self.key_start, self.key_end, self.value_start, self.value_end, self.prefix)
        yield STRING_MARK if self.style is CallStyle.BARE_KEYS else ""


@dataclass(frozen=True, slots=True)
class ReasoningFormat:
    """The marks around reasoning; `field` is the message field that the template reads it from, if it does."""

    start: str
    end: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """How an assistant's turn is written.

    `header` opens it (`<|im_start|>assistant`). `frames` are marks around content, dropped wherever they stand; `spans`
    are such marks with something variable up to the second one. After one of `ends` nothing counts until a new header.
    `content_start`: the mark that the model writes before content. `reasoning_is_message`: a header follows reasoning.
    """

    tools: ToolFormat | None = None
    reasoning: ReasoningFormat | None = None
    header: str = ""
    frames: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    ends: tuple[str, ...] = ()
    content_start: str = ""
    reasoning_is_message: bool = False

    def marks(self) -> Iterator[str]:
        """All marks that may occur in an answer, none empty."""
        yield from filter(None, self._marks())

    def _marks(self) -> Iterator[str]:
        if self.tools is not None:
            yield from self.tools.marks()
        if self.reasoning is not None:
            yield from (self.reasoning.start, self.reasoning.end)
        yield self.header
        yield from self.frames
        for pair in self.spans:
            yield from pair
        yield from self.ends
