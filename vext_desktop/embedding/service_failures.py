"""What a service that does not embed has said or done, as a sentence for people."""

import email.utils
import json
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.errors import ServiceError, TextRefusedError, VextError
from vext_desktop.keys import SecretKey, how_to_set

_MOST_SAID = 200
# As many characters of a key in a row are not shown; fewer are in words by chance.
_SHOWN_OF_KEY = 4
_MASKED = re.compile(r"[\w.-]*\*{2,}[\w.*-]*|\b(?:sk|pk|key)-[\w.*-]{3,}")
_TEXT_STATUSES = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
_PASSING_STATUSES = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_LATER = "Start indexing again when it is well: it goes on from here."


def failure_from(
    service: Service,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    key: SecretKey | None,
) -> VextError:
    """The error that an answer other than 200 stands for.

    Args:
        service: Who answered.
        status: The HTTP status.
        headers: The answer's headers, names in lower case.
        content: Its body.
        key: What the request was signed with; no part of it goes into the error.
    """
    who, said = service.label, redacted(_said(content), key)
    quoted = f': "{said}"' if said else ""
    if status in _TEXT_STATUSES:
        return TextRefusedError(f"{who} does not take this text ({status}{quoted}).")
    if status == HTTPStatus.UNAUTHORIZED:
        return _key_refused(service, key)
    if _is_out_of_credit(status, content):
        return ServiceError(
            f"{who} takes no more texts: the credit or the quota of your account is used up.",
            "Look at your account with the service, then start indexing again: it goes on from "
            "here.",
        )
    if status in _PASSING_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        what = "asks for fewer requests" if status == HTTPStatus.TOO_MANY_REQUESTS else "has failed"
        return ServiceError(
            f"{who} {what} ({status}{quoted}).",
            _LATER,
            may_pass=True,
            retry_after_s=read_retry_after(headers),
        )
    return _refused(service, status)


def read_retry_after(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """How long a service asks to be left alone, in seconds; None if it does not say.

    Args:
        headers: The answer's headers, names in lower case.
        now_s: The time in s since 1970; the clock's if None.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    if (seconds := _number(said)) is not None:
        return seconds
    try:
        until = email.utils.parsedate_to_datetime(said or "")
    except ValueError:
        return None
    return max(0.0, until.timestamp() - (time.time() if now_s is None else now_s))


def redacted(text: str, key: SecretKey | None) -> str:
    """The text without what is, or looks like, a part of a key."""
    text = _MASKED.sub("[key]", text)
    secret = key.reveal() if key else ""
    windows = {
        secret[start : start + _SHOWN_OF_KEY] for start in range(len(secret) - _SHOWN_OF_KEY + 1)
    }
    hidden = [False] * len(text)
    for start in range(len(text) - _SHOWN_OF_KEY + 1):
        if text[start : start + _SHOWN_OF_KEY] in windows:
            hidden[start : start + _SHOWN_OF_KEY] = [True] * _SHOWN_OF_KEY
    shown = "".join("\0" if is_hidden else character
                    for character, is_hidden in zip(text, hidden, strict=True))  # fmt: skip
    return re.sub("\0+", "[key]", shown)


def _refused(service: Service, status: int) -> ServiceError:
    """What the same request will meet again."""
    who = service.label
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}:
        return _not_found(service, status)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return ServiceError(
            f"{who} sends us on to another address ({status}). That is not followed: your text "
            "and your key would go where you have not agreed that they go.",
            f"Check {service.provider}_url in the settings.",
        )
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return ServiceError(
            f"The proxy on the way to {who} wants a password ({status}).",
            "Name it in HTTPS_PROXY, or go without a proxy by NO_PROXY.",
        )
    return ServiceError(
        f"{who} refuses the request ({status}): your key may have no right to the model "
        f'"{service.model}", or the service may not be offered where you are.',
        "Look at your account with the service, or choose another model in the settings.",
    )


def _key_refused(service: Service, key: SecretKey | None) -> ServiceError:
    if key is None:
        return ServiceError(
            f"{service.label} wants a key, and there is none.", how_to_set(service.provider)
        )
    return ServiceError(
        f"{service.label} does not accept the key.",
        f"Check the key with the service. {how_to_set(service.provider)}",
    )


def _not_found(service: Service, status: int) -> ServiceError:
    hint = f"Check {service.provider}_model and {service.provider}_url in the settings."
    if service.provider == "ollama":
        hint = f"Fetch it: ollama pull {service.model}. {hint}"
    return ServiceError(
        f'{service.label} has no model "{service.model}", or nothing at this address ({status}).',
        hint,
    )


def _is_out_of_credit(status: int, content: bytes) -> bool:
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return True
    return status == HTTPStatus.TOO_MANY_REQUESTS and b"insufficient_quota" in content


def _said(content: bytes) -> str:
    """The service's own words, out of the places where services put them; "" if there are none."""
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    if not isinstance(found, str):
        return ""
    words = " ".join(found.split())
    return words if len(words) <= _MOST_SAID else words[:_MOST_SAID].rstrip() + "..."


def _number(said: str | None) -> float | None:
    try:
        number = float(said or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
