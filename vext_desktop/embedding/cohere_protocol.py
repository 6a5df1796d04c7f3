"""Cohere's embeddings, version 2 of its interface: https://docs.cohere.com/reference/embed."""

from collections.abc import Sequence
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_protocol import Row, check_count, part_of, read_row


class CohereProtocol:
    """Writes and reads what Cohere's embeddings take and give; a `ServiceProtocol`."""

    path = "/v2/embed"
    max_inputs = 96
    max_tokens = 128_000  # embed-v4.0, all texts together

    def __init__(self, service: Service) -> None:
        self._fixed: dict[str, Any] = {
            "model": service.model,
            "embedding_types": ["float"],
            # Otherwise the end of a text that is too long would silently not count.
            "truncate": "NONE",
        }
        if service.dimension:
            self._fixed["output_dimension"] = service.dimension

    def body(self, texts: Sequence[str], *, as_query: bool) -> dict[str, Any]:
        """See `ServiceProtocol.body`."""
        kind = "search_query" if as_query else "search_document"
        return {**self._fixed, "input_type": kind, "texts": list(texts)}

    def rows(self, answer: Any, count: int) -> list[Row]:
        """See `ServiceProtocol.rows`."""
        entries = part_of(part_of(answer, "embeddings", dict), "float", list)
        check_count(entries, count)
        return [read_row(entry) for entry in entries]
