from __future__ import annotations

import pytest

from endpoint.text.constraints.integers import MOST, bound_integer
from endpoint.text.constraints.schemas import prepare


@pytest.mark.parametrize(
    ("schema", "lowest", "highest"),
    [
        ({"type": "integer"}, -MOST, MOST),
        ({"type": ["integer", "null"]}, -MOST, MOST),
        ({"type": "integer", "minimum": 3}, 3, MOST),
        ({"type": "integer", "exclusiveMaximum": 3}, -MOST, None),
        ({"type": "number"}, None, None),
        ({"type": "integer", "enum": [1, 2]}, None, None),
    ],
)
def test_an_integer_gets_the_bounds_that_it_lacks(
    schema: dict[str, object], lowest: int | None, highest: int | None
) -> None:
    bounded = bound_integer(schema)
    assert (bounded.get("minimum"), bounded.get("maximum")) == (lowest, highest)


def test_a_schema_that_speaks_of_larger_numbers_is_left_alone() -> None:
    schema: dict[str, object] = {"allOf": [{"type": "integer"}, {"minimum": 10**20}]}
    assert prepare(schema)["allOf"] == schema["allOf"]
    assert prepare({"allOf": [{"type": "integer"}]})["allOf"] == [
        {"type": "integer", "minimum": -MOST, "maximum": MOST}
    ]
