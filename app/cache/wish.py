"""What a caller says about the cache, by header. What a config says is `app.routing.config.Cache`."""

import msgspec


class CacheWish(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's say in how answers are given again. Whether they are at all is the config's."""

    namespace: str = ""
    """His own division of his answers (`x-portkey-cache-namespace`)."""
    refresh: bool = False
    """Whether the provider is to be asked in any case (`x-portkey-cache-force-refresh`)."""
    is_forbidden: bool = False
    """Whether its answer may neither be kept nor be one that was kept (`x-portkey-debug: false`)."""


NO_CACHE_WISH = CacheWish()
