"""The engines of every day: a BERT straight on ONNX Runtime, without torch in its process."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo, Vectors
from vext_desktop.embedding.onnx_architecture import (
    POSITIONS,
    TYPES,
    WORDS,
    open_weights,
    read_architecture,
)
from vext_desktop.embedding.onnx_import import import_onnxruntime
from vext_desktop.embedding.onnx_kind import EXACT, OnnxKind
from vext_desktop.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_COPY_AGAIN = "Copy the model again, or choose another one in the settings."


class OnnxEmbedder:
    """A BERT whose network has been prepared for ONNX Runtime; an `Embedder`.

    One text at a time and unpadded, in the order they come: a processor gains nothing from a
    batch, which takes its whole width in memory. The vectors of words are read from the model's
    own file when they occur; only the prepared matrices are in memory, and those once.

    Args:
        folder: The model's files.
        graph_file: Its network, prepared from just these files.
        name: The model's name in the index.
        threads: Processor threads; 0 for one for each processor that we may use.
        kind: How the network was prepared.
        notice: Why it works in place of another engine, for people.

    Raises:
        ImportError: onnxruntime or tokenizers is not installed.
        ModelError: The model cannot be loaded, or is of a kind that is not supported.
    """

    def __init__(
        self,
        folder: Path,
        graph_file: Path,
        name: str,
        threads: int = 0,
        kind: OnnxKind = EXACT,
        notice: str = "",
    ) -> None:
        architecture = read_architecture(folder)
        tokenizer_file = folder / "tokenizer.json"
        self._tokenizer = _load_tokenizer(tokenizer_file, architecture.max_tokens)
        self._special_tokens = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self._weights = open_weights(folder, architecture)
        try:
            self._places = self._read_places(folder, architecture.max_tokens)
            self._session: InferenceSession | None = _load_session(graph_file, threads)
            # The longest text first: what the arena will ever need, it has from now on.
            self._compute([0] * architecture.max_tokens)
        except BaseException:
            self._weights.close()
            raise
        self._info = EmbedderInfo(
            engine=kind.engine,
            model=name,
            dimension=architecture.width,
            max_tokens=architecture.max_tokens,
            tokenizer_file=str(tokenizer_file),
            device="cpu",
            sends_data_away=False,
            notice=notice,
        )

    @property
    def info(self) -> EmbedderInfo:
        """What it is."""
        return self._info

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:  # noqa: ARG002
        """See `Embedder.embed`; queries are no different here."""
        vectors = np.empty((len(texts), self._info.dimension), np.float32)
        truncated_tokens = 0
        for row, text in enumerate(texts):
            # Half of a surrogate pair is no text; the tokenizer refuses it.
            text_only = text.encode("utf-8", "replace").decode("utf-8")
            # Without the place of each token in the text, which nothing needs here.
            (encoding,) = self._tokenizer.encode_batch_fast([text_only])
            vectors[row] = self._compute(encoding.ids)
            for rest in encoding.overflowing:
                truncated_tokens += len(rest.ids) - self._special_tokens
        return EmbeddedBatch(vectors, truncated_tokens)

    def close(self) -> None:
        """Give up the model; nothing can be embedded after that."""
        self._session = None
        self._weights.close()

    def _read_places(self, folder: Path, max_tokens: int) -> Vectors:
        """What every token gets besides its word: its position, and the type of a single text."""
        if self._tokenizer.get_vocab_size() > self._weights.shape(WORDS)[0]:
            raise ModelError(f"The tokenizer in {folder} is not that of its model.", _COPY_AGAIN)
        places = self._weights.read_rows(POSITIONS, list(range(max_tokens)))
        places += self._weights.read_rows(TYPES, [0])
        return places

    def _compute(self, tokens: list[int]) -> Vectors:
        if self._session is None:
            raise RuntimeError("the engine has been closed")
        embedded = self._weights.read_rows(WORDS, tokens)
        embedded += self._places[: len(tokens)]
        answers = self._session.run(["vectors"], {"embedded": embedded[np.newaxis]})
        vector: Vectors = answers[0][0]
        return vector


def _load_tokenizer(file: Path, max_tokens: int) -> "Tokenizer":
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # a thread pool would only hold memory
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where it is needed

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:
        raise ModelError(f"{file} could not be read: {error}.", _COPY_AGAIN) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _load_session(graph_file: Path, threads: int) -> "InferenceSession":
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    # One text at a time needs so little that the arena's keeping it costs 3 MB, while taking it
    # from the system anew for each text costs a quarter of the time (1800 page faults each).
    # With padded batches of eight it is the other way round: 406 MB instead of 172.
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False  # plans memory for each new length, and keeps the plan
    options.intra_op_num_threads = threads or _processors()
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # The graph is fused as it was written; looking for more takes time and finds nothing.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Threads that spin while they wait take the processor from other programs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors
    try:
        return onnxruntime.InferenceSession(
            str(graph_file), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ModelError(
            f"ONNX Runtime cannot load {graph_file} ({error}).",
            "Delete that folder, or choose the engine torch in the settings.",
        ) from error


def _processors() -> int:
    """Processors that this process may use; a container or `taskset` allows fewer than exist."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
