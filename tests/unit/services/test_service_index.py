"""An index that a service has made: how it stands, how it is searched, when it is built anew."""

from pathlib import Path
from typing import Any

from fake_services import FakeService, Reply, always
from run_stage import run, summary
from service_stage import FILES, opened, settings_for

from vext_desktop.engine import Engine
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.outcomes import Outcome


def test_how_the_index_stands_is_told_without_asking_the_service(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    openai.script = always(Reply(503))
    with opened(settings_for(openai), tmp_path) as engine:
        assert engine.status().rows == 0
        assert engine.status().model == ""
    assert openai.requests == []


def test_another_limit_of_tokens_cuts_all_passages_anew(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        before = summary(run(engine, documents))["chunks"]
    with opened(settings_for(openai, service_max_tokens=100), tmp_path) as engine:
        assert engine.describe_rebuild(engine.settings) is not None
        after = summary(run(engine))["chunks"]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after > before


def test_a_search_asks_the_service_and_is_answered_by_words_where_it_cannot(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    settings = settings_for(openai)
    with opened(settings, tmp_path) as engine:
        run(engine, documents)

        answer = engine.search(SearchRequest("the harbour"))
        assert answer.mode is SearchMode.HYBRID
        assert not answer.notice
        assert openai.texts[-1] == "the harbour"

        engine.unload_model()
        openai.script = always(Reply(503))
        assert_by_words(engine, openai, "has failed (503", requests=1)  # nobody waits for another

        openai.script = always(Reply(change=turned_round))
        assert_by_words(engine, openai, "another model under the name", requests=1)

    with opened(settings, tmp_path, agrees=False) as engine:  # what was agreed to is kept
        assert_by_words(engine, openai, "no longer where it was", requests=0)
        events = run(engine)
        assert summary(events)["files"]["indexed"] == FILES  # type: ignore[index]
        assert engine.search(SearchRequest("kitchen")).mode is SearchMode.HYBRID

        engine.sending.consents.take_back()  # counts at once, also for an engine that runs
        assert_by_words(engine, openai, "you have not agreed", requests=0)


def assert_by_words(engine: Engine, service: FakeService, why: str, requests: int) -> None:
    before = len(service.requests)
    answer = engine.search(SearchRequest("kitchen"))
    assert answer.mode is SearchMode.TEXT
    assert answer.hits
    assert why in answer.notice
    assert "found by their words alone" in answer.notice
    assert len(service.requests) == before + requests


def turned_round(answer: Any) -> Any:
    for entry in answer["data"]:
        entry["embedding"] = [-number for number in entry["embedding"]]
    return answer


def test_files_are_read_without_asking_a_service_that_nobody_has_agreed_to(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path, agrees=False) as engine:
        extracted = list(engine.extract([documents]))
    assert [one.outcome for one in extracted] == [Outcome.INDEXED] * FILES
    assert all(one.chunks > 1 for one in extracted)
    with opened(settings_for(openai, openai_url="nowhere"), tmp_path, agrees=False) as engine:
        unlimited = list(engine.extract([documents]))
    assert [one.sections for one in unlimited] == [one.sections for one in extracted]
    assert openai.requests == []


def test_what_a_change_to_another_model_costs_is_told_without_asking_for_it(
    openai: FakeService, documents: Path, tmp_path: Path
) -> None:
    with opened(settings_for(openai), tmp_path) as engine:
        run(engine, documents)
        openai.requests.clear()
        cost = engine.describe_rebuild(settings_for(openai, openai_model="unheard of"))
        assert openai.requests == []
    assert cost is not None
    assert cost.files == FILES
    assert cost.extra_bytes is None
    assert "unheard of" in cost.sentence
    assert "room for a second index" in cost.sentence
