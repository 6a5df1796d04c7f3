"""Texts to vectors over each protocol, and a sentence for each way in which a service can fail."""

import email.utils
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fake_services import (
    DIMENSION,
    KEY,
    FakeService,
    Reply,
    always,
    error_body,
    in_turn,
    running,
    unit_vector_of,
    vectors_in,
)

from vext_desktop.embedding.service_embedder import ServiceEmbedder
from vext_desktop.embedding.service_failures import read_retry_after
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import EmbeddingError, ServiceError, TextRefusedError, VextError
from vext_desktop.keys import SecretKey

PROVIDERS = ("openai", "cohere", "ollama")
TEXTS = ["a rose", "an old ship", "Überraschung: 日本語"]


@pytest.fixture(params=PROVIDERS)
def service(request: pytest.FixtureRequest) -> Iterator[FakeService]:
    with running(request.param) as found:
        yield found


def embed(service: FakeService, texts: list[str] | None = None, **others: Any) -> np.ndarray:
    embedder = ServiceEmbedder(service.describe(**others), SecretKey(KEY))
    try:
        batch = embedder.embed(TEXTS if texts is None else texts)
        validate_vectors(batch, len(TEXTS if texts is None else texts), service.dimension)
        return batch.vectors
    finally:
        embedder.close()


def failure(service: FakeService, **others: Any) -> VextError:
    with pytest.raises(VextError) as caught:
        embed(service, **others)
    return caught.value


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


# What goes wrong

WRONG_KEY = f"Incorrect API key provided: {KEY[:8]}********{KEY[-4:]}. Yours was {KEY}."


@pytest.mark.parametrize(
    ("reply", "said", "may_pass"),
    [
        (Reply(401), "does not accept the key", False),
        (Reply(402), "credit or the quota", False),
        (Reply(403), 'no right to the model "small"', False),
        (Reply(404), 'has no model "small"', False),
        (Reply(405), "nothing at this address", False),
        (Reply(302, {"Location": "http://127.0.0.2/"}), "sends us on to another address", False),
        (Reply(308, {"Location": "http://127.0.0.2/"}), "not followed", False),
        (Reply(407), "proxy on the way", False),
        (Reply(418), "refuses the request (418)", False),
        (Reply(408), "has failed (408", True),
        (Reply(429), "asks for fewer requests", True),
        (Reply(500), "has failed (500", True),
        (Reply(503), "has failed (503", True),
        (Reply(body=b"<html>Sign in to this network</html>"), "is no JSON", True),
        (Reply(body=b'{"data": [1'), "is no JSON", True),
        (Reply(body=b"[]"), "cannot be used: there is no", True),
        (Reply(cuts=0), "broke off", True),
        (Reply(cuts=30), "broke off", True),
    ],
)
def test_there_is_a_sentence_for_each_failure(
    service: FakeService, reply: Reply, said: str, may_pass: bool
) -> None:
    if reply.body is None and reply.status != 200:
        reply.body = error_body(service.provider, WRONG_KEY)
    service.script = always(reply)
    error = failure(service)
    assert isinstance(error, ServiceError)
    assert said in error.message
    assert error.may_pass is may_pass
    assert error.hint
    assert len(service.requests) == 1
    assert_nothing_of_the_key_in(f"{error.message} {error.hint} {error!r} {error.facts}")


def assert_nothing_of_the_key_in(text: str) -> None:
    parts = [KEY[start : start + 4] for start in range(len(KEY) - 3)]
    assert [part for part in parts if part in text] == []


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_text_is_told_from_a_service_that_fails(
    service: FakeService, status: int
) -> None:
    message = f"this input is too long ({KEY})"
    service.script = always(Reply(status, body=error_body(service.provider, message)))
    error = failure(service)
    assert isinstance(error, TextRefusedError)
    assert "too long" in error.message
    assert_nothing_of_the_key_in(error.message)


