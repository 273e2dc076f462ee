"""Modules and chains have the names that AbstractCore gives them. Values made by abstractcore 2.30.0 of MODULES."""

from __future__ import annotations

from typing import Any

import pytest

from endpoint.protocol.acore.modules import ModuleName, hash_module, name_chain

SHIP = {"name": {"type": "string"}, "limit": {"type": "integer", "default": 5}}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_ship", "arguments": '{"limit":1.5}'}}
MODULES: list[dict[str, Any]] = [
    {"module_id": " rules ", "system_prompt": "  You are a harbour master.\n", "scope": " Shared"},
    {"module_id": "nothing", "scope": "public", "meta": {"of": "no weight"}},
    {
        "module_id": "tools",
        "tools": [
            {"name": "find_ship", "description": "Finds a ship.", "parameters": SHIP},
            {"type": "function", "function": {"name": "b"}},
        ],
    },
    {
        "module_id": "log",
        "messages": [
            {"role": " User ", "content": "The «Gaïa» came in. 🚢"},
            {"role": "", "content": "dropped"},
            {"role": "assistant", "content": None, "tool_calls": [CALL], "weight": 3},
            {
                "role": "tool",
                "tool_call_id": "c1",
                "name": "find_ship",
                "content": [{"type": "text", "text": " Oslo "}],
            },
        ],
    },
    {"module_id": "ask", "prompt": " Who came in? ", "add_generation_prompt": True},
]
NAMES = {
    1: (
        ("1e16626c5887875bba9b07325a0020a20c3fa18591f0d87408f562e5f1debaf1", "91a1c6f0b08f9f529004f62facea7354"),
        ("af740d4d5da616cfb30ff4268d6a8cfd75b054567fc5673a8fd063fcc92cccc7", "680b42bc1edebc0be679da6043be0fde"),
        ("add36e20da66ec60a386833ed97f1f3dc606428e44b878a7018df0057d78a8ce", "b0de187264d0cb18248d6c72ba04d3df"),
        ("bfc1e83cccdc634d7d660ecd47f4efe77af2ea1230dec06e9ce9d550b7353712", "a8ad8b6e76c1d04e37a7a808b7889ce7"),
        ("b4d95cb7dae5788bab42226743dee787c6cee61e3d6efd710fb4c4a34f6190e4", "9d364a5a0c4cfa8c54b1ccf15a265b85"),
    ),
    2: (
        ("ba6de3884335f204525fd4916f1d7c920f14c2e9d57b3aff2edda7e7b9f5622f", "5a0e71f08846200cb4bb3962822231ef"),
        ("f2a71f1d7d6bdb5c3cda34bce14e38c2a29d801f6d4f189778e455a938bd9724", "b7bd441fe67c7c3d0005b7591518e001"),
        ("53e8679651d7fa79abb270ed553f68da59486348a24b4dd818bb01215cdd73a0", "917998d15a1c70a9e3f3a013ec52aae6"),
        ("0d2a7adfcf2fe6ead59a6e6e70edc2878e81452a039cdee6c0ef42cd45ab86d0", "e071caa7562a9317b740d124d97ae7ff"),
        ("8611b822895d1609322b791f88116fde9b491507eb5755e73575b4b6ca812480", "2c819b019384accd5abef60b7872bd05"),
    ),
}
"""By version: each module's hash, and the end of the key of the chain up to it."""


@pytest.mark.parametrize("version", NAMES)
def test_a_chain_of_modules_has_the_names_that_abstractcore_gives_it(version: int) -> None:
    ids = ("rules", "nothing", "tools", "log", "ask")
    expected = tuple(
        ModuleName(name, hashed, f"harbour:{key}") for name, (hashed, key) in zip(ids, NAMES[version], strict=True)
    )
    assert name_chain("harbour", MODULES, version) == expected


def test_a_key_is_of_all_modules_up_to_it_and_of_none_behind_it() -> None:
    whole = name_chain("harbour", MODULES, 1)
    assert name_chain("harbour", MODULES[:2], 1) == whole[:2]
    without_first = name_chain("harbour", MODULES[1:], 1)
    assert [each.module_hash for each in without_first] == [each.module_hash for each in whole[1:]]
    assert not {each.cache_key for each in without_first} & {each.cache_key for each in whole}


def test_what_is_noted_with_a_module_does_not_name_it_and_the_order_of_its_tools_does() -> None:
    tools = MODULES[2]
    assert hash_module({**tools, "meta": {"of": "no weight"}}, 1) == hash_module(tools, 1)
    assert hash_module({**tools, "tools": tools["tools"][::-1]}, 1) != hash_module(tools, 1)
