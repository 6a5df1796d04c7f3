"""One request to a service, and whatever can become of it."""

import json
import ssl
import time
from typing import TYPE_CHECKING, Any

from vext_desktop import __version__
from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_failures import failure_from
from vext_desktop.errors import ServiceError
from vext_desktop.keys import SecretKey

if TYPE_CHECKING:
    import httpx2

CONNECT_TIMEOUT_S = 10.0
# Somebody sits there and waits; without a vector the question is answered by words.
QUERY_TIMEOUT_S = 15.0
# 2048 vectors of 3072 numbers in words are 130 MB.
MAX_ANSWER_BYTES = 256 << 20
_HTTP_OK = 200


class ServiceClient:
    """Speaks HTTP with one service, over connections that are kept open.

    A proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, NO_PROXY) is used, but never on
    the way to this very computer. Redirections are not followed.

    Args:
        service: Whom to speak with.
        key: Signs the requests; None for services without.
    """

    def __init__(self, service: Service, key: SecretKey | None = None) -> None:
        import httpx2  # noqa: PLC0415 - 0.15 s, and only where a service is asked

        self._service = service
        self._key = key
        headers = {"User-Agent": f"vext-desktop/{__version__}", "Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key.reveal()}"
        self._client = httpx2.Client(
            headers=headers,
            follow_redirects=False,
            trust_env=not service.is_loopback,
            verify=_certificates(service),
        )

    def post(self, path: str, body: dict[str, Any], *, as_query: bool = False) -> Any:
        """Send one request and return the JSON of the answer.

        Args:
            path: Follows the service's address.
            body: The request's JSON.
            as_query: Whether somebody waits for the answer.

        Raises:
            TextRefusedError: The service does not take these texts.
            ServiceError: It does not answer, or not with what it should.
        """
        import httpx2  # noqa: PLC0415 - see __init__

        who = self._service.label
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        timeout_s = self._service.timeout_s
        if as_query:
            timeout_s = min(timeout_s, QUERY_TIMEOUT_S)
        timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        deadline = time.monotonic() + timeout_s
        try:
            with self._client.stream(
                "POST", self._service.url + path, content=content, timeout=timeout
            ) as response:
                answer = self._read(response, deadline)
        except httpx2.ConnectTimeout:
            raise self._unreachable("no answer") from None
        except (httpx2.TimeoutException, TimeoutError):
            raise self._timed_out(timeout_s) from None
        except httpx2.ConnectError as error:
            raise self._unreachable(str(error)) from None
        except httpx2.ProxyError:
            raise _passing(
                f"The proxy on the way to {who} does not let us through.",
                "Check HTTPS_PROXY, or go without a proxy by NO_PROXY.",
            ) from None
        except (httpx2.TransportError, httpx2.DecodingError):
            raise _passing(f"{who} broke off in the middle of its answer.") from None
        if response.status_code != _HTTP_OK:
            raise failure_from(
                self._service, response.status_code, response.headers, answer, self._key
            )
        try:
            return json.loads(answer)
        except (ValueError, RecursionError):
            raise _passing(
                f"{who} answered with something that is no JSON.",
                f"See that {self._service.provider}_url in the settings is the address of such "
                "a service, and that nothing stands between (a proxy, the sign-in page of a "
                "hotel).",
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, response: "httpx2.Response", deadline: float) -> bytes:
        parts: list[bytes] = []
        length = 0
        for part in response.iter_bytes():
            parts.append(part)
            length += len(part)
            if length > MAX_ANSWER_BYTES:
                raise ServiceError(f"{self._service.label} answered with more than it can have.")
            if time.monotonic() > deadline:  # one that sends a byte now and then never times out
                raise TimeoutError
        return b"".join(parts)

    def _timed_out(self, timeout_s: float) -> ServiceError:
        return _passing(
            f"{self._service.label} did not answer within {timeout_s:g} s.",
            "Start indexing again later, or raise service_timeout_s in the settings.",
        )

    def _unreachable(self, reason: str) -> ServiceError:
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            return ServiceError(
                f"The certificate of {self._service.label} is not trusted here.",
                "See that the date of this computer is right. Where a company looks into "
                "connections, install its certificate in the system.",
            )
        hint = "See that this computer is connected to the network."
        if self._service.is_loopback:
            hint = "Start it first."
            if self._service.provider == "ollama":
                hint = "Start it first: ollama serve."
        return _passing(f"{self._service.label} cannot be reached ({reason}).", hint)


def _certificates(service: Service) -> ssl.SSLContext | bool:
    """What is trusted: the system's certificates, or nobody's where no connection is encrypted."""
    if service.is_loopback and service.url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading the system's takes 0.1 s
    return True


def _passing(message: str, hint: str = "Start indexing again later.") -> ServiceError:
    return ServiceError(message, hint, may_pass=True)
