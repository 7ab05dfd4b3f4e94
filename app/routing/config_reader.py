"""From the JSON of a routing config to a typed one, or to an error that says where it is wrong.

Stricter than Portkey where a mistake would otherwise show at the first request or never: unknown keys,
unknown names of targets, targets without a strategy, weights that are all zero. Everything that Portkey
documents is taken, if only to be left aside (`_IGNORED`). A target needs no key and no provider of its own:
what it does not say, the request does.
"""

import json
from collections.abc import Collection, Container, Mapping
from typing import Any

import msgspec

from app.routing.config import Config, Credentials, Guard, Guards, ProviderName
from app.routing.config_error import ConfigError, item, kind_of, member, shown
from app.routing.config_fields import Fields, read_items, read_raw_object, read_text
from app.routing.config_rules import read_breaker, read_cache, read_retry, read_strategy
from app.routing.forwarding import why_not
from app.routing.params import read_drop_path
from app.secret import Secret

MAX_DEPTH = 8
"""Levels of targets inside of targets, the root counted. Portkey sets no bound; two or three are usual."""
MAX_NODES = 256
"""Nodes in all."""
MAX_GUARDS = 64
"""Guardrails in one list."""
MAX_WEIGHT = 1e9
MAX_TIMEOUT_MS = 86_400_000
"""A day: nobody waits longer, and timers overflow at some time."""
_CLOUD = frozenset(
    "resource_name deployment_id api_version ad_auth azure_ad_token azure_auth_mode azure_managed_client_id"
    " azure_workload_client_id azure_entra_client_id azure_entra_client_secret azure_entra_tenant_id"
    " azure_entra_scope azure_model_name azure_resource_name azure_deployment_id azure_deployment_name"
    " azure_deployment_type azure_region"
    " azure_api_version azure_endpoint_name azure_foundry_url azure_extra_params azure_extra_parameters"
    " aws_access_key_id aws_secret_access_key aws_session_token aws_region aws_role_arn aws_external_id"
    " aws_auth_type aws_s3_bucket aws_s3_object_key aws_bedrock_model aws_server_side_encryption"
    " aws_server_side_encryption_kms_key_id amzn_sagemaker_custom_attributes amzn_sagemaker_target_model"
    " amzn_sagemaker_target_variant amzn_sagemaker_target_container_hostname amzn_sagemaker_inference_id"
    " amzn_sagemaker_enable_explanations amzn_sagemaker_inference_component amzn_sagemaker_session_id"
    " amzn_sagemaker_model_name vertex_project_id vertex_region vertex_service_account_json"
    " vertex_storage_bucket_name vertex_model_name vertex_batch_endpoint openai_organization openai_project"
    " openai_beta anthropic_beta anthropic_version anthropic_api_key huggingface_base_url"
    " workers_ai_account_id fireworks_account_id snowflake_account stability_client_id"
    " stability_client_user_id stability_client_version mistral_fim_completion oracle_api_version"
    " oracle_region oracle_compartment_id oracle_serving_mode oracle_tenancy oracle_user oracle_fingerprint"
    " oracle_private_key oracle_key_passphrase".split()
)
"""Keys of single providers (Portkey gateway 1.15 and its docs, 2026-08)."""
_IGNORED = frozenset("id prompt_id deployments on_status_codes metadata fetch_integrated_models".split())
"""Documented, and of no effect here: what they name lives in Portkey's own service."""
_OWN = frozenset(
    "name weight strategy targets provider virtual_key api_key custom_host override_params default_params"
    " drop_params retry request_timeout cache cb_config passthrough"
    " strict_open_ai_compliance forward_headers".split()
)
_GUARDS = Guards.__struct_fields__
_KNOWN = _OWN | _CLOUD | _IGNORED | frozenset(_GUARDS)


class Known(msgspec.Struct, frozen=True):
    """Providers that a config may name."""

    slugs: Collection[str]
    """Those of the configuration."""
    kinds: Container[str] = ()
    """Those that a provider is configured of, and those that one may be made of for a request."""


def read_config(document: object, *, path: str = "config", known: Known | None = None) -> Config:
    """Return the config that a JSON document holds.

    Args:
        document: as decoded; it is not changed.
        path: what errors and option indexes begin with.
        known: providers it may name; None: any.

    Raises:
        ConfigError: with the path of what is wrong.
    """
    return _Reader(known).node(document, path, depth=1, model=None)


def read_guards(value: object, path: str, *, by_name: bool = True) -> tuple[Guard, ...]:
    """Return the guardrails that an array lists, as they came.

    Args:
        value: the array.
        path: where it stands.
        by_name: whether it may also name those that are configured.

    Raises:
        ConfigError: it is none, or lists something else.
    """
    return tuple(
        read_text(one, place) if by_name and isinstance(one, str) else read_raw_object(one, place)
        for place, one in read_items(value, path, most=MAX_GUARDS)
    )


def split_model(model: str) -> tuple[str | None, str]:
    """Return the slug, if it is `@slug/model`, and the model. A model may have slashes of its own."""
    if not model.startswith("@"):
        return None, model
    slug, _, name = model[1:].partition("/")
    return slug, name


