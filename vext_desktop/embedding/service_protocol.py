"""What differs between the services: the form of a request and of its answer."""

import base64
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vext_desktop.embedding.service import Service

Row = npt.NDArray[np.float32]


class UnusableAnswerError(Exception):
    """An answer is JSON, but not of the service's protocol; the message says in what way."""


class ServiceProtocol(Protocol):
    """Writes requests and reads answers; knows nothing of HTTP."""

    path: str
    """Follows the service's address."""
    max_inputs: int
    """Texts in one request, at most."""
    max_tokens: int
    """Tokens of all texts in one request, at most."""

    def body(self, texts: Sequence[str], *, as_query: bool) -> dict[str, Any]:
        """The request's JSON.

        Args:
            texts: What to embed.
            as_query: Whether they are queries and not passages, for models that tell them apart.
        """
        ...

    def rows(self, answer: Any, count: int) -> list[Row]:
        """The vectors of an answer, in the order of the texts; not judged yet.

        Raises:
            UnusableAnswerError: The answer has another form, or another number of vectors.
        """
        ...


def create_protocol(service: Service) -> ServiceProtocol:
    """The protocol that a service speaks."""
    # Each knows this module's names, so they are imported where one is chosen.
    if service.provider == "cohere":
        from vext_desktop.embedding.cohere_protocol import CohereProtocol  # noqa: PLC0415

        return CohereProtocol(service)
    if service.provider == "ollama":
        from vext_desktop.embedding.ollama_protocol import OllamaProtocol  # noqa: PLC0415

        return OllamaProtocol(service)
    from vext_desktop.embedding.openai_protocol import OpenAiProtocol  # noqa: PLC0415

    return OpenAiProtocol(service)


def part_of(answer: Any, name: str, kind: type) -> Any:
    """One member of a JSON object.

    Raises:
        UnusableAnswerError: There is none, or of another type.
    """
    part = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(part, kind):
        raise UnusableAnswerError(f'there is no "{name}" in it as there should be')
    return part


def check_count(rows: Sequence[Any], count: int) -> None:
    """See that there is one vector for each text.

    Raises:
        UnusableAnswerError: There are more or fewer.
    """
    if len(rows) != count:
        raise UnusableAnswerError(f"it has {len(rows)} vectors for {count} texts")


def read_row(value: Any) -> Row:
    """A vector, from a list of numbers or from base64 of little-endian float32.

    Raises:
        UnusableAnswerError: It is neither.
    """
    try:
        if isinstance(value, str):
            return np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
        row = np.array(value, dtype=np.float64)
    except (ValueError, TypeError):
        raise UnusableAnswerError("a vector in it is no list of numbers") from None
    if row.ndim != 1:
        raise UnusableAnswerError("a vector in it is no list of numbers")
    with np.errstate(over="ignore"):  # becomes infinite, and is found by whoever judges vectors
        return row.astype(np.float32)
