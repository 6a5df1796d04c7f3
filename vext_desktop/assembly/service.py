"""From settings to the parts that only services need."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vext_desktop.embedding.embedder import Vectors
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.embedding.process_host import HostTimeouts
from vext_desktop.embedding.service import Service, checked_service
from vext_desktop.embedding.service_client import QUERY_TIMEOUT_S
from vext_desktop.embedding.service_consent import Consents
from vext_desktop.embedding.service_host import ServiceHost, StopRelay, no_key
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.embedding.service_protocol import create_protocol
from vext_desktop.index.retry import PROOF_TEXT
from vext_desktop.index.service_patience import ServicePatience
from vext_desktop.keys import FoundKey, find_key
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings
from vext_desktop.supervision.parent import ChildProcess

# Starting the process that asks; it loads no model.
START_TIMEOUT_S = 60.0
# A batch may need a second request, and a connection a moment.
REQUESTS_PER_BATCH = 3


def chosen_service(settings: Settings) -> Service | None:
    """The service that the settings choose; None where the model runs on this computer.

    Raises:
        ModelError: Its address cannot be used, or no model is named.
    """
    provider = settings.provider
    if provider == "huggingface":
        return None
    return checked_service(
        Service(
            provider=provider,
            url=getattr(settings, f"{provider}_url"),
            model=getattr(settings, f"{provider}_model"),
            dimension=settings.service_dimension,
            max_tokens=settings.service_max_tokens,
            max_inputs=settings.service_batch_size,
            timeout_s=settings.service_timeout_s,
        )
    )


def service_model(service: Service, paths: Paths) -> ModelFiles:
    """The model of a service; one of unknown dimension is asked for it, with a text of ours.

    Raises:
        ConsentError: Nobody has agreed that anything is sent there.
        ModelError: There is no key.
        ServiceError: It does not answer as it should.
    """
    if not is_known(service, paths):
        _learn_dimension(service, paths, ServiceMemory(paths.service_models))
    return unasked_model(service, paths)


def unasked_model(service: Service, paths: Paths) -> ModelFiles:
    """The model of a service as far as it is known; a dimension that nobody knows yet is 0."""
    memory = ServiceMemory(paths.service_models)
    return ModelFiles(Path(), memory.index_name(service), service, memory.dimension(service))


def is_known(service: Service, paths: Paths) -> bool:
    """Whether its model can be named without asking it."""
    return ServiceMemory(paths.service_models).dimension(service) > 0


def create_service_host(
    settings: Settings,
    paths: Paths,
    model: ModelFiles,
    service: Service,
    relay: StopRelay,
    on_started: Callable[[ChildProcess], None],
    on_ended: Callable[[], None],
    on_reading: Callable[[dict[str, object]], None],
) -> ServiceHost:
    """The side of a service that is ours, in a process of its own; not started yet."""
    choice = EmbedderChoice(
        engine=service.provider,
        model_folder="",
        model_name=model.name,
        prepared_models="",
        service=service,
        dimension=model.dimension,
    )
    return ServiceHost(
        choice,
        lambda: Consents(paths.consents).check(service),
        lambda: key_of(service.provider, paths),
        HostTimeouts(START_TIMEOUT_S, REQUESTS_PER_BATCH * settings.service_timeout_s),
        paths.logs / "engine.log",
        relay,
        on_started,
        on_ended,
        on_reading,
    )


def batch_size(settings: Settings) -> int:
    """Texts in a batch, while memory is calm."""
    service = chosen_service(settings)
    if service is None:
        return settings.batch_size
    return min(service.max_inputs, create_protocol(service).max_inputs)


def service_patience(settings: Settings, relay: StopRelay) -> ServicePatience:
    """How a run waits for a service."""
    return ServicePatience(settings.service_tries, lambda: relay.is_stopped)


def proof_check(model: ModelFiles, paths: Paths) -> Callable[[Vectors], None]:
    """What looks whether a service still has the model that it had."""
    service = model.service
    if service is None:
        return lambda _: None
    memory = ServiceMemory(paths.service_models)
    return lambda vector: memory.check(service, vector)


def key_of(provider: str, paths: Paths) -> FoundKey | None:
    """The key of a provider, from where keys may be."""
    return find_key(provider, (Path.cwd() / ".env", paths.data_dir / ".env"))


def _learn_dimension(service: Service, paths: Paths, memory: ServiceMemory) -> None:
    # Here, since it is for models that we do not know, and once for each.
    from vext_desktop.embedding.service_embedder import ServiceEmbedder  # noqa: PLC0415

    Consents(paths.consents).check(service)
    found = key_of(service.provider, paths)
    if found is None and service.needs_key:
        raise no_key(service)
    quick = replace(service, timeout_s=min(service.timeout_s, QUERY_TIMEOUT_S))
    embedder = ServiceEmbedder(quick, found.key if found else None)
    try:
        vectors = embedder.embed([PROOF_TEXT]).vectors
    finally:
        embedder.close()
    memory.check(service, vectors[0])
