"""A sentence for each way in which a service can fail, or answer what is no vector."""

import email.utils
import math
import time
from typing import Any

import pytest
from embedder_stage import TEXTS, failure
from fake_services import (
    DIMENSION,
    KEY,
    FakeService,
    Reply,
    always,
    error_body,
    in_turn,
    running,
    vectors_in,
)

from vext_desktop.embedding.service_embedder import ServiceEmbedder
from vext_desktop.embedding.service_failures import read_retry_after
from vext_desktop.errors import EmbeddingError, ServiceError, TextRefusedError

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
