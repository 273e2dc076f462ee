"""A provider whose library isn't there is named with what to install, and hinders no other."""

from __future__ import annotations

import sys

import pytest

from endpoint.contract import ModelRef
from endpoint.errors import ProviderUnavailable
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import canonical_name, load_provider


@pytest.mark.parametrize(("module", "package"), [("mlx.core", "mlx"), ("mlx_lm.utils", "mlx-lm")])
def test_without_mlx_its_provider_says_what_to_install(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("endpoint.providers.mlx")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)  # how an import is made to fail
    with pytest.raises(ProviderUnavailable) as caught:
        load_provider(ModelRef("mlx", "/nowhere"), LoadOptions(), lambda _share: None)
    message = str(caught.value)
    assert f"The provider 'mlx' needs {package}, which can't be imported by {sys.executable}" in message
    load_provider(ModelRef("fake", "echo"), LoadOptions(), lambda _share: None).close()


def test_an_unknown_provider_is_told_those_that_exist() -> None:
    with pytest.raises(ProviderUnavailable, match=r"Unknown provider 'ollama'\. Use llamacpp .*, or mlx"):
        canonical_name("ollama")
