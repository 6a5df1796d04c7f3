"""The reference engine: sentence-transformers on torch, from local files only."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.model_card import DOCUMENT_PROMPTS
from vext_desktop.embedding.torch_device import choose_device
from vext_desktop.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# With every new length of a batch oneDNN keeps another set of buffers, which hold the freed ones
# in their place: 200 MB in 200 batches. Few lengths end that, for 4 % more tokens.
PADDING_TOKENS = 32

# On a processor a batch is no faster than its texts one by one, but takes its whole width in
# memory and pads the short to the longest. Two at a time, the lengths sorted, against eight:
# 50 MB less at the peak and 12 % less processor time, over 25 batches of practice text.
TEXTS_AT_ONCE_ON_CPU = 2

# Each length that oneDNN has not met yet takes buffers that stay: 13 MB in all, in steps that look
# like a leak until a rare length has come. All are met at the first batch, unless there are more.
MOST_LENGTHS_MET = 16

# Read by the libraries when they are imported.
_QUIET_AND_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",  # eight short texts; a thread pool would only hold memory
}


class TorchEmbedder:
    """A sentence-transformers model; an `Embedder`.

    Args:
        folder: The model's files.
        name: The model's name in the index.
        threads: Processor threads; 0 for torch's own choice, one for each core.
        notice: Why it works in place of another engine, for people.
        device: What it computes on, as the settings say it.

    Raises:
        ImportError: torch or sentence-transformers is not installed.
        ModelError: The model cannot be loaded, or is of a kind that is not supported.
    """

    def __init__(
        self, folder: Path, name: str, threads: int = 0, notice: str = "", device: str = "auto"
    ) -> None:
        os.environ.update(_QUIET_AND_OFFLINE)
        chosen = choose_device(device)
        self._model = _load(folder, threads, chosen.name)
        self._tokenizer = _find_tokenizer(self._model, folder)
        max_tokens = _find_max_tokens(self._model, folder)
        # The whole width is a multiple of this too: a model has no positions beyond it.
        self._padding = math.gcd(PADDING_TOKENS, max_tokens)
        self._prompts = {
            as_query: _find_prompt(self._model, as_query) for as_query in (True, False)
        }
        dimension = self._encode([name], as_query=False).shape[1]
        self._has_met_lengths = False
        self._info = EmbedderInfo(
            engine="torch",
            model=name,
            dimension=dimension,
            max_tokens=max_tokens,
            tokenizer_file=str(folder / "tokenizer.json"),
            device=str(self._model.device),
            sends_data_away=False,
            notice=notice
            if chosen.is_as_chosen
            else f"{notice} {_capital(chosen.reason)}.".strip(),
            device_reason=chosen.reason,
        )

    @property
    def info(self) -> EmbedderInfo:
        """What it is."""
        return self._info

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """See `Embedder.embed`; each with the prompt that the model has for it, if any."""
        if not texts:
            return EmbeddedBatch(np.empty((0, self._info.dimension), np.float32), 0)
        # Half of a surrogate pair is no text; the tokenizer refuses it.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        if not as_query and not self._has_met_lengths:
            self._has_met_lengths = True
            self._meet_lengths()
        truncated = self._count_truncated([self._prompts[as_query] + text for text in clean])
        return EmbeddedBatch(self._encode(clean, as_query=as_query), truncated)

    def close(self) -> None:
        """Give up the model; nothing can be embedded after that."""
        del self._model, self._tokenizer

    def _encode(
        self, texts: list[str], *, as_query: bool
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        encode = self._model.encode_query if as_query else self._model.encode_document
        vectors = encode(
            texts,
            prompt=self._prompts[as_query],
            batch_size=TEXTS_AT_ONCE_ON_CPU if self._model.device.type == "cpu" else len(texts),
            show_progress_bar=False,
            normalize_embeddings=True,
            processing_kwargs={"text": {"pad_to_multiple_of": self._padding}},
        )
        # A copy: the array that comes from torch keeps a tensor alive.
        return np.array(vectors, dtype=np.float32, order="C")

    def _meet_lengths(self) -> None:
        """On a processor, embed something of each padded length, the longest first.

        Questions are short, so whoever only searches never needs that.
        """
        lengths = range(self._info.max_tokens, 0, -self._padding)
        if self._model.device.type != "cpu" or len(lengths) > MOST_LENGTHS_MET:
            return
        for length in lengths:
            # Words of one token, beside those that mark beginning and end.
            self._encode(["a " * (length - 2)] * TEXTS_AT_ONCE_ON_CPU, as_query=False)

    def _count_truncated(self, texts: list[str]) -> int:
        # Costs under 1 % of the embedding. The model's own call sets the truncation anew.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        lengths = [len(encoding) for encoding in self._tokenizer.encode_batch_fast(texts)]
        return sum(max(0, length - self._info.max_tokens) for length in lengths)


def _load(folder: Path, threads: int, device: str) -> "SentenceTransformer":
    import torch  # noqa: PLC0415 - after the environment is set, and only where it is needed
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - likewise
    from tqdm import tqdm  # noqa: PLC0415 - likewise

    tqdm.monitor_interval = 0  # else a thread watches over progress bars that nobody sees
    if threads:
        torch.set_num_threads(threads)
    try:
        return SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:
        raise ModelError(
            f"The model in {folder} could not be loaded ({error}).",
            "Choose another model in the settings, or leave that setting empty.",
        ) from error


def _find_prompt(model: "SentenceTransformer", as_query: bool) -> str:
    """What the model wants before each text, by the names that sentence-transformers knows.

    It adds an empty one for "document" where a model has one for "passage" only, and would use it.
    """
    names = ("query",) if as_query else DOCUMENT_PROMPTS
    return next((str(model.prompts[name]) for name in names if model.prompts.get(name)), "")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _find_tokenizer(model: "SentenceTransformer", folder: Path) -> Any:
    """The `tokenizers.Tokenizer` that the model itself uses."""
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise ModelError(
            f"The model in {folder} does not begin with a transformer and its fast tokenizer.",
            "Choose another model in the settings, or leave that setting empty.",
        )
    return tokenizer


def _find_max_tokens(model: "SentenceTransformer", folder: Path) -> int:
    # A tokenizer without a limit of its own says 10^30.
    positions = getattr(model[0].config, "max_position_embeddings", None)
    limits = [model.max_seq_length, model.tokenizer.model_max_length, positions]
    known = [int(limit) for limit in limits if limit and limit < 1 << 20]
    if not known:
        raise ModelError(
            f"The model in {folder} does not say how many tokens it reads.",
            "Set max_seq_length in its sentence_bert_config.json.",
        )
    return min(known)
