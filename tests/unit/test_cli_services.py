"""Services on the command line: leave to send, the list of what was agreed to, and the doctor."""

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_engine import SUMMARY, FakeEngine, usual_run

from vext_desktop.cli.main import main
from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_consent import Consents
from vext_desktop.events import IndexEvent, RunEnd, RunFinished, RunHalted, SendingAsked

SERVICE = Service("openai", "https://api.openai.com/v1", "text-embedding-3-small")
ASKED = SendingAsked(
    "OpenAI (api.openai.com)", "api.openai.com", "text-embedding-3-small", ("/d",), 1, 2, 3, None,
    "Your text leaves this computer and goes to api.openai.com.",
)  # fmt: skip


class AskingEngine(FakeEngine):
    """Halts until somebody agrees."""

    def __init__(self) -> None:
        super().__init__()
        self.sending = self
        self.has_leave = False

    def agree(self) -> None:
        self.has_leave = True

    def describe_rebuild(self, settings: object) -> None:
        return None

    def index(self, request: Any, stopped: threading.Event) -> Iterator[IndexEvent]:
        if self.has_leave:
            yield from usual_run()
            return
        yield ASKED
        yield RunHalted(f"Nothing was sent yet. {ASKED.message}", "Add --send-text.")
        yield RunFinished(1, RunEnd.HALTED, SUMMARY)


class Terminal(io.StringIO):
    """Where a person types."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(answer: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sys.stdin", Terminal(answer))
    patch.setattr("sys.stderr.isatty", lambda: True, raising=False)


def test_without_leave_a_run_halts_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = AskingEngine()
    assert main(["index", str(tmp_path)], engine.create) == 1
    said = capsys.readouterr().err
    assert "error: Nothing was sent yet. Your text leaves this computer" in said
    assert "hint: Add --send-text." in said
    assert not engine.has_leave


def test_the_flag_gives_leave_before_the_run(tmp_path: Path) -> None:
    engine = AskingEngine()
    assert main(["index", str(tmp_path), "--send-text", "--json"], engine.create) == 0
    assert engine.has_leave


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("yes\n", 0), ("\n", 1), ("no\n", 1)])
def test_a_person_at_the_terminal_is_asked(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    engine = AskingEngine()
    at_a_terminal(answer, monkeypatch)
    assert main(["index", str(tmp_path)], engine.create) == code
    assert "goes to api.openai.com." in capsys.readouterr().err
    assert engine.has_leave is (code == 0)


def test_what_was_agreed_to_is_listed_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--data-dir", str(tmp_path)]
    Consents(tmp_path / "consents.json").give(SERVICE, now_s=1_790_000_000)
    assert main(["consent", *flags]) == 0
    assert "https://api.openai.com/v1, model text-embedding-3-small" in capsys.readouterr().out
    assert main(["consent", "--json", *flags]) == 0
    assert json.loads(capsys.readouterr().out)[0]["provider"] == "openai"
    assert main(["consent", "--take-back", *flags]) == 0
    assert "may go to no service" in capsys.readouterr().out


def providers(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    main(["doctor", "--json", *arguments])
    report = json.loads(capsys.readouterr().out)
    return {one["name"]: one for one in report["providers"]} | {"missing": report["missing"]}


def test_the_doctor_lists_providers_and_what_they_lack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COHERE_API_KEY", "very-secret-indeed")
    found = providers(["--data-dir", str(tmp_path / "none"), "--set", "provider=openai"], capsys)
    assert list(found) == ["huggingface", "openai", "cohere", "ollama", "missing"]
    assert not found["openai"]["ok"]
    assert found["openai"]["key"] is None
    assert found["openai"]["sends_data_away"]
    assert "OPENAI_API_KEY" in found["openai"]["hint"]
    assert any("there is no key" in entry["what"] for entry in found["missing"])
    assert found["cohere"]["ok"]
    assert found["cohere"]["key"] == "the environment"
    assert not found["ollama"]["sends_data_away"]
    assert "very-secret-indeed" not in f"{found}"