def test_a_quota_that_is_used_up_is_not_waited_for() -> None:
    body = error_body("openai", "You exceeded your current quota.", "insufficient_quota")
    with running("openai", always(Reply(429, {"Retry-After": "1"}, body))) as service:
        error = failure(service)
        assert isinstance(error, ServiceError)
        assert not error.may_pass
        assert "used up" in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),  # long ago
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After-Ms": "250", "Retry-After": "9"}, 0.25),
    ],
)
def test_how_long_a_service_asks_to_be_left_alone_is_read(
    headers: dict[str, str], seconds: float | None
) -> None:
    with running("openai", always(Reply(429, headers))) as service:
        error = failure(service)
        assert isinstance(error, ServiceError)
        assert error.retry_after_s == seconds


def test_a_time_of_day_to_wait_for_is_read() -> None:
    headers = {"retry-after": email.utils.formatdate(1_000_100, usegmt=True)}
    assert read_retry_after(headers, now_s=1_000_000) == 100.0


def test_a_service_that_says_nothing_is_given_up_after_its_time(service: FakeService) -> None:
    service.script = always(Reply(stall_s=5))
    started = time.monotonic()
    error = failure(service, timeout_s=0.1)
    assert time.monotonic() - started < 2
    assert isinstance(error, ServiceError)
    assert error.may_pass
    assert "within 0.1 s" in error.message


def test_a_service_that_is_not_there_is_told_with_what_to_do() -> None:
    with running("ollama") as service:
        gone = service.describe()
    embedder = ServiceEmbedder(gone)
    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        embedder.embed(TEXTS)
    embedder.close()
    assert caught.value.may_pass
    assert "ollama serve" in caught.value.hint


def test_too_few_vectors_are_none(service: FakeService) -> None:
    def drop_one(answer: Any) -> Any:
        vectors_in(answer).pop()
        return answer

    service.script = always(Reply(change=drop_one))
    assert "2 vectors for 3 texts" in failure(service).message


def test_vectors_of_another_dimension_are_none(service: FakeService) -> None:
    error = failure(service, dimension=4)
    assert isinstance(error, ServiceError)
    assert f"{DIMENSION} numbers instead of 4" in error.message
    assert not error.may_pass


def test_vectors_of_several_dimensions_are_none(service: FakeService) -> None:
    def shorten_last(answer: Any) -> Any:
        last = vectors_in(answer)[-1]
        (last["embedding"] if isinstance(last, dict) else last).pop()
        return answer

    service.script = always(Reply(change=shorten_last))
    assert "5 numbers instead of 6" in failure(service).message


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e300])
def test_a_vector_without_a_number_is_found(service: FakeService, number: float) -> None:
    def spoil(answer: Any) -> Any:
        second = vectors_in(answer)[1]
        (second["embedding"] if isinstance(second, dict) else second)[0] = number
        return answer

    service.script = always(Reply(change=spoil))
    error = failure(service)
    assert isinstance(error, EmbeddingError)
    assert "text 2" in error.message


@pytest.mark.parametrize("numbers", [[0, 0, 1], [0, 1, 7], [0, 1, "2"]])
def test_vectors_of_openai_that_are_numbered_wrongly_are_none(numbers: list[Any]) -> None:
    def renumber(answer: Any) -> Any:
        for entry, number in zip(answer["data"], numbers, strict=True):
            entry["index"] = number
        return answer

    with running("openai", always(Reply(change=renumber))) as service:
        assert "not numbered from the first to the last" in failure(service).message


@pytest.mark.parametrize("value", [None, "no base64!", [["nested"]], "AAA", {"a": 1}, ["x"]])
def test_what_is_no_vector_is_told(value: Any) -> None:
    def spoil(answer: Any) -> Any:
        answer["data"][0]["embedding"] = value
        return answer

    with running("openai", always(Reply(change=spoil))) as service:
        assert "is no list of numbers" in failure(service).message


def test_after_a_failure_the_next_request_is_a_new_one(service: FakeService) -> None:
    service.script = in_turn(Reply(cuts=10), Reply(500))
    embedder = ServiceEmbedder(service.describe())
    for _ in range(2):
        with pytest.raises(ServiceError):
            embedder.embed(TEXTS)
    assert embedder.embed(TEXTS).vectors.shape == (3, DIMENSION)
    embedder.close()


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
