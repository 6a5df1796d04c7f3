"""Where texts can be embedded, and what each place still lacks; never the value of a key."""

from typing import Any, get_args

from vext_desktop.assembly.service import chosen_service, key_of
from vext_desktop.embedding.service import SERVICE_NAMES
from vext_desktop.embedding.service_consent import Consents
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.embedding.service_models import find_known_model
from vext_desktop.errors import VextError
from vext_desktop.keys import how_to_set, keyring_trouble
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


def check_providers(settings: Settings, paths: Paths) -> list[dict[str, Any]]:
    """Each provider; one that is not chosen may lack what it needs. Asks nobody over the network.

    Args:
        settings: The settings in force.
        paths: The data folder.
    """
    names = get_args(Settings.model_fields["provider"].annotation)
    local = {"name": "huggingface", "ok": True, "sends_data_away": False, "message": "", "hint": ""}
    local["message"] = "the model runs on this computer"
    return [local, *(_check(name, settings, paths) for name in names if name in SERVICE_NAMES)]


def _check(name: str, settings: Settings, paths: Paths) -> dict[str, Any]:
    is_chosen = settings.provider == name
    report: dict[str, Any] = {"name": name, "ok": True, "chosen": is_chosen, "hint": ""}
    try:
        service = chosen_service(settings.model_copy(update={"provider": name}))
    except VextError as error:
        return {**report, "ok": not is_chosen, "message": error.message, "hint": error.hint}
    if service is None:
        raise AssertionError(name)
    found, agreed = key_of(name, paths), Consents(paths.consents).allows(service)
    known = find_known_model(name, service.model)
    report |= {
        "url": service.url,
        "model": service.model,
        "dimension": ServiceMemory(paths.service_models).dimension(service) or None,
        "dollars_per_million_tokens": known.dollars_per_million if known else None,
        "sends_data_away": service.sends_data_away,
        "key": found.source if found else None,
        "agreed": agreed,
    }
    key = f"its key is in {found.source}" if found else "there is no key"
    may = "your text stays on this computer"
    if service.sends_data_away:
        may = "your text may go there" if agreed else "you will be asked before any text goes there"
    report["message"] = f"{service.model} at {service.host}; {key}; {may}"
    if service.needs_key and found is None:
        report["ok"] = not is_chosen
        report["hint"] = f"{keyring_trouble(name)} {how_to_set(name)}".strip()
    return report
