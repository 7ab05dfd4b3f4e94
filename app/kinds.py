"""What `handrail kinds` prints: the kinds of providers there are, and what each wants."""

from collections.abc import Iterator

from app.catalogue.catalogue import Catalogue
from app.catalogue.row import Row

_WANTS = {
    "key": "api_key",
    "aws": "aws, or AWS's own chain, or api_key; region (or AWS_REGION)",
    "google": "google, or application default credentials, or api_key; project, location",
    "azure": "api_key, or entra",
}


def list_kinds(catalogue: Catalogue) -> Iterator[str]:
    """Yield a line for each kind: its name, others for it, and its address."""
    for kind in catalogue.kinds():
        row = catalogue.row(kind)
        assert row is not None, "it is listed"
        names = ", ".join((kind, *row.aliases))
        yield f"{names:<40} {_address(row)}"


def describe_kind(name: str, catalogue: Catalogue) -> Iterator[str]:
    """Yield the lines that say what a provider of this kind needs; none if there is no such kind."""
    row = catalogue.row(name)
    if row is None:
        return
    yield f"kind         {row.kind}"
    if row.aliases:
        yield f"also called  {', '.join(row.aliases)}"
    yield f"speaks       {row.format}"
    yield f"base_url     {_address(row)}"
    yield f"known by     {_WANTS[row.credentials]}"
    if row.key_env:
        yield f"key in       {', '.join(row.key_env)}"
    needed = ["project"] if row.credentials == "google" else list(row.placeholders)
    if needed:
        yield f"needs        {', '.join(needed)}"
    yield f"images       {_IMAGES[row.images]}"
    if row.dialect.drop:
        yield f"does without {', '.join(row.dialect.drop)}"
    yield ""
    yield "providers:"
    fields = [f"kind: {name}", *(f"{place}: ..." for place in needed)]
    if row.base_url is None and row.credentials != "google":
        fields.append('base_url: "http://..."')
    if row.credentials == "key" and row.key_env:
        fields.append(f'api_key: "${{{row.key_env[0]}}}"')
    yield f"  mine: {{{', '.join(fields)}}}"


_IMAGES = {
    "url": "by URL and by bytes",
    "data": "by bytes; those by URL are fetched",
    "none": "none",
}


def _address(row: Row) -> str:
    if row.base_url is not None:
        return row.base_url
    return "by project and location" if row.credentials == "google" else "base_url must be given"
