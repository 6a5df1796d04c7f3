"""What a person who changes settings is told of them."""

import pytest

from vext_desktop.settings import Settings, reindexing_names
from vext_desktop.settings.errors import number_words
from vext_desktop.settings.info import check_settings, describe_settings


def values(**changed: object) -> dict[str, object]:
    return {**Settings().model_dump(), **changed}


def wrong(**changed: object) -> dict[str, str]:
    settings, sentences = check_settings(values(**changed))
    assert (settings is None) == bool(sentences)
    return sentences


def test_every_setting_is_described_with_what_its_editor_needs() -> None:
    infos = {info.name: info for info in describe_settings()}
    assert list(infos) == list(Settings.model_fields)
    assert {info.kind for info in infos.values()} == {bool, int, float, str, tuple}
    assert set(infos["engine"].choices) >= {"onnx", "torch"}
    assert infos["memory_cap_mb"].choices == ()
    assert {name for name, info in infos.items() if info.reindexes} == reindexing_names()


def test_values_that_go_together_make_settings() -> None:
    settings, sentences = check_settings(values(batch_size=4))
    assert settings == Settings(batch_size=4)
    assert sentences == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("chunk_size", 10, "It must be at least 50."),
        ("max_file_mb", 2_000_000, "It must be at most 1\u202f000\u202f000."),
        ("memory_share", 0.0, "It must be more than 0."),
        ("soft_share", 1.0, "It must be less than 1."),
    ],
)
def test_a_value_out_of_its_limits_is_told_in_a_sentence(
    name: str, value: object, sentence: str
) -> None:
    assert wrong(**{name: value}) == {name: sentence}


def test_two_settings_that_exclude_each_other_are_called_as_the_window_calls_them() -> None:
    sentences = wrong(chunk_overlap=900)
    label = Settings.model_fields["chunk_overlap"].title
    assert set(sentences) == {"chunk_size", "chunk_overlap"}
    assert sentences["chunk_size"].startswith(f"“{label}” must be at most half of “")


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert set(wrong(chunk_overlap=900, batch_size=0)) == {
        "chunk_size",
        "chunk_overlap",
        "batch_size",
    }


def test_numbers_are_grouped() -> None:
    assert (number_words(20_000_000), number_words(0.75)) == ("20\u202f000\u202f000", "0.75")
