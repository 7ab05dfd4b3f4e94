"""Everything that can be set, as typed values. One file, `handrail.yaml`, read once.

Unknown keys are refused with their path; `${NAME}` reads the environment, and what came from there is a
secret. The reading itself is in `app/configuration`; what a guardrail's own keys mean is known to
`guardrails.config` alone.
"""

from typing import Annotated, Any, Literal

import msgspec

from app.caller_settings import CallerKeySettings, CustomHostSettings
from app.domain.content import Content
from app.domain.proxying import ProxyGrant
from app.record_settings import RecordsSettings
from app.secret import Secret
from app.trace_settings import TraceSettings

Milliseconds = Annotated[int, msgspec.Meta(ge=1, le=3_600_000)]
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
        description="a name of at most 64 letters, digits, dots, dashes and underscores",
    ),
]
Place = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z",
        description="letters, digits, dots, colons, dashes and underscores",
    ),
]
"""What stands in a host name or a path of a provider's address."""
KeyHash = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^sha256:[0-9a-f]{64}\Z",
        description="sha256: and 64 hex digits, as `handrail keys new` prints it",
    ),
]


Usd = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
ModelPattern = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^\S{1,320}\Z",
        description="a model, or @slug/ and a model; * stands for any characters",
    ),
]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping of the file: no unknown keys."""


class ServerSettings(_Section, frozen=True):
    """Where Handrail listens and what it accepts."""

    host: str = "127.0.0.1"
    """Other than loopback only where there are keys."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8787
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1)] = 10 * 1024 * 1024
    body_timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=3_600_000)] = 120_000
    """For all of a request's body to come; what stops coming is ended after 30 s."""
    max_messages: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    max_inputs: Annotated[int, msgspec.Meta(ge=1)] = 2048
    """Texts in one request for embeddings, or prompts in one for completions (OpenAI's own bound)."""
    max_depth: Annotated[int, msgspec.Meta(ge=4, le=256)] = 64
    """How deep a request's JSON may nest."""
    stop_grace_ms: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 5_000
    """How long exchanges may go on once the service was told to stop; their record then takes up to 5 s
    more. A supervisor must wait as long before it kills (docker: 10 s)."""


class AwsSettings(_Section, frozen=True):
    """Who we are to AWS. Nothing given: its own chain (environment, shared files, roles) says."""

    access_key_id: str | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    profile: str | None = None
    """Of AWS's shared files; it may name a role to assume."""


class GoogleSettings(_Section, frozen=True):
    """Who we are to Google Cloud. Nothing given: application default credentials say."""

    credentials: Secret | None = None
    """The JSON of a service account, or of a user as gcloud writes it."""
    credentials_file: str | None = None
    """A file of that JSON."""
    access_token: Secret | None = None
    """A token that somebody else renews; it lasts an hour at most."""


class EntraSettings(_Section, frozen=True):
    """Who we are to Azure without an API key. Nothing given: the machine's managed identity."""

    tenant: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    federated_token_file: str | None = None
    """Of a workload identity, instead of a secret."""
    access_token: Secret | None = None


class ProviderSettings(_Section, frozen=True):
    """A configured upstream. What is None is as the catalogue's row of its kind says."""

    kind: str
    """A row of the catalogue: `openai`, `anthropic`, `bedrock`, `groq`, ..., or one of the file's own."""
    base_url: str | None = None
    api_key: Secret | None = None
    models: tuple[str, ...] = ()
    """Models served to callers who give a bare name, and listed even if the upstream lists none."""
    headers: dict[str, Secret] = {}
    """Sent with every call."""
    unsupported: Literal["error", "drop", "passthrough"] = "drop"
    """What becomes of parameters that it cannot be asked for; dropped ones are named in a header of the
    answer."""
    stream_usage: bool | None = None
    """Whether it understands `stream_options.include_usage`, which Handrail asks for to count tokens."""
    propagate_trace: bool = False
    """Whether it is told our trace in `traceparent`. Off: third parties have no use for our ids."""
    region: Place | None = None
    """Of AWS; None: as `AWS_REGION` says."""
    project: Place | None = None
    """Of Google Cloud; None: that of the service account, or none where there is an API key."""
    location: Place | None = None
    """Of Google Cloud: `us-central1`, ...; None: `global`."""
    resource: Place | None = None
    """Of Azure: the first label of its host name."""
    account: Place | None = None
    """Where an account's name is in the address: Cloudflare, Snowflake."""
    workspace: Place | None = None
    """Where a workspace's name is in the address: Databricks."""
    api_version: str | None = None
    """Of Azure, or of Anthropic."""
    base_models: dict[str, str] = {}
    """What models stand behind names that do not say it, as Azure's deployments: name to model. Abilities
    and prices go by the latter."""
    aws: AwsSettings | None = None
    google: GoogleSettings | None = None
    entra: EntraSettings | None = None
    connect_timeout_ms: Milliseconds = 5_000
    first_byte_timeout_ms: Milliseconds = 120_000
    idle_timeout_ms: Milliseconds = 60_000
    """Between two pieces of an answer."""
    max_answer_bytes: Annotated[int, msgspec.Meta(ge=1)] = 64 * 1024 * 1024


