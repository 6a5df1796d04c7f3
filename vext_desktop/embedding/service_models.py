"""What is known of the models of services without asking: sizes, limits, prices, habits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vext_desktop.embedding.model_card import ModelCard

if TYPE_CHECKING:
    from vext_desktop.embedding.service import Service

# What a model of which nothing is known reads at least: the least of all common ones.
UNKNOWN_MAX_TOKENS = 512
# What tokenizers put around a text, at most.
SPECIAL_TOKENS = 4
# The price lists of OpenAI and Cohere for text, in US dollars, as quoted at this time by others:
# the estimate names it, and the service's own list counts.
PRICES_AS_OF = "November 2026"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model of a service.

    Attributes:
        dimension: Numbers in a vector, unless others are asked for.
        max_tokens: Tokens of a text that it reads.
        dollars_per_million: Price of a million tokens; None where it is free or not known.
        document_prefix: What its authors put before a passage.
        query_prefix: What its authors put before a query.
    """

    dimension: int
    max_tokens: int
    dollars_per_million: float | None = None
    document_prefix: str = ""
    query_prefix: str = ""


_SEARCHING = "Represent this sentence for searching relevant passages: "
_KNOWN = {
    "openai": {
        "text-embedding-3-small": KnownModel(1536, 8191, 0.02),
        "text-embedding-3-large": KnownModel(3072, 8191, 0.13),
        "text-embedding-ada-002": KnownModel(1536, 8191, 0.10),
    },
    "cohere": {
        "embed-v4.0": KnownModel(1536, 128_000, 0.12),
        "embed-english-v3.0": KnownModel(1024, 512),
        "embed-multilingual-v3.0": KnownModel(1024, 512),
        "embed-english-light-v3.0": KnownModel(384, 512),
        "embed-multilingual-light-v3.0": KnownModel(384, 512),
    },
    # Token limits as Ollama serves these models where nobody has changed num_ctx.
    "ollama": {
        "nomic-embed-text": KnownModel(
            768, 2048, document_prefix="search_document: ", query_prefix="search_query: "
        ),
        "mxbai-embed-large": KnownModel(1024, 512, query_prefix=_SEARCHING),
        "snowflake-arctic-embed": KnownModel(1024, 512, query_prefix=_SEARCHING),
        "all-minilm": KnownModel(384, 256),
        "bge-m3": KnownModel(1024, 8192),
        "embeddinggemma": KnownModel(
            768,
            2048,
            document_prefix="title: none | text: ",
            query_prefix="task: search result | query: ",
        ),
    },
}


def find_known_model(provider: str, model: str) -> KnownModel | None:
    """What is known of a model; None if nothing is."""
    name = model.removesuffix(":latest") if provider == "ollama" else model
    return _KNOWN[provider].get(name)


def price_of(service: "Service", tokens: int) -> float | None:
    """What a service takes for so many tokens, in US dollars; None if nothing, or not known."""
    known = find_known_model(service.provider, service.model) if service.is_default else None
    if known is None or known.dollars_per_million is None:
        return None
    return tokens * known.dollars_per_million / 1_000_000


def service_card(service: "Service", dimension: int) -> ModelCard:
    """The figures that chunking and the store need.

    Args:
        service: The service.
        dimension: Numbers in its vectors.
    """
    known = find_known_model(service.provider, service.model)
    max_tokens = service.max_tokens or (known.max_tokens if known else UNKNOWN_MAX_TOKENS)
    prefix = known.document_prefix if known else ""
    # Its tokenizer is not here. Whatever it is, a token stands for a byte of UTF-8 or more.
    max_bytes = max(64, max_tokens - SPECIAL_TOKENS - len(prefix.encode()))
    return ModelCard(dimension, max_tokens, None, max_bytes)
