"""The settings of where texts are embedded: here or by a service. No key is among them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from vext_desktop.settings.declaration import Acts, Group, setting

_LIMITS_HELP = "The service's own limits hold too."


def _service_setting(default: Any, label: str, help_text: str = "", **others: Any) -> Any:
    return setting(
        default, label, help_text, **{"group": Group.SERVICE, "acts": Acts.ENGINE, **others}
    )


class ServiceSettings(BaseModel):
    """What is chosen of services; a part of `Settings`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Literal["huggingface", "openai", "cohere", "ollama"] = setting(
        "huggingface",
        "Where texts are embedded (huggingface: on this computer)",
        "With openai and cohere your text leaves this computer. You are asked before that.",
        group=Group.MODEL,
        acts=Acts.ENGINE,
        reindexes=True,
    )
    openai_model: str = _service_setting(
        "text-embedding-3-small", "OpenAI: model", provider="openai", reindexes=True
    )
    openai_url: str = _service_setting(
        "https://api.openai.com/v1",
        "OpenAI: address",
        "Of any server that speaks OpenAI's protocol, up to what comes before /embeddings.",
        provider="openai",
        reindexes=True,
    )
    cohere_model: str = _service_setting(
        "embed-v4.0", "Cohere: model", provider="cohere", reindexes=True
    )
    cohere_url: str = _service_setting(
        "https://api.cohere.com",
        "Cohere: address",
        "What comes before /v2/embed.",
        provider="cohere",
        reindexes=True,
    )
    ollama_model: str = _service_setting(
        "nomic-embed-text",
        "Ollama: model",
        "Fetch it first: ollama pull NAME.",
        provider="ollama",
        reindexes=True,
    )
    ollama_url: str = _service_setting(
        "http://localhost:11434",
        "Ollama: address",
        "What comes before /api/embed. On another computer your text leaves this one.",
        provider="ollama",
        reindexes=True,
    )
    service_dimension: int = _service_setting(
        0,
        "Numbers in a vector that a service is asked for (0: as the model gives)",
        "Fewer need less space. Only some models can be asked: text-embedding-3, embed-v4.",
        reindexes=True,
        ge=0,
        le=8192,
    )
    service_max_tokens: int = _service_setting(
        0,
        "Tokens of a passage that the service's model reads (0: as known, else 512)",
        "No passage becomes longer than so many bytes, which are never fewer than tokens.",
        reindexes=True,
        ge=0,
        le=1_000_000,
    )
    service_batch_size: int = _service_setting(
        96, "Passages in one request to a service", _LIMITS_HELP, ge=1, le=2048
    )
    service_timeout_s: float = _service_setting(
        60.0, "Time limit for one request to a service, in s", gt=0, le=3600
    )
    service_tries: int = _service_setting(
        6,
        "Tries before a run halts because a service does not answer",
        "Between them it waits longer and longer, or as long as the service asks for.",
        ge=1,
        le=20,
    )
