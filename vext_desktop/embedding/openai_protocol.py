"""OpenAI's embeddings, which many other servers offer too.

https://platform.openai.com/docs/api-reference/embeddings/create
"""

from collections.abc import Sequence
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_protocol import (
    Row,
    UnusableAnswerError,
    check_count,
    part_of,
    read_row,
)


class OpenAiProtocol:
    """Writes and reads what OpenAI's embeddings take and give; a `ServiceProtocol`."""

    path = "/embeddings"
    max_inputs = 2048
    max_tokens = 300_000

    def __init__(self, service: Service) -> None:
        self._fixed: dict[str, Any] = {
            "model": service.model,
            # A quarter of the size of numbers in words; not every other server has it.
            "encoding_format": "base64" if service.is_default else "float",
        }
        if service.dimension:
            self._fixed["dimensions"] = service.dimension

    def body(self, texts: Sequence[str], *, as_query: bool) -> dict[str, Any]:  # noqa: ARG002
        """See `ServiceProtocol.body`; queries are no different here."""
        return {**self._fixed, "input": list(texts)}

    def rows(self, answer: Any, count: int) -> list[Row]:
        """See `ServiceProtocol.rows`; each vector says by `index` which text it belongs to."""
        entries = part_of(answer, "data", list)
        check_count(entries, count)
        vectors: dict[int, Row] = {}
        for place, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise UnusableAnswerError("an entry of its data is no object")
            index = entry.get("index", place)
            if not isinstance(index, int) or not 0 <= index < count or index in vectors:
                raise UnusableAnswerError("its vectors are not numbered from the first to the last")
            vectors[index] = read_row(entry.get("embedding"))
        return [vectors[index] for index in range(count)]
