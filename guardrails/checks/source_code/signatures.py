r"""Lines that only code has, by language.

Each pattern is of a whole line without its indentation, and stricter than a parser would be: prose must not
look like it. `import duty` is no Python, `Select a plan from the list` no SQL, `let x = 5` no JavaScript
until a semicolon says so. What these lines do not tell is not told.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from guardrails.checks.json_values import whole_json
from guardrails.checks.patterns import PatternSet, compiled
from guardrails.checks.places import Places

_SIGNATURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "html": (
            r"(?i:<!doctype html)\b.*",
            r"</?(?:html|head|body|div|script|style|table|form|section|nav|ul)\b[^<>]*>.*",
        ),
        "xml": (r"<\?xml version=.*",),
        "php": (r"<\?php\b.*", r"\$[a-z_]\w* = .*;", r"echo [\"'$].*;"),
        "c": (r"#include [<\"][\w/]+\.h[>\"]", r"#define \w+ .*", r"int main\((?:void|int argc.*)?\) ?\{?"),
        "cpp": (
            r"#include <[a-z_]+>",
            r"using namespace \w+;",
            r"(?:.*[ (])?std::\w+.*[;{]",
            r"template ?<.*>",
        ),
        "csharp": (
            r"using [A-Z][\w.]*;",
            r"namespace [A-Z][\w.]*[;{]?",
            r"Console\.Write(?:Line)?\(.*",
            r"public .*\{ get;.*",
        ),
        "java": (
            (
                r"(?:public|private|protected) (?:static |final |abstract )*"
                r"(?:class|interface|enum|void|int|boolean|String|[A-Z]\w*(?:<.*>)?) \w+.*[{;]"
            ),
            r"System\.out\.print.*",
            r"import (?:java|javax|org|com)\.[\w.]+;",
        ),
        "typescript": (
            r"(?:export )?(?:interface|enum) [A-Z]\w* (?:extends \w+ )?\{",
            r"(?:export )?type [A-Z]\w*(?:<.*>)? = .*[;{|]",
            r"(?:export )?(?:const|let) \w+: [\w<>\[\]|{}, ]+ = .*",
        ),
        "javascript": (
            r"(?:export (?:default )?)?(?:async )?function\*? ?\w*\(.*\) ?\{.*",
            r"(?:export )?(?:const|let|var) [\w$]+ = .*[;{(\[]",
            r"(?:const|let|var) \{.*\} = .*",
            r"console\.(?:log|error)\(.*",
            r"import .+ from ['\"][^'\"]+['\"];?",
            r"(?:.* )?\(?[\w, ]*\)? => [{(].*",
            r"module\.exports = .*",
        ),
        "python": (
            r"(?:async )?def \w+\(.*\)(?: ?-> ?.+)?:",
            r"class [A-Z]\w*\(.*\):",
            r"from [\w.]+ import (?:\w+(?: as \w+)?(?:, ?\w+(?: as \w+)?)*|\*|\(.*)",
            r"import \w+(?:\.\w+)* as \w+",
            r"if __name__ == .*:",
            r"except [A-Z]\w*(?:Error|Exception)(?: as \w+)?:",
            r"print\([\"'f\w(].*\)",
        ),
        "rust": (
            r"(?:pub )?fn \w+(?:<.*>)?\(.*\).*\{.*",
            r"let mut \w+.*;",
            r"use \w+::.*;",
            r"println!\(.*",
            r"#\[derive\(.*",
            r"impl(?:<.*>)? \w+.* \{",
        ),
        "swift": (
            r"func \w+\(.*\)(?: throws)? -> .+ \{",
            r"import (?:SwiftUI|UIKit|Foundation)",
            r"guard let .*",
        ),
        "go": (
            r"package main",
            r"func (?:\(\w+ \*?\w+\) )?\w+\(.*\)[^>]* ?\{",
            r"\w+(?:, \w+)* := .+",
            r"fmt\.Print.*",
        ),
        "kotlin": (r"(?:private |override |suspend )*fun \w+\(.*\).*[{=].*", r"data class \w+\(.*"),
        "scala": (r"object [A-Z]\w* (?:extends \w+ )?\{", r"case class \w+\(.*", r"def \w+\(.*\): \w.* = .*"),
        "ruby": (
            r"def (?:self\.)?[a-z_]\w*[?!](?:\(.*\))?",
            r"require ['\"][\w/]+['\"]",
            r"[\w.@]+ do \|\w+(?:, \w+)*\|",
        ),
        "perl": (r"my [$@%]\w+ = .*;", r"use (?:strict|warnings);", r"sub \w+ \{"),
        "r": (
            r"[A-Za-z.][\w.]* <- (?:function\(|c\(|[a-z][\w.]*\().*",
            r"library\([A-Za-z][\w.]*\)",
        ),
        "dockerfile": (r"FROM [a-z][\w./-]*:[\w.-]+(?: AS \w+)?", r"RUN (?:apt|apt-get|apk|pip|npm) .*"),
        "shell": (
            r"#! ?/(?:usr/)?bin/(?:env )?(?:ba|z|k|da)?sh\b.*",
            (
                r"(?:\$ )?(?:sudo )?(?:apt|apt-get|pip3?|npm|brew|yum|dnf|docker|kubectl) "
                r"(?:install|run|build|exec|apply|pull|ci) (?:-\S+ )*[\w./@=:-]+"
            ),
            r"(?:\$ )?(?:sudo )?rm -[rRf]+ .*",
            r"(?:\$ )?(?:curl|wget) -.*",
            r"export [A-Z_]+=.*",
            r"if \[\[? .* \]\]?; then",
            r"\$ (?:cd|ls|git|cat|echo|mkdir|python3?|node|chmod|make) .*",
        ),
        "powershell": (r"(?:\$\w+ = )?(?:Get|Set|New|Remove|Write|Invoke|Import|Start)-[A-Z]\w+ [-$\"'].*",),
        "sql": (
            r"SELECT .+ FROM .+",
            r"(?i:select \* from) \S.*",
            (
                r"(?i:select .+ from|insert into .+ values|update .+ set .+=|delete from|create table|"
                r"drop table|alter table) .*;"
            ),
            r"INSERT INTO \w.*",
            r"DELETE FROM \w.*",
            r"UPDATE \w+ SET \w.*",
            r"(?:CREATE|DROP|ALTER) (?:TABLE|INDEX|VIEW|DATABASE) .*",
        ),
        "css": (
            r"[.#][A-Za-z][\w-]*(?:[ ,:>]+[.#]?[\w-]+)* \{",
            r"(?:color|margin|padding|display|font-size|font-family|background(?:-color)?): [^;]+;",
            r"@media .*\{",
        ),
    }
)
"""In order of precedence, where a line could be of several."""

TRIGGERS = tuple(f"(?m:^[ \\t]*(?:{'|'.join(lines)})[ \\t\\r]*$)" for lines in _SIGNATURES.values())
"""One pattern a language, in the order of `_SIGNATURES`."""

_PATTERNS = tuple((name, compiled(source)) for name, source in zip(_SIGNATURES, TRIGGERS, strict=True))
_SET = PatternSet(TRIGGERS)


def code_lines(text: str) -> list[tuple[str, int, int]]:
    """Return the lines that only code has: language, start and end, without indentation, by start."""
    found: list[tuple[str, int, int]] = []
    for index in sorted(_SET.hits(text)):
        name, pattern = _PATTERNS[index]
        taken = Places((start, end) for _, start, end in found)
        for line in pattern.finditer(text):
            start, end = line.span()
            start += end - start - len(text[start:end].lstrip())
            end = start + len(text[start:end].rstrip())
            if not taken.meet(start, end):
                found.append((name, start, end))
    return sorted(found, key=lambda line: line[1])


def language_of(block: str) -> str | None:
    """Return the language that most lines of a block tell; None if none does."""
    if block.lstrip()[:1] in {"{", "["} and whole_json(block) is not None:
        return "json"
    votes = [name for name, _, _ in code_lines(block)]
    return max(_SIGNATURES, key=votes.count) if votes else None


def languages_told() -> Iterator[str]:
    """Yield the languages that lines can tell."""
    yield from _SIGNATURES
