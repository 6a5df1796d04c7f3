"""A service that embeds texts over HTTP: which one, where, and what it is asked for."""

import ipaddress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from vext_desktop.embedding.service_models import find_known_model
from vext_desktop.errors import ModelError

SERVICE_NAMES = {"openai": "OpenAI", "cohere": "Cohere", "ollama": "Ollama"}
DEFAULT_URLS = {
    "openai": "https://api.openai.com/v1",
    "cohere": "https://api.cohere.com",
    "ollama": "http://localhost:11434",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What the settings say of the chosen service; holds no key.

    Attributes:
        provider: Its name in the settings: "openai", "cohere" or "ollama".
        url: Where the service's paths begin, without a slash at the end.
        model: The model's name there.
        dimension: Numbers of a vector that are asked for; 0: as the model gives.
        max_tokens: Tokens of a text that the model reads, if the user knows better; 0: as known.
        max_inputs: Texts in one request, at most; the service's own limit holds too.
        timeout_s: How long one request may take, in seconds.
    """

    provider: str
    url: str
    model: str
    dimension: int = 0
    max_tokens: int = 0
    max_inputs: int = 96
    timeout_s: float = 60.0

    @property
    def host(self) -> str:
        """The computer, and the port where one is named."""
        return urlsplit(self.url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether it is a program on this very computer."""
        name = (urlsplit(self.url).hostname or "").removesuffix(".")
        if name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    @property
    def sends_data_away(self) -> bool:
        """Whether texts may leave this computer.

        A server here that speaks OpenAI's or Cohere's protocol may be a relay to them; Ollama
        computes by itself.
        """
        return self.provider != "ollama" or not self.is_loopback

    @property
    def is_default(self) -> bool:
        """Whether it is where the provider's name points."""
        return self.url == DEFAULT_URLS[self.provider]

    @property
    def label(self) -> str:
        """The service for people: its name and host; can begin a sentence."""
        name = SERVICE_NAMES[self.provider]
        return f"{name} ({self.host})" if self.is_default else f"{self.host} (as {name})"

    @property
    def needs_key(self) -> bool:
        """Whether it is known to refuse who has no key."""
        return self.is_default and self.provider != "ollama"

    @property
    def known_dimension(self) -> int:
        """Numbers of a vector, as far as known without asking; 0 if they are not."""
        known = find_known_model(self.provider, self.model)
        return self.dimension or (known.dimension if known else 0)

    def index_name(self, dimension: int) -> str:
        """Names the model in the index: vectors of different names never meet."""
        place = self.provider if self.is_default else f"{self.provider} at {self.url}"
        return f"{self.model} ({place}, {dimension or 'unknown'})"

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Service":
        """From the JSON values of its attributes."""
        return cls(**values)


def checked_service(service: Service) -> Service:
    """The service with a tidy address.

    Raises:
        ModelError: The address cannot be used, or a name is missing.
    """
    name = SERVICE_NAMES[service.provider]
    url = service.url.strip().rstrip("/") or DEFAULT_URLS[service.provider]
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_sound = is_sound and (parts.port is None or parts.port > 0)
    except ValueError:
        is_sound = False
    if not is_sound or parts.username or parts.password or parts.query or parts.fragment:
        raise ModelError(
            f"The address of the {name} service in the settings cannot be used: it is to begin "
            "with http:// or https:// and to hold neither a password nor a question mark.",
            f"Correct {service.provider}_url in the settings, or empty it for "
            f"{DEFAULT_URLS[service.provider]}.",
        )
    model = service.model.strip()
    if not model:
        raise ModelError(
            f"No model of the {name} service is chosen.",
            f"Set {service.provider}_model in the settings.",
        )
    return replace(service, url=url, model=model)
