"""How a partner shows who it is at its own paths: what a file gets wrong is named with the rest of it."""

import tomllib

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.sdk.guarding import GuardCompiler, ProofTable
from gateway.sdk.reading import Reader
from gateway.testing.secrets import FakeSecrets

CONFIG = """
id = "land"
role = "system"
adapter = "rest"
mode = "off"
name = { vi = "Đất đai" }
secrets = { dai = "env:DAI", ngan = "env:NGAN", mat = "env:MAT" }
"""
SECRETS = FakeSecrets({"env:DAI": "một bí mật đủ dài", "env:NGAN": "ngắn"})
SIGNED = 'kind = "http_signature"\nkey = "dai"\nkey_text = "text"\nkey_id = "k"\nalgorithm = "hmac-sha256"\n'


def told(table: str, *, reads_query: bool = False) -> list[str]:
    reader = Reader("land.toml")
    compiler = GuardCompiler(msgspec.convert(tomllib.loads(CONFIG), SystemConfig), SECRETS, reader)
    proofs = [msgspec.convert(tomllib.loads(table), ProofTable)]
    compiler.compile(proofs, "options.receive.moi", reads_query=reads_query)
    return [f"{problem.key}: {problem.text}" for problem in reader.problems]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('kind = "bearer"', "auth[0].token: [secrets] has no `token`"),
        ('kind = "bearer"\ntoken = "mat"', "env:MAT: no such secret"),
        ('kind = "bearer"\ntoken = "ngan"', "auth[0].token: the secret `ngan` is shorter than 16 characters"),
        ('kind = "hmac"\nkey = "dai"\nheader = "X"\nover = ["path"]', "auth[0].over: the body is not signed"),
        ('kind = "hmac"\nkey = "dai"\nheader = "X"\nover = ["body", "x"]', "auth[0].over: `x` is nothing of a call"),
        ('kind = "hmac"\nkey = "dai"\nheader = "X"\ntimestamp = "X-Luc"', "auth[0].timestamp: is not signed"),
        ('kind = "ws_security"', "auth[0]: [security.expect] names neither certificates nor a user"),
        (SIGNED + 'components = ["@method", "content-digest"]', "auth[0].components: the address is not signed"),
        (SIGNED + 'components = ["@path", "Content-Digest"]', "auth[0].components: `Content-Digest` is nothing"),
        (SIGNED + 'components = ["@path", "@status"]', "auth[0].components: `@status` is nothing of a call"),
        (SIGNED.replace('"text"', '"hex"'), "auth[0].key: the key is not hex"),
        (SIGNED.replace("hmac-sha256", "ed25519"), "auth[0].key: the key is no public key"),
        (SIGNED.replace('"dai"', '"mat"'), "env:MAT: no such secret"),
    ],
)
def test_what_would_let_anybody_in_is_refused_with_its_place(table: str, problem: str):
    """And nothing of a secret is repeated."""
    problems = told(table)
    assert any(problem in one for one in problems), problems
    assert "bí mật đủ" not in " ".join(problems)


def test_a_query_that_counts_must_be_signed():
    """Of a signature; a key says nothing of the call anyway."""
    seal = 'kind = "hmac"\nkey = "dai"\nheader = "X"\n'
    assert told(seal, reads_query=True) == [
        "options.receive.moi.auth[0].over: the mapping reads the query, which is not signed: anybody could exchange it"
    ]
    assert told(f'{seal}over = ["query", "body"]', reads_query=True) == []
    assert told('kind = "bearer"\ntoken = "dai"', reads_query=True) == []


def test_what_is_right_is_right():
    assert told(SIGNED) == []
    assert told('kind = "hmac"\nkey = "dai"\nheader = "X"') == []
