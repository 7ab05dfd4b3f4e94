"""What callers may bring: part of `app/settings.py`, where it stands beside all that is the operator's."""

from typing import Annotated

import msgspec

HostPattern = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[^\s/@?#]{1,255}\Z",
        description="a host, with its port where that is not the usual one: 'vllm.internal:8000'",
    ),
]


class CustomHostSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Addresses that callers may name for providers (`x-portkey-custom-host`); none, unless listed."""

    allow: tuple[HostPattern, ...] = ()
    """`example.com`, `*.example.com` for all below it, `vllm:8000`, `*` for any public host."""
    allow_private: bool = False
    """Whether these names may stand for addresses of private networks and of this machine."""


class CallerKeySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keys for providers that callers may send; where none may be, such a key is left aside."""

    allow: tuple[str, ...] = ()
    """Kinds of providers: `openai`; `*` for all. A caller's key goes to the address of the kind."""