class KeySettings(_Section, frozen=True):
    """A gateway key: `handrail keys new` makes one."""

    hash: KeyHash
    guardrails: tuple[str, ...] = ()
    """Names of guardrails that apply to its callers beside the default ones."""
    config: str | None = None
    """Name of the config its requests take; callers can then use no other."""
    proxy: ProxyGrant | None = None
    """What else its callers may ask of providers, passed on unread; None: nothing."""
    content: Content | None = None
    """How much of its exchanges goes on record, less than `records.content`; None: as that says."""
    admin: bool = False
    """Whether its callers may read the record of all, at `/v1/records`."""


class ImageSettings(_Section, frozen=True):
    """Images by URL, fetched for providers that take none by URL."""

    enabled: bool = True
    allow_hosts: tuple[str, ...] | None = None
    """Host names that may be asked; None: any on the public Internet."""
    allow_ports: tuple[Annotated[int, msgspec.Meta(ge=1, le=65535)], ...] = ()
    """Beside 80 and 443."""
    allow_private: bool = False
    """Whether addresses of private networks and of this machine may be asked: callers then reach whatever
    Handrail reaches."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] = 10 * 1024 * 1024
    """Of one image."""
    max_total_bytes: Annotated[int, msgspec.Meta(ge=1)] = 20 * 1024 * 1024
    """Of all images of one request, each as often as it is named."""
    max_images: Annotated[int, msgspec.Meta(ge=1)] = 100
    """Named by URL in one request, each as often as it is named."""
    timeout_ms: Milliseconds = 10_000
    """For all of one request."""
    allow_buckets: tuple[Annotated[str, msgspec.Meta(pattern=r"^(s3|gs)://[^/\s]+$")], ...] = ()
    """As `s3://my-bucket`: callers may name what is in them to providers, who read it with our rights."""


class EmbedderSettings(_Section, frozen=True):
    """Who turns a question into a vector, so that one that means the same is found (`mode: semantic`)."""

    model: str
    """As `@openai/text-embedding-3-small`, of a configured provider. It is sent what the model would be."""
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.95
    """How alike two questions must be; a config may say another."""
    max_entries: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """Vectors in memory, of each process; where they are in Redis, those that it remembers."""
    timeout_ms: Milliseconds = 2_000


class CacheSettings(_Section, frozen=True):
    """Answers that are given again, where a config says so (`cache: {mode: simple}`)."""

    store: Literal["memory", "redis", "none"] = "memory"
    """`redis`: shared by all processes and replicas. `none`: whatever configs say, nothing is kept."""
    url: Secret | None = None
    """Of its Redis or Valkey, where that is not `redis_url`: `redis://`, `rediss://` or `unix://`."""
    secret: Secret | None = None
    """Names and encrypts what lies in Redis, the same in all replicas; None: derived from
    `fingerprint_key`."""
    share: Literal["caller", "all"] = "caller"
    """Who is given an answer again: its own caller, or every caller who asks the same."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1)] = 64 * 1024 * 1024
    """Of the answers in memory."""
    max_entries: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    """In memory."""
    max_entry_bytes: Annotated[int, msgspec.Meta(ge=1)] = 1024 * 1024
    """Of one answer, anywhere."""
    timeout_ms: Milliseconds = 100
    """For one command to Redis; without an answer by then the provider is asked."""
    wait_ms: Milliseconds = 30_000
    """For somebody who is asking the same at this moment; then one asks for oneself."""
    embedder: EmbedderSettings | None = None
    """None: `mode: semantic` is as `mode: simple`."""


class PriceSettings(_Section, frozen=True):
    """What a model costs, in USD for a million tokens."""

    input: Usd
    output: Usd
    cached: Usd | None = None
    """Of input that was read from a cache; None: as other input."""
    cache_write: Usd | None = None
    """Of input that was written to one; None: as other input."""


class MetricsSettings(_Section, frozen=True):
    """What `/metrics` tells, and whom."""

    token: Secret | None = None
    """That Prometheus sends as bearer; None: where there are keys, only one with `admin: true` will do."""


class LogSettings(_Section, frozen=True):
    """Lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "pretty"] = "auto"
    """`auto`: pretty on a terminal, JSON elsewhere."""


class Settings(_Section, frozen=True):
    """The whole file."""

    server: ServerSettings = ServerSettings()
    providers: dict[Name, ProviderSettings] = {}
    catalogue: dict[str, dict[str, Any]] = {}
    """Kinds of providers, added or changed; the values are read by `app.catalogue`."""
    models: dict[str, dict[str, Any]] = {}
    """Abilities of models by pattern of their names; the values are read by `app.catalogue`."""
    guardrails: dict[Name, dict[str, Any]] = {}
    """By name; the values are read by `guardrails.config`."""
    configs: dict[Name, dict[str, Any]] = {}
    """Routing configs in Portkey's form by name; the values are read by `app.routing`."""
    keys: dict[Name, KeySettings] = {}
    records: RecordsSettings = RecordsSettings()
    prices: dict[ModelPattern, PriceSettings] = {}
    """Of models whose published price is not the one that is paid, or that have none."""
    images: ImageSettings = ImageSettings()
    cache: CacheSettings = CacheSettings()
    redis_url: Secret | None = None
    """Of Redis or Valkey: circuit breakers are shared there, and `cache.store: redis` needs no other."""
    custom_hosts: CustomHostSettings = CustomHostSettings()
    caller_keys: CallerKeySettings = CallerKeySettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    traces: TraceSettings = TraceSettings()
    fingerprint_key: Secret | None = None
    """Keys the fingerprints of findings: with the same key, equal values can be counted across restarts
    and replicas.
    None: a random one for each process."""
