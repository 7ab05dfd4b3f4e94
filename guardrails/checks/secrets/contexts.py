"""Credentials that are told by what stands around them: a key word, a scheme, a URL."""

import base64
from itertools import pairwise

from guardrails.checks.patterns import compiled
from guardrails.checks.secrets.examples import counts_up, is_stand_in
from guardrails.checks.secrets.rule import Rule, entropy

_MIN_ENTROPY = 3.5
"""Bits a character: English words have about 3, random letters and digits above 4. Below 12 characters no
value has so much."""

_HEX = compiled(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_MIN_HEX_ENTROPY = 3.0
"""Of 32 random hexadecimal digits half have less than 3.5."""

_SYMBOLS = frozenset("!@#$%^&*?+=~|")
"""Those that passwords have and identifiers have not."""

_NAME = compiled(r"(?:[a-z]+|[A-Z]+)(?:[-_./:](?:[a-z]+\d{0,2}|[A-Z]+\d{0,2}|\d{1,3}))+")
"""Words in one case with marks between them, perhaps numbered: `my-cluster-2`, `MAX_TOKENS_V1`."""

_WEAK = frozenset(
    "password passwd pass pwd secret mypassword my_password mysecret userpass user_password token "
    "apikey api_key key username user admin root guest test demo none null true false".split()
)
"""Passwords in examples."""

_SPACE = r"[ \t\x{a0}]"
_ASSIGNED = rf"{_SPACE}{{0,3}}(?:=>|:=|==?|:){_SPACE}{{0,3}}"
_ASSIGNED_BEGUN = rf"(?:{_SPACE}{{0,3}}(?:=>|:=|==?|:))?{_SPACE}{{1,3}}"

_AWS_KEY_WORD = r"(?i:secret[ _-]?(?:access[ _-]?)?key)[\"']?"
_KEY_WORD = (
    r"(?i:(?:pass(?:word|wd|phrase|wort)|kennwort|contraseña|senha|пароль|pwd|\bpw|secret(?:[_-]?key(?:[_-]?base)?)?"
    r"|api[_-]?key|auth[_-]?key|token|credential|private[ _-]?key))"
    r"(?:\\?[\"'])?\]?"
)
_IS = rf"(?:{_ASSIGNED}|{_SPACE}(?:is|was|ist|lautet|es):?{_SPACE})"
_IS_BEGUN = rf"(?:{_ASSIGNED_BEGUN}|{_SPACE}(?:is|was|ist|lautet|es):?{_SPACE})"


def _is_credential(value: str) -> bool:
    """Return whether a value is random enough to open something, and no stand-in for one that does."""
    if not (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return False
    least = _MIN_HEX_ENTROPY if _HEX.fullmatch(value) else _MIN_ENTROPY
    if entropy(value) < least and not _is_mixed(value):
        return False
    return not (is_stand_in(value) or _NAME.fullmatch(value) or counts_up(value))


def _is_mixed(value: str) -> bool:
    """Return whether the value has capital and small letters and symbols, as passwords must."""
    return any(map(str.isupper, value)) and any(map(str.islower, value)) and not _SYMBOLS.isdisjoint(value)


def _is_url_password(credentials: str) -> bool:
    """Return whether `user:password` is a pair that opens something."""
    user, _, password = credentials.partition(":")
    weak = password.lower() in _WEAK or password == user or len(set(password)) < _MIN_URL_PASSWORD_CHARACTERS
    return not weak and not is_stand_in(credentials)


def _is_login(credentials: str) -> bool:
    """Return whether `user:password` lets somebody in: not where to get it (`${USER}`)."""
    user, _, password = credentials.partition(":")
    steps = {following - code for code, following in pairwise(password.encode())}
    is_typed = steps <= {0} or steps <= {1}
    return not (user.lower() == "username" or is_typed or is_stand_in(credentials))


def _is_encoded_login(value: str) -> bool:
    """Return whether the value is `user:password` in base64."""
    try:
        login = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return False
    return _LOGIN.fullmatch(login) is not None and not is_stand_in(login)


_LOGIN = compiled(r"[!-9;-~]+:[!-~]{3,}")

_MIN_URL_PASSWORD_CHARACTERS = 4
"""Different ones: `abc` and `1111` are examples."""

_URL_CHARS = r"!$%&'()*+,.;=0-9A-Za-z\[\]^_{|}~\-"
_VALUE_CHARS = r"!#-&*+./0-9:=?@A-Z^_a-z|~\-"
"""ASCII without quotes, brackets, commas, semicolons and backslashes, which end a value."""

CONTEXTS = (
    Rule(
        name="aws_secret_key",
        trigger=rf"{_AWS_KEY_WORD}{_IS}[\"']?[0-9A-Za-z/+]{{4}}",
        pattern=rf"{_AWS_KEY_WORD}{_IS}[\"']?([0-9A-Za-z/+]{{40}})(?:[^0-9A-Za-z/+=]|\z)",
        source="docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        open_tail=rf"(?i:secret(?:[ _-]?access)?) |{_AWS_KEY_WORD}{_IS_BEGUN}",
    ),
    Rule(
        name="bearer_token",
        trigger=rf"(?i:\bbearer){_SPACE}{{1,3}}[0-9A-Za-z._~+/-]{{4}}",
        pattern=rf"(?i:\bbearer){_SPACE}{{1,3}}([0-9A-Za-z._~+/-]{{40,}}=*)",
        source="RFC 6750, section 2.1",
        open_tail=rf"(?i:\bbearer){_SPACE}{{1,3}}",
        generic=True,
    ),
    Rule(
        name="basic_login",
        trigger=rf"(?i:\bbasic){_SPACE}{{1,3}}[0-9A-Za-z+/]{{8}}",
        pattern=rf"(?i:\bbasic){_SPACE}{{1,3}}([0-9A-Za-z+/]{{8,200}}={{0,2}})(?:[^0-9A-Za-z+/=]|\z)",
        source="RFC 7617, section 2",
        accepts=_is_encoded_login,
        open_tail=rf"(?i:\bbasic){_SPACE}{{1,3}}",
        generic=True,
    ),
    Rule(
        name="url_password",
        trigger=rf"://[{_URL_CHARS}]*:[{_URL_CHARS}:@\\]{{3,}}@",
        pattern=rf"\b[A-Za-z][A-Za-z0-9+.-]{{1,30}}://([{_URL_CHARS}]*:[{_URL_CHARS}:@\\]{{3,}})@[0-9A-Za-z\[(]",
        source="RFC 3986, section 3.2.1",
        accepts=_is_url_password,
        generic=True,
    ),
    Rule(
        name="web_password",
        trigger=rf"(?i:https?|s?ftps?)://[{_URL_CHARS}]+:[{_URL_CHARS}:@\\]{{3,}}@",
        pattern=rf"\b(?i:https?|s?ftps?)://([{_URL_CHARS}]+:[{_URL_CHARS}:@\\]{{3,}})@[0-9A-Za-z-]+\.[0-9A-Za-z-]*[A-Za-z]",
        source="RFC 7617: whoever has an address with a login in it is let in, be the password weak",
        accepts=_is_login,
        generic=True,
    ),
    Rule(
        name="credential",
        trigger=rf"{_KEY_WORD}{_IS}(?:\\?[\"'`])?[{_VALUE_CHARS}]{{4}}",
        pattern=rf"{_KEY_WORD}{_IS}(?:\\?[\"'`])?([{_VALUE_CHARS}]{{8,}})",
        source="assignments as they stand in configuration, programs and prose",
        accepts=_is_credential,
        open_tail=rf"(?i:\bprivate) |{_KEY_WORD}{_IS_BEGUN}",
        generic=True,
    ),
)
