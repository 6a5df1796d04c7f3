"""Nothing leaves this computer before the user agrees, and then with the key of now."""

import threading
from pathlib import Path

import pytest
from fake_services import KEY, FakeService, Reply, Request, running
from run_stage import run, summary
from service_stage import FILES, halt, opened, settings_for

from vext_desktop.events import SendingAsked
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.search import SearchMode, SearchRequest


@pytest.mark.parametrize("provider", ["openai", "cohere"])
def test_nothing_is_sent_before_the_user_agrees(
    provider: str, documents: Path, tmp_path: Path
) -> None:
    with running(provider) as service:
        with opened(settings_for(service), tmp_path, agrees=False) as engine:
            events = run(engine, documents)
            answer = engine.search(SearchRequest("the harbour", mode=SearchMode.TEXT))
            assert answer.hits == ()
            assert engine.status().rows == 0
        assert service.requests == []
        host = service.describe().host
    (asked,) = [event for event in events if isinstance(event, SendingAsked)]
    assert asked.files == FILES
    assert 10 <= asked.passages <= 40
    assert str(documents) in asked.message
    assert host in asked.message
    assert "may pass it on" in asked.message
    assert asked.message in halt(events).message


def test_a_yes_is_for_the_service_that_was_asked_about(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
        engine.sending.consents.take_back()
    local = settings_for(openai, provider="huggingface")
    with opened(local, tmp_path, agrees=False) as engine:  # the index of before is kept up to date
        events = list(engine.index(IndexRequest(rebuilds=False), threading.Event()))
        assert any(isinstance(event, SendingAsked) for event in events)
        engine.sending.agree()
        (given,) = engine.sending.consents.all()
        assert given.url == openai.url


def test_the_question_before_a_rebuild_is_about_all_that_is_sent_then(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
    added = tmp_path / "added"
    added.mkdir()
    (added / "one.txt").write_text("A single file more.", encoding="utf-8")
    other = settings_for(openai, openai_model="large")
    with opened(other, tmp_path, agrees=False) as engine:
        asked = [event for event in run(engine, added) if isinstance(event, SendingAsked)]
        assert [event.files for event in asked] == [FILES + 1]
        engine.sending.agree()
        sent = summary(run(engine, added))["files"]["indexed"]  # type: ignore[index]
    assert sent == FILES + 1


def test_a_key_that_was_corrected_counts_for_the_next_run(
    openai: FakeService, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def want_key(request: Request) -> Reply | None:
        return None if request.headers["authorization"] == f"Bearer {KEY}" else Reply(401)

    openai.script = want_key
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-last-year")
    with opened(settings_for(openai, service_dimension=6), tmp_path) as engine:
        assert "does not accept the key" in halt(run(engine, documents)).message
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        assert summary(run(engine))["files"]["indexed"] == FILES  # type: ignore[index]


def test_a_key_that_is_none_is_not_sent(
    openai: FakeService, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "two words\nand a line")
    with opened(settings_for(openai, service_dimension=6), tmp_path) as engine:
        events = run(engine, documents)
    assert "cannot be a key" in halt(events).message
    assert "two words" not in f"{events}"
    assert openai.requests == []
