"""Keys, tokens and passwords. None of them was ever given out: all come from seeded generators."""

from __future__ import annotations

import string
from base64 import b64encode
from functools import cache
from random import Random
from textwrap import wrap

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.moderation.recognizers.labelled.ordinary import ordinary
from tests.moderation.recognizers.labelled.sample import Maker, digits, labelled

_BASE62 = string.ascii_letters + string.digits
_URL64 = _BASE62 + "-_"
_HEX = "0123456789abcdef"


def _signs(alphabet: str, *counts: int, before: str = "", between: str = "") -> Maker:
    """Return a maker of a fixed beginning and random pieces."""
    return lambda random: before + between.join("".join(random.choices(alphabet, k=count)) for count in counts)


# Beginnings, alphabets and lengths from each provider's documentation.
_KEYS: tuple[Maker, ...] = (
    _signs(string.ascii_uppercase + "234567", 16, before="AKIA"),
    _signs(string.ascii_uppercase + "234567", 16, before="ASIA"),
    _signs(_BASE62, 36, before="ghp_"),
    _signs(_BASE62, 36, before="gho_"),
    _signs(_BASE62, 36, before="ghs_"),
    _signs(_BASE62, 22, 59, before="github_pat_", between="_"),
    _signs(_BASE62, 20, before="glpat-"),
    _signs(_BASE62, 35, before="AIza"),
    _signs(_URL64, 28, before="GOCSPX-"),
    lambda random: f"xoxb-{digits(random, 12)}-{digits(random, 13)}-{_signs(_BASE62, 24)(random)}",
    lambda random: f"xoxp-{digits(random, 12)}-{digits(random, 12)}-{_signs(_HEX, 32)(random)}",
    lambda random: (
        f"xapp-1-A0{_signs(string.ascii_uppercase, 9)(random)}-{digits(random, 13)}-{_signs(_HEX, 64)(random)}"
    ),
    _signs(_BASE62, 24, before="sk_" + "live_"),
    _signs(_BASE62, 99, before="sk_" + "test_51"),
    _signs(_BASE62, 24, before="rk_" + "live_"),
    _signs(_BASE62, 32, before="whsec_"),
    _signs(_BASE62, 20, 20, before="sk-", between="T3BlbkFJ"),
    _signs(_URL64, 74, 74, before="sk-proj-", between="T3BlbkFJ"),
    _signs(_URL64, 93, before="sk-ant-api03-"),
    _signs(_HEX, 64, before="sk-or-v1-"),
    _signs(string.ascii_letters, 34, before="hf_"),
    _signs(_BASE62, 52, before="gsk_"),
    _signs(_BASE62, 37, before="r8_"),
    _signs(_BASE62, 48, before="pplx-"),
    lambda random: f"AccountKey={b64encode(random.randbytes(64)).decode()}",
    _signs(_HEX, 32, before="SK"),
    _signs(_URL64, 22, 43, before="SG.", between="."),
    _signs(_HEX, 32, before="key-"),
    _signs(_BASE62, 36, before="npm_"),
    _signs(_URL64, 160, before="pypi-AgEIcHlwaS5vcmc"),
    _signs(_HEX, 48, before="rubygems_"),
    _signs(_URL64, 27, before="dckr_pat_"),
    _signs(_HEX, 64, before="dop_v1_"),
    _signs(_HEX, 32, before="dapi"),
    _signs(_URL64, 24, before="hvs.CAESI"),
    lambda random: f"{random.randint(10**9, 10**10 - 1)}:AA{_signs(_URL64, 33)(random)}",
    lambda random: f"M{_signs(_BASE62, 23)(random)}.{_signs(_URL64, 6)(random)}.{_signs(_BASE62, 27)(random)}",
    _signs(_HEX, 32, before="shpat_"),
    _signs(_BASE62, 40, before="lin_api_"),
    _signs(_HEX, 40, before="sbp_"),
    _signs(string.ascii_uppercase + string.digits, 27, before="NRAK-"),
    lambda random: f"PMAK-{_signs(_HEX, 24)(random)}-{_signs(_HEX, 34)(random)}",
    lambda random: f"glsa_{_signs(_BASE62, 32)(random)}_{_signs(_HEX, 8)(random)}",
)
_USING = (
    "export KEY={}",
    "Use {} for now.",
    "mein Schlüssel ist {}, bitte nicht weitersagen",
    'client = Client("{}")',
    "curl -H 'X-Auth: {}' example.com",
    "{}",
    "la clave {} caducó",
)


