"""The two onnx engines: what tells them apart, and what each must reach to be let in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OnnxKind:
    """One way to compute a model with ONNX Runtime.

    Attributes:
        engine: Its name in the settings.
        version: Changes whenever its network is written in another way: what was prepared before
            is then stale.
        min_mean_cosine: What the vectors of the agreement texts must reach, on average.
        min_cosine: What each of them must reach.
    """

    engine: str
    version: int
    min_mean_cosine: float
    min_cosine: float


# float32 computed in another order differs by 1e-6; anything below this is another computation.
EXACT = OnnxKind("onnx", 2, 0.9999, 0.9999)
# The shipped model has 0.998 on passages, and 0.9963 on the agreement texts, some of which are a
# word or less; the worst of them is a lone question mark with 0.986.
INT8 = OnnxKind("onnx-int8", 1, 0.995, 0.98)

ONNX_KINDS = {kind.engine: kind for kind in (EXACT, INT8)}
