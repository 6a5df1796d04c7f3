"""Ollama's embeddings: https://docs.ollama.com/api/embed."""

from collections.abc import Sequence
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_models import find_known_model
from vext_desktop.embedding.service_protocol import Row, check_count, part_of, read_row


class OllamaProtocol:
    """Writes and reads what Ollama's embeddings take and give; a `ServiceProtocol`."""

    path = "/api/embed"
    max_inputs = 2048  # our own limits: it has none, and computes one text after the other
    max_tokens = 1_000_000

    def __init__(self, service: Service) -> None:
        # Without truncate the end of a text that is too long would silently not count.
        self._fixed: dict[str, Any] = {"model": service.model, "truncate": False}
        if service.dimension:
            self._fixed["dimensions"] = service.dimension
        # It passes texts on as they are, so what a model's authors put before them is ours to do.
        known = find_known_model(service.provider, service.model)
        self._document_prefix = known.document_prefix if known else ""
        self._query_prefix = known.query_prefix if known else ""

    def body(self, texts: Sequence[str], *, as_query: bool) -> dict[str, Any]:
        """See `ServiceProtocol.body`."""
        prefix = self._query_prefix if as_query else self._document_prefix
        return {**self._fixed, "input": [prefix + text for text in texts]}

    def rows(self, answer: Any, count: int) -> list[Row]:
        """See `ServiceProtocol.rows`."""
        entries = part_of(answer, "embeddings", list)
        check_count(entries, count)
        return [read_row(entry) for entry in entries]
