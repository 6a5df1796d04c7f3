"""What is known of a service before it is asked: address, names, leave, what was learnt."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vext_desktop.assembly.service import batch_size, chosen_service
from vext_desktop.documents.byte_bound import ByteBound
from vext_desktop.embedding.service import DEFAULT_URLS, Service, checked_service
from vext_desktop.embedding.service_consent import Consents
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.embedding.service_models import price_of, service_card
from vext_desktop.errors import ConsentError, ModelError
from vext_desktop.settings import Settings
from vext_desktop.settings.sources import load_settings

OPENAI = Service("openai", DEFAULT_URLS["openai"], "text-embedding-3-small")
OLLAMA = Service("ollama", DEFAULT_URLS["ollama"], "nomic-embed-text")


@pytest.mark.parametrize(
    ("service", "away"),
    [
        (OPENAI, True),
        (replace(OPENAI, url="http://localhost:1234/v1"), True),  # may be a relay
        (OLLAMA, False),
        (replace(OLLAMA, url="http://127.0.0.1:11434"), False),
        (replace(OLLAMA, url="http://[::1]:11434"), False),
        (replace(OLLAMA, url="http://192.168.1.5:11434"), True),
        (replace(OLLAMA, url="http://localhost.example.org"), True),
        (replace(OLLAMA, url="http://0.0.0.0:11434"), True),
    ],
)
def test_it_is_known_whether_text_leaves_this_computer(service: Service, away: bool) -> None:
    assert service.sends_data_away is away


def test_names_in_the_index_differ_by_provider_place_model_and_dimension() -> None:
    names = {
        OPENAI.index_name(1536),
        OPENAI.index_name(512),
        replace(OPENAI, url="https://other.example/v1").index_name(1536),
        replace(OPENAI, model="text-embedding-3-large").index_name(1536),
        replace(OPENAI, provider="cohere", url=DEFAULT_URLS["cohere"]).index_name(1536),
    }
    assert len(names) == 5


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host:80",
        "https://",
        "https://me:secret@host",
        "http://host?key=1",
        "http://[",
        "http://h:x",
    ],
)
def test_an_address_that_cannot_be_used_is_told(url: str) -> None:
    with pytest.raises(ModelError, match="cannot be used") as caught:
        checked_service(replace(OPENAI, url=url))
    assert "secret" not in caught.value.message


def test_an_empty_address_is_the_usual_one_and_a_slash_at_its_end_is_dropped() -> None:
    assert checked_service(replace(OPENAI, url=" ")).url == DEFAULT_URLS["openai"]
    assert (
        checked_service(replace(OPENAI, url="https://a.example/v1/")).url == "https://a.example/v1"
    )


def test_a_service_without_a_model_is_told() -> None:
    with pytest.raises(ModelError, match="No model"):
        checked_service(replace(OPENAI, model=" "))


def test_the_settings_choose_a_service_or_none() -> None:
    assert chosen_service(Settings()) is None
    for provider in ("openai", "cohere", "ollama"):
        service = chosen_service(Settings(provider=provider))
        assert service is not None
        assert service.is_default
        assert service.known_dimension > 0


def test_the_ancestors_variables_choose_a_service_and_the_key_is_no_setting() -> None:
    given = {"EMBEDDING_PROVIDER": "openai", "OPENAI_API_KEY": "sk-secret"}
    loaded = load_settings(environment=given)
    assert loaded.settings.provider == "openai"
    assert loaded.notices == ()
    assert "sk-secret" not in f"{loaded}"


def test_a_batch_for_a_service_is_a_request() -> None:
    assert batch_size(Settings()) == 8
    assert batch_size(Settings(provider="cohere", service_batch_size=500)) == 96


def test_the_price_is_of_the_service_itself_and_not_of_who_speaks_its_protocol() -> None:
    assert price_of(OPENAI, 1_000_000) == pytest.approx(0.02)
    assert price_of(replace(OPENAI, url="http://localhost:1/v1"), 1_000_000) is None
    assert price_of(OLLAMA, 1_000_000) is None


# Passages that are never too long


def test_a_text_within_the_bytes_is_kept_whole() -> None:
    assert ByteBound(100).fit("a" * 100) == 100
    assert ByteBound(100).fit("ü" * 50) == 50


def test_a_longer_text_is_cut_between_two_characters() -> None:
    assert ByteBound(100).fit("a" * 101) == 100
    assert ByteBound(100).fit("日" * 40) == 33
    assert ByteBound(2).fit("日本") == 1
    assert ByteBound(100).fit("\ud800" * 60) >= 1


def test_a_passage_is_bounded_by_what_the_model_reads() -> None:
    known = service_card(OPENAI, 1536)
    assert 8000 < known.max_bytes < 8191
    assert 480 < service_card(replace(OPENAI, model="unheard-of"), 8).max_bytes < 512
    assert service_card(replace(OPENAI, model="unheard-of", max_tokens=2000), 8).max_bytes > 1900


# Leave


def test_leave_is_for_one_model_at_one_address(tmp_path: Path) -> None:
    consents = Consents(tmp_path / "consents.json")
    with pytest.raises(ConsentError, match=r"leave this computer and go to api\.openai\.com"):
        consents.check(OPENAI)
    consents.give(OPENAI)
    consents.give(OPENAI)
    consents.check(OPENAI)
    assert len(consents.all()) == 1
    for other in (replace(OPENAI, model="x"), replace(OPENAI, url="http://a.example/v1")):
        assert not consents.allows(other)
    assert consents.allows(OLLAMA)


def test_leave_can_be_taken_back_singly(tmp_path: Path) -> None:
    consents = Consents(tmp_path / "consents.json")
    other = replace(OPENAI, model="x")
    consents.give(OPENAI)
    consents.give(other)
    consents.take_back(consents.all()[0])
    assert not consents.allows(OPENAI)
    assert consents.allows(other)
    consents.take_back()
    assert consents.all() == ()


@pytest.mark.usefixtures("expected_warnings")
@pytest.mark.parametrize("content", ["{", "{}", '[{"provider": "openai"}]', "[1]", "7"])
def test_a_file_that_cannot_be_read_agrees_to_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "consents.json"
    file.write_text(content)
    assert not Consents(file).allows(OPENAI)


def test_a_connection_that_is_not_encrypted_is_named(tmp_path: Path) -> None:
    plain = replace(OPENAI, url="http://a.example/v1")
    with pytest.raises(ConsentError, match="unencrypted"):
        Consents(tmp_path / "none").check(plain)


# What was learnt


def unit(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def test_the_dimension_of_a_model_is_learnt_from_its_first_vector(tmp_path: Path) -> None:
    service = replace(OPENAI, model="unheard-of")
    memory = ServiceMemory(tmp_path / "models.json")
    assert memory.dimension(service) == 0
    memory.check(service, unit(1, 2, 3))
    assert ServiceMemory(tmp_path / "models.json").dimension(service) == 3
    assert "3)" in memory.index_name(service)


def test_small_differences_are_no_other_model_but_large_ones_are(tmp_path: Path) -> None:
    memory = ServiceMemory(tmp_path / "models.json")
    memory.check(OPENAI, unit(1, 2, 3))
    before = memory.index_name(OPENAI)
    memory.check(OPENAI, unit(1, 2, 3.01))
    assert memory.index_name(OPENAI) == before
    with pytest.raises(ModelError, match="another model under the name"):
        memory.check(OPENAI, unit(3, -2, 1))
    assert memory.index_name(OPENAI) == f"{before}, version 2"
    memory.check(OPENAI, unit(3, -2, 1))  # from now on that is the model


@pytest.mark.parametrize("content", ["", "[]", '{"openai": 3}', "nonsense"])
def test_what_was_learnt_and_cannot_be_read_is_learnt_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(content)
    service = replace(OPENAI, model="unheard-of")
    assert ServiceMemory(file).dimension(service) == 0
    ServiceMemory(file).check(service, unit(1, 1))
    assert ServiceMemory(file).dimension(service) == 2, "what the file holds is good again"