class _Reader:
    def __init__(self, known: Known | None) -> None:
        self._known = known
        self._nodes = 0

    def node(self, value: object, path: str, *, depth: int, model: str | None) -> Config:
        """Return a node; `model` is what those above it override."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConfigError(path, f"is one too many, at most {MAX_NODES} targets are read")
        fields = Fields(value, path)
        _refuse_legacy(fields)
        fields.refuse_unknown(_KNOWN)
        overrides = fields.object("override_params") or {}
        model = self._model(fields, overrides, model)
        targets = self._targets(fields, depth, model)
        strategy, breaker = read_strategy(fields, targets)
        provider = self._provider(fields)
        if not targets:
            _refuse_contradiction(fields, provider, model)
        weight = fields.number("weight", least=0, most=MAX_WEIGHT)
        timeout_ms = fields.number("request_timeout", least=0, most=MAX_TIMEOUT_MS, above=True)
        return Config(
            path=path,
            name=fields.text("name"),
            weight=1.0 if weight is None else weight,
            strategy=strategy,
            targets=targets,
            provider=provider,
            credentials=_credentials(fields),
            override_params=overrides,
            default_params=fields.object("default_params") or {},
            drop_params=tuple(read_drop_path(value, at) for at, value in fields.items("drop_params") or ()),
            retry=read_retry(fields),
            request_timeout_s=None if timeout_ms is None else timeout_ms / 1_000,
            cache=read_cache(fields),
            breaker=read_breaker(fields) or breaker,
            guards=_guards(fields),
            strict=fields.flag("strict_open_ai_compliance"),
            forward_headers=_forwarded(fields),
        )

    def _targets(self, fields: Fields, depth: int, model: str | None) -> tuple[Config, ...]:
        items = fields.items("targets", most=MAX_NODES)
        if items is None:
            return ()
        if not items:
            raise ConfigError(fields.place("targets"), "is empty; give at least one target")
        if depth == MAX_DEPTH:
            raise ConfigError(fields.place("targets"), f"nests deeper than {MAX_DEPTH} levels")
        return tuple(self.node(value, path, depth=depth + 1, model=model) for path, value in items)

    def _model(self, fields: Fields, overrides: Mapping[str, Any], above: str | None) -> str | None:
        if "model" not in overrides:
            return above
        path = member(fields.place("override_params"), "model")
        model = read_text(overrides["model"], path)
        slug, name = split_model(model)
        if slug is not None:
            if not slug or not name.strip():
                raise ConfigError(path, "names no model; write '@provider/model'")
            self._require_slug(slug, path)
        return model

    def _provider(self, fields: Fields) -> ProviderName | None:
        given, key = fields.text("provider"), fields.text("virtual_key")
        if fields.flag("passthrough") and (given is not None or key is not None):
            place = "virtual_key" if given is None else "provider"
            raise ConfigError(fields.place(place), "contradicts passthrough: the request names the provider")
        if key is not None:
            slug = key.removeprefix("@")
            self._require_slug(slug, fields.place("virtual_key"))
            if given is not None and given.startswith("@") and given[1:] != slug:
                raise ConfigError(fields.place("virtual_key"), "names another provider than `provider` does")
            return ProviderName(slug, is_slug=True)
        if given is None:
            return None
        path = fields.place("provider")
        if given.startswith("@"):
            self._require_slug(given[1:], path)
            return ProviderName(given[1:], is_slug=True)
        if self._known is not None and given not in self._known.slugs and given not in self._known.kinds:
            raise ConfigError(path, f"no provider is named {shown(given)!r}; {_listed(self._known.slugs)}")
        return ProviderName(given, is_slug=False)

    def _require_slug(self, slug: str, path: str) -> None:
        if not slug.strip():
            raise ConfigError(path, "names no provider")
        if self._known is not None and slug not in self._known.slugs:
            raise ConfigError(path, f"no provider is named {shown(slug)!r}; {_listed(self._known.slugs)}")


def _listed(slugs: Collection[str]) -> str:
    return f"there are {', '.join(slugs)}" if slugs else "none is configured"


def _refuse_legacy(fields: Fields) -> None:
    if fields.has("options"):
        raise ConfigError(fields.place("options"), "is no longer read; list them as targets")
    if fields.has("mode"):
        raise ConfigError(fields.place("mode"), "belongs into strategy: {'strategy': {'mode': ...}}")


def _refuse_contradiction(fields: Fields, provider: ProviderName | None, model: str | None) -> None:
    """Raise if a target names one provider and the model that it is given another."""
    slug = None if model is None else split_model(model)[0]
    if provider is None or slug is None or not provider.is_slug or slug == provider.name:
        return
    place = "virtual_key" if fields.has("virtual_key") else "provider"
    raise ConfigError(fields.place(place), f"is another provider than that of the model '@{shown(slug)}/...'")


def _credentials(fields: Fields) -> Credentials:
    key = fields.text("api_key")
    cloud = {name: _cloud(fields, name) for name in sorted(_CLOUD) if fields.has(name)}
    return Credentials(None if key is None else Secret(key), fields.text("custom_host"), cloud)


def _cloud(fields: Fields, name: str) -> Secret:
    value, path = fields.value(name), fields.place(name)
    if isinstance(value, str):
        return Secret(read_text(value, path))
    if isinstance(value, list | tuple):
        raise ConfigError(path, f"expected a string, got {kind_of(value)}")
    plain = read_raw_object(value, path) if isinstance(value, Mapping) else value
    return Secret(json.dumps(plain, default=str))


def _guards(fields: Fields) -> Guards:
    lists = {
        name: read_guards(fields.value(name), fields.place(name), by_name=name.endswith("guardrails"))
        for name in _GUARDS
        if fields.has(name)
    }
    return Guards(**lists)


def _forwarded(fields: Fields) -> tuple[str, ...] | None:
    names = fields.texts("forward_headers")
    if names is None:
        return None
    for index, name in enumerate(names):
        if (why := why_not(name)) is not None:
            raise ConfigError(item(fields.place("forward_headers"), index), why)
    return tuple(name.lower() for name in names)
