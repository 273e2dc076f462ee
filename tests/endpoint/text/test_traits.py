from __future__ import annotations

import pytest

from endpoint.errors import TemplateFailed
from endpoint.text.traits import Traits, find_traits
from tests.endpoint.text.models import (
    GEMMA,
    LLAMA2,
    TOOLS_AS_OBJECT,
    TOOLS_AS_TEXT,
    TYPED_CONTENT,
    make_template,
)


@pytest.mark.parametrize(
    ("source", "traits"),
    [
        (None, Traits()),
        (LLAMA2, Traits()),
        (GEMMA, Traits(system_role=False)),
        (TOOLS_AS_OBJECT, Traits(object_arguments=True)),
        (TOOLS_AS_TEXT, Traits(object_arguments=False, null_content=True)),
        (TYPED_CONTENT, Traits(content_as_parts=True)),
    ],
    ids=["ChatML", "Llama 2", "Gemma", "arguments as object", "arguments as text", "content as parts"],
)
def test_traits_are_found_by_trying(source: str | None, traits: Traits) -> None:
    assert find_traits(make_template(source)) == traits


def test_a_template_that_works_too_much_is_found_out() -> None:
    with pytest.raises(TemplateFailed):
        find_traits(make_template("{% for a in range(10**6) %}{% for b in range(10**6) %}{% endfor %}{% endfor %}"))
