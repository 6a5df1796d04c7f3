"""What is known of the local engines, by measurement: the facts beside the choice of one.

A figure that was not measured is None. Every figure has its source; whoever measures anew changes
the figure and the source here, and nowhere else.
"""

import importlib.util
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """One engine.

    Attributes:
        engine: Its name in the settings.
        summary: What it is, in a few words.
        modules: What must be installed for it.
        speed_ratio: Speed relative to plain `SentenceTransformer.encode`, by processor time.
        peak_mb: Highest resident memory of its process, in MB.
        cosine: Mean cosine of its vectors to the reference's.
        ndcg: nDCG@10 on a judged set, 0 to 1.
        source: How the figures were measured, in a sentence; "" while there are none.
    """

    engine: str
    summary: str
    modules: tuple[str, ...]
    speed_ratio: float | None = None
    peak_mb: int | None = None
    cosine: float | None = None
    ndcg: float | None = None
    source: str = ""


_SOURCE = (
    "Speed and memory: vext-desktop bench with batches of 8, five rounds of 48 passages, on two "
    "cores with AVX2 and without VNNI, which makes 8 bits faster still. Agreement: 64 passages. "
    "Finds: 5 183 abstracts and 300 questions of SciFact, by vectors alone."
)

ENGINE_FACTS = (
    EngineFacts(
        engine="onnx-int8",
        summary="ONNX Runtime, 8-bit weights",
        modules=("onnxruntime", "onnx", "tokenizers"),
        speed_ratio=2.68,
        peak_mb=92,
        cosine=0.9983,
        ndcg=0.6825,
        source=_SOURCE,
    ),
    EngineFacts(
        engine="onnx",
        summary="ONNX Runtime, exact",
        modules=("onnxruntime", "onnx", "tokenizers"),
        speed_ratio=1.81,
        peak_mb=125,
        cosine=1.0,
        ndcg=0.683,
        source=_SOURCE,
    ),
    EngineFacts(
        engine="torch",
        summary="PyTorch, the reference",
        modules=("torch", "sentence_transformers"),
        speed_ratio=1.17,
        peak_mb=518,
        cosine=1.0,
        ndcg=0.683,
        source=_SOURCE,
    ),
)


def lacking_modules(facts: EngineFacts) -> tuple[str, ...]:
    """What this engine needs and is not installed here; quick, since nothing is imported."""
    return tuple(name for name in facts.modules if importlib.util.find_spec(name) is None)
