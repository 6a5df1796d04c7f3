"""What the engine process can be asked."""

import os
import time
from dataclasses import asdict

from vext_desktop.embedding.factory import EmbedderChoice, create_embedder
from vext_desktop.keys import SecretKey
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.child import Handler


def engine_handlers(options: Header) -> tuple[dict[str, Handler], Header]:
    """Load the model and say what can be asked of it.

    Args:
        options: An `EmbedderChoice` as JSON values; for a service, its `"key"` too.

    Returns:
        `"embed"` takes `{"texts": [...], "as_query": bool}` and answers
        `{"shape", "truncated_tokens", "seconds"}` with the vectors as raw float32 rows; and an
        `EmbedderInfo` as JSON values.

    Raises:
        ModelError: The model cannot be loaded.
    """
    key = options.pop("key", None)
    embedder = create_embedder(EmbedderChoice.from_json(options), SecretKey(key) if key else None)

    def embed(header: Header, _payload: bytes) -> tuple[Header, bytes]:
        started = time.perf_counter()
        batch = embedder.embed(header["texts"], as_query=header["as_query"])
        answer = {
            "shape": list(batch.vectors.shape),
            "truncated_tokens": batch.truncated_tokens,
            "seconds": time.perf_counter() - started,
        }
        return answer, batch.vectors.tobytes()

    handlers: dict[str, Handler] = {"embed": embed}
    if planted := os.environ.get("VEXT_TEST_LEAK"):
        # For tests only: see there.
        from vext_desktop.embedding.planted_leak import leaking  # noqa: PLC0415

        handlers["embed"] = leaking(embed, planted)
    return handlers, asdict(embedder.info)