def _no_key(random: Random) -> str:
    return random.choice(
        (
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAXXXXXXXXXXXXXXXX",
            "ghp_" + "x" * 36,
            "AKIA" + _signs(_HEX, 5)(random),
            "sk-circle-fade-dot-loading-animation",
            "sk_" + "live_...",
            "ghp_" + _signs(_BASE62, 12)(random),
            "key-value-pairs",
            "private_key: Ed25519PrivateKey",
            "token_type = OAuth2PasswordBearer",
            "npm_config_registry",
            "token = next(tokens_of_the_sentence)",
            "password: min_length_eight_characters",
            "hf_hub_download",
            "api_key = settings.MODEL_API_KEY_NAME",
            "secret = get_secret_from_environment()",
            "AIza" + _signs(_BASE62, 10)(random),
            "sk-learn-style-estimators-and-transformers",
            _signs(_HEX, 40)(random),
            _signs(_HEX, 64)(random),
            "SK" + _signs(_HEX, 8)(random),
            "Bearer of the message was late",
            "the token is refreshed_automatically_now",
            "MutableSequence.register.collections",
            "xoxb-your-token",
            "password = request_password_from_user",
            "TOKEN=${SECRET_TOKEN_FROM_VAULT}",
        )
    )


API_KEY = labelled(
    "api-key",
    _USING,
    _KEYS,
    known=("AKIAIOSFODNN7EXAMPLE",),
    lookalikes=[_no_key],
    ordinary=ordinary("api-key"),
    count=len(_KEYS) * 8,
)
API_KEY_ASSIGNED = labelled(
    "api-key assigned to a name",
    (
        "api_key = '{}'",
        "API_KEY={}",
        '"client_secret": "{}",',
        "aws_secret_access_key = {}",
        "Authorization: Bearer {}",
        'auth_token: "{}"',
        "the password is {}",
    ),
    [
        _signs(_BASE62, 32),
        _signs(_BASE62, 40),
        _signs(_HEX, 32),
        _signs(_HEX, 40),
        _signs(_BASE62, 24),
        _signs(_URL64, 43),
    ],
    known=("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",),
    lookalikes=[
        lambda random: random.choice(
            ("your_api_key_goes_in_here", "changemechangemechangeme", "get_from_environment()")
        )
    ],
)


@cache
def _keys(number: int) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, ...]:
    curves = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())
    return (
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(curves[number % 3]),
        rsa.generate_private_key(65537, 4096 if number == 0 else 1024),
    )


def _private(random: Random) -> str:
    key = random.choice(_keys(random.randrange(8)))
    old = isinstance(key, ed25519.Ed25519PrivateKey)
    form = random.choice((PrivateFormat.PKCS8, PrivateFormat.OpenSSH if old else PrivateFormat.TraditionalOpenSSL))
    lock: KeySerializationEncryption = NoEncryption()
    if form is not PrivateFormat.OpenSSH and random.random() < 0.2:
        lock = BestAvailableEncryption(b"a pass phrase")
    text = key.private_bytes(Encoding.PEM, form, lock).decode().strip()
    return random.choice(
        (text, text, text.replace("\n", "\n    "), text.replace("\n", "\\n"), text.replace("\n", "\r\n"))
    )


def _pgp(random: Random) -> str:
    lines = wrap(b64encode(random.randbytes(random.choice((180, 700, 2600)))).decode(), 64)
    return "\n".join(
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----",
            "Version: GnuPG v2",
            "",
            *lines,
            "=njUN",
            "-----END PGP PRIVATE KEY BLOCK-----",
        )
    )


