"""Texts to vectors over each protocol, and a sentence for each way in which a service can fail."""

from typing import Any

import numpy as np
import pytest
from embedder_stage import TEXTS, embed
from fake_services import DIMENSION, KEY, FakeService, Reply, always, running, unit_vector_of

from vext_desktop.embedding.service_embedder import ServiceEmbedder
from vext_desktop.errors import VextError


def test_each_text_gets_its_vector_of_unit_length_in_order(service: FakeService) -> None:
    vectors = embed(service)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [unit_vector_of(text) for text in TEXTS], atol=1e-6)


def test_the_key_goes_into_one_header_and_nowhere_else(service: FakeService) -> None:
    embed(service)
    (request,) = service.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    others = {name: value for name, value in request.headers.items() if name != "authorization"}
    assert KEY not in f"{request.path}{others}{request.body}"


def test_without_a_key_there_is_no_such_header(service: FakeService) -> None:
    embedder = ServiceEmbedder(service.describe())
    embedder.embed(TEXTS)
    embedder.close()
    assert "authorization" not in service.requests[0].headers


def test_no_text_asks_for_nothing(service: FakeService) -> None:
    embedder = ServiceEmbedder(service.describe())
    assert embedder.embed([]).vectors.shape == (0, 0)
    embedder.close()
    assert service.requests == []


def test_half_of_a_surrogate_pair_is_sent_as_a_question_mark(service: FakeService) -> None:
    embed(service, ["a\ud83db"])
    assert service.texts == ["a?b"]


def test_no_request_has_more_texts_than_were_chosen(service: FakeService) -> None:
    texts = [f"text {number}" for number in range(7)]
    vectors = embed(service, texts, max_inputs=3)
    assert [len(request.texts) for request in service.requests] == [3, 3, 1]
    assert np.allclose(vectors, [unit_vector_of(text) for text in texts], atol=1e-6)


def test_no_request_to_cohere_has_more_texts_than_it_takes() -> None:
    with running("cohere") as service:
        embed(service, [f"text {number}" for number in range(100)], max_inputs=500)
        assert [len(request.texts) for request in service.requests] == [96, 4]


def test_no_request_to_openai_has_more_tokens_than_it_takes() -> None:
    with running("openai") as service:
        embed(service, ["x" * 140_000] * 3)
        assert [len(request.texts) for request in service.requests] == [2, 1]


@pytest.mark.parametrize(
    ("provider", "name"),
    [("openai", "dimensions"), ("cohere", "output_dimension"), ("ollama", "dimensions")],
)
def test_a_dimension_is_asked_for_only_when_it_was_chosen(provider: str, name: str) -> None:
    with running(provider) as service:
        embed(service)
        embed(service, dimension=DIMENSION)
        assert [request.body.get(name) for request in service.requests] == [None, DIMENSION]


def test_cohere_is_told_what_is_a_query_and_that_nothing_may_be_cut() -> None:
    with running("cohere") as service:
        embedder = ServiceEmbedder(service.describe())
        embedder.embed(["passage"])
        embedder.embed(["question"], as_query=True)
        embedder.close()
        kinds = [request.body["input_type"] for request in service.requests]
        assert kinds == ["search_document", "search_query"]
        assert all(request.body["truncate"] == "NONE" for request in service.requests)
        assert all(request.body["embedding_types"] == ["float"] for request in service.requests)


def test_ollama_gets_what_the_models_authors_put_before_a_text() -> None:
    with running("ollama") as service:
        service.dimension = 768
        embedder = ServiceEmbedder(service.describe(model="nomic-embed-text"))
        embedder.embed(["passage"])
        embedder.embed(["question"], as_query=True)
        embedder.close()
        assert service.texts == ["search_document: passage", "search_query: question"]
        assert all(request.body["truncate"] is False for request in service.requests)


def test_vectors_of_openai_are_put_in_the_order_of_their_index() -> None:
    def shuffle(answer: Any) -> Any:
        return {**answer, "data": answer["data"][::-1]}

    with running("openai", always(Reply(change=shuffle))) as service:
        vectors = embed(service)
        assert np.allclose(vectors, [unit_vector_of(text) for text in TEXTS], atol=1e-6)


def test_vectors_in_base64_are_read_exactly() -> None:
    def ask_for_base64(answer: Any) -> Any:
        texts = service.requests[-1].texts
        return service.answer({"model": "small", "encoding_format": "base64"}, texts)

    with running("openai", always(Reply(change=ask_for_base64))) as service:
        vectors = embed(service)
        assert np.allclose(vectors, [unit_vector_of(text) for text in TEXTS], atol=1e-7)


def test_a_server_that_does_not_number_its_vectors_is_taken_at_its_order() -> None:
    def forget(answer: Any) -> Any:
        return {"data": [{"embedding": entry["embedding"]} for entry in answer["data"]]}

    with running("openai", always(Reply(change=forget))) as service:
        assert np.allclose(embed(service)[1], unit_vector_of(TEXTS[1]), atol=1e-6)


def test_a_proxy_of_the_environment_is_not_asked_on_the_way_to_this_computer(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert embed(service).shape == (3, DIMENSION)


def test_a_proxy_of_the_environment_is_asked_on_the_way_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running("openai") as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        proxy.script = always(Reply(407))
        elsewhere = proxy.describe()
        elsewhere = type(elsewhere)("openai", "http://service.invalid/v1", "small")
        embedder = ServiceEmbedder(elsewhere)
        with pytest.raises(VextError):
            embedder.embed(TEXTS)
        embedder.close()
        assert [request.path for request in proxy.requests] == [
            "http://service.invalid/v1/embeddings"
        ]
