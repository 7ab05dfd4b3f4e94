"""Credentials that are told by what stands around them."""

import pytest

from tests.guardrails.checks.finding import built, found

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETSKEY"
HEX = "0a9b8c7d6e5f4a3b"
BEARER = "aZ3kQ9wXv7LmN2pRaZ3kQ9wXv7LmN2pRaZ3kQ9wX"


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        (f"AWS_SECRET_ACCESS_KEY = {SECRET}", "aws_secret_key", SECRET),
        (f'"SecretAccessKey": "{SECRET}"', "aws_secret_key", SECRET),
        (f"the aws secret access key is {SECRET}.", "aws_secret_key", None),
        (f"aws secret key: {SECRET}", "aws_secret_key", SECRET),
        (f"Authorization: Bearer {BEARER}", "bearer_token", BEARER),
        ("postgres://app:s3cr3tP4ss@db.internal:5432/app", "url_password", "app:s3cr3tP4ss"),
        ("https://user:p@ss1word@example.com/x", "url_password", "user:p@ss1word"),
        ("mysql://sandy:secr3t@[host1:1111,host2:2222]/db", "url_password", "sandy:secr3t"),
        ("このhttps://user:pass@example.comは", "web_password", "user:pass"),
        ("[url](FTP://admin:password@files.example.com)", "web_password", "admin:password"),
        ("password: Tr0ub4dor&3xyz", "credential", "Tr0ub4dor&3xyz"),
        ('{"password": "Tr0ub4dor&3xyz"}', "credential", "Tr0ub4dor&3xyz"),
        (r"{\"api_key\": \"x8F2kd93jf02lskd83jf\"}", "credential", "x8F2kd93jf02lskd83jf"),
        ("DB_PASSWORD=MySecretPass123!", "credential", "MySecretPass123!"),
        ("config['api-key'] = 'x8F2kd93jf02lskd83jf'", "credential", "x8F2kd93jf02lskd83jf"),
        ("Server=db;User Id=sa;Password=Sup3r$ecret;", "credential", "Sup3r$ecret"),
        ("my password is S3cr3t!Pass", "credential", "S3cr3t!Pass"),
        (
            "secret_key_base: 0a9b8c7d6e5f4a3b0a9b8c7d6e5f4a3b",
            "credential",
            "0a9b8c7d6e5f4a3b0a9b8c7d6e5f4a3b",
        ),
        ("redis://:FMgEwA5N6SKW@cache.internal:6379/0", "url_password", ":FMgEwA5N6SKW"),
        ("Authorization: Basic YWRtaW46VkFLaDVlZ0hZaWg0", "basic_login", "YWRtaW46VkFLaDVlZ0hZaWg0"),
        (f"my private key: 0x{HEX * 4}", "credential", f"0x{HEX * 4}"),
        ("DD_API_KEY=33ededc7c11ee911a4ea8a6fc14f3754", "credential", "33ededc7c11ee911a4ea8a6fc14f3754"),
        ("Das Passwort lautet Winter2024!", "credential", "Winter2024!"),
        ("pw: Winter2024!", "credential", "Winter2024!"),
        ("token => x8F2kd93jf02lskd83jf", "credential", "x8F2kd93jf02lskd83jf"),
    ],
)
def test_credentials_are_found_without_what_announces_them(text: str, rule: str, value: str | None) -> None:
    assert found(built("secrets"), text) == [(rule, value or SECRET)]


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2",
        "the password is incorrect",
        "Passwords must have 12 characters",
        "password reset link: https://example.com/reset/8F2kd93jf02lskd83jf",
        "max_tokens: 1024",
        "the token count is 4096",
        "token: authentication-service-v2",
        "secret: my-cluster-secret-name-1",
        "tokenizer = x8F2kd93jf02lskd83jf",
        "api_key = YOUR_API_KEY_HERE_12345",
        "api_key = <your-key-123456789>",
        "api_key = abcdefgh12345678ijkl",
        "api_key = xxxxxxxxxxxxxxxx1234",
        'token = os.environ["API_TOKEN_V2"]',
        "password = process.env.DB_PASSWORD_1",
        "GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN2 }}",
        "password={{vault_password_2024}}",
        "Bearer token",
        "basic information about basic1234567 cases",
        "Basic dXNlcm5hbWU=",
        "Bearer short123",
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@localhost/db",
        "https://${USER}:${PASSWORD}@example.com",
        "https://user:1111@example.com",
        "https://user:abc@example.com",
        "https://username:password@example.com",
        "https://user:pass@proxy:8080",
        "http://user:pass@127.0.0.1/",
        "https://example.com:8080/path@foo",
        "https://example.com?x=a:b@c",
        "https://YOUR_USERNAME:YOUR_PASSWORD@api.service.com",
        f"key = {SECRET}",
        f"secret access key = {SECRET}extra==",
    ],
)
def test_names_placeholders_and_prose_are_none(text: str) -> None:
    rules = ["aws_secret_key", "bearer_token", "basic_login", "url_password", "web_password", "credential"]
    assert found(built("secrets", {"rules": rules}), text) == []


def test_a_token_with_a_form_of_its_own_is_not_found_twice() -> None:
    token = "ghp_" + "aZ3kQ9wXv7LmN2pR" * 3
    assert found(built("secrets"), f"token = {token}") == [("github_token", token)]
    assert found(built("secrets", {"rules": ["credential"]}), f"token = {token}") == [("credential", token)]


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("password ", True),
        ("password: ", True),
        ("password =>\t", True),
        ("the password is ", True),
        ('"api_key": ', True),
        ("Bearer ", True),
        ("Basic ", True),
        ("my private ", True),
        ("secret access ", True),
        ("password\n", False),
        ("password of ", False),
        ("the ", False),
    ],
)
def test_words_that_announce_one_are_open(text: str, is_open: bool) -> None:
    assert built("secrets").is_open(text, 0) is is_open
