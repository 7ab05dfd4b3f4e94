"""The names of programming and markup languages, and what else people call them."""

from collections.abc import Mapping
from types import MappingProxyType

PLAIN = "text"
"""What is in a fence but no code: output, logs, plain text."""

UNKNOWN = "unknown"
"""Code of a language that is not listed here, or that nothing tells."""

_ALIASES = """
c: h
clojure: clj
cpp: c++ cxx cc hpp h++
csharp: c# cs dotnet
css: scss sass less
dart:
diff: patch
dockerfile: docker containerfile
elixir: ex exs
erlang: erl
go: golang
graphql: gql
haskell: hs
html: htm xhtml vue svelte
ini: cfg conf properties dotenv env
java:
javascript: js jsx mjs cjs node ecmascript
json: jsonc json5 jsonl ndjson
julia: jl
kotlin: kt kts
latex: tex
lua:
makefile: make mk
markdown: md mdx
matlab: octave
objectivec: objc objective-c
perl: pl pm
php:
powershell: ps1 pwsh ps
proto: protobuf
python: py python3 py3 ipython pycon gyp pyw
r: rscript
ruby: rb
rust: rs
scala: sc
shell: sh bash zsh ksh fish console shell-session shellscript terminal
solidity: sol
sql: mysql postgresql postgres psql plsql pgsql tsql sqlite
swift:
terraform: tf hcl
text: txt plain plaintext output log none nohighlight
toml:
typescript: ts tsx mts cts
vb: vbnet vba vbscript
xml: svg xsl xsd plist
yaml: yml
zig:
"""

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        alias: name
        for name, _, aliases in (line.partition(":") for line in _ALIASES.split("\n") if line)
        for alias in (name, *aliases.split())
    }
)

LANGUAGES = tuple(sorted(set(_NAMES.values()) - {PLAIN}))
"""All there are, in alphabetical order."""


def language(name: str) -> str | None:
    """Return the language that goes by this name, in any case; None if none does."""
    return _NAMES.get(name.lower())
