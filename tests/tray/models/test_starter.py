from __future__ import annotations

from endpoint.providers.llamacpp.files import locate_model
from tray.models.model import Place
from tray.models.starter import list_starter


def test_the_starter_is_the_file_that_the_endpoint_finds_by_its_name() -> None:
    (found,) = list_starter()
    assert (found.model, found.place) == ("starter", Place.STARTER)
    assert found.files[0].samefile(locate_model(found.model))


def test_without_its_package_there_is_none() -> None:
    assert list(list_starter("a_package_that_is_not_installed")) == []