def _public(random: Random) -> str:
    key = _keys(random.randrange(8))[random.randrange(3)].public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()


def _no_private(random: Random) -> str:
    return random.choice(
        (
            _public(random),
            _public(random).replace("PUBLIC KEY", "CERTIFICATE"),
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY----- is its first line",
            "-----BEGIN EC PRIVATE KEY----- and -----END EC PRIVATE KEY-----",
            "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n",
            "PRIVATE KEY",
            b64encode(random.randbytes(96)).decode(),
        )
    )


PRIVATE_KEY = labelled(
    "private-key",
    ("Here it is:\n{}\nKeep it.", "```\n{}\n```", "key: |\n    {}\n\nnext: 1", 'KEY="{}"', "{}", "ключ: {}."),
    [_private, _private, _private, _pgp],
    lookalikes=[_no_private],
    ordinary=ordinary("private-key"),
)


def _token(random: Random) -> str:
    claims = {"sub": str(random.randint(1, 10**9)), "name": "Ada", "iat": random.randint(10**9, 2 * 10**9)}
    claims |= {f"claim{number}": random.random() for number in range(random.randrange(12))}
    headers = random.choice(({}, {"kid": str(random.random())}, {"typ": "at+jwt"}))
    return jwt.encode(claims, random.randbytes(64), algorithm=random.choice(("HS256", "HS512")), headers=headers)


def _no_token(random: Random) -> str:
    token = _token(random)
    return random.choice(
        (
            token.split(".")[0],
            f"eyJ{token[12:]}",
            f"x{token}",
            token[3:],
            ".".join(token.split(".")[:2]),
            "eyJhbGciOi...",
            f"eyJmb28iOiJiYXIifQ.{token.split('.')[1]}.{token.split('.')[2]}",
            "www.example.com",
            "module.Class.method_name",
        )
    )


JWT = labelled(
    "jwt",
    ("Authorization: Bearer {}", "token={}&x=1", "Der Token {} ist abgelaufen.", '"{}"', "{}", "({})", "look: {}."),
    [_token],
    known=(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
        "NvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ),
    lookalikes=[_no_token],
    ordinary=ordinary("jwt"),
)


def _password(random: Random) -> str:
    # One in three holds signs that ought to be escaped.
    alphabet = _BASE62 + random.choice(("", "-._~", "!$&*+=%#:"))
    return random.choice(("p", "Q", "7")) + "".join(random.choices(alphabet, k=random.randint(7, 24)))


def _no_password(random: Random) -> str:
    host = random.choice(("db.example.com", "localhost", "10.0.0.1"))
    return random.choice(
        (
            f"https://{host}:8080/a@b",
            f"postgres://app@{host}/app",
            "https://user:${PASSWORD}@" + host,
            f"ftp://u:<password>@{host}",
            f"redis://:****@{host}",
            "mysql://root:{password}@" + host,
            f"https://{host}/x?mail=a:b@c",
            "amqp://u:$PASS@" + host,
            f"git@{host}:team/project.git",
            f"http://[2001:db8::1]:{random.randint(1, 9)}000/@x",
            f"smtp://{host}:587",
        )
    )


URL_PASSWORD = labelled(
    "url-password",
    (
        "DATABASE_URL=postgres://app:{}@db.example.com:5432/app",
        "git clone https://ada:{}@git.example.com/x.git",
        "redis://:{}@cache:6379/0",
        "see mongodb+srv://root:{}@cluster0.example.net/?w=majority",
        "amqp://guest:{}@10.0.0.5",
        "<ftp://me:{}@[2001:db8::1]/>",
    ),
    [_password],
    known=("s3cret-Pa55", "password", "postgres", "p%40ss"),
    lookalikes=[_no_password],
    elsewhere=("Open {} please.", "{}", "url: {}"),
    ordinary=ordinary("url-password"),
)
