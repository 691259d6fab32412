"""What a door answers is what ``/openapi.json`` says of it: asked of every answer that the tests of the doors get."""

import json
import re

from gateway.ingress.app import described
from gateway.ingress.errors import PROBLEM_TYPE
from gateway.ingress.table.door import JSON

SPEC = json.loads(described())
DOORS = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), found) for path, found in SPEC["paths"].items()]


def described(method: str, path: str, status: int, media: str, body: bytes) -> None:
    """Fail where the status, the media type, the problem's code or the answer's fields are not described."""
    operation = _operation(method, path.partition("?")[0])
    if operation is None:
        return
    said = f"{method} {path} answers {status} as {media}"
    answer = operation["responses"].get(str(status), {})
    offered = answer.get("content", {})
    assert media in offered or "*/*" in offered or not (body or offered), f"{said}: not described"
    if media == PROBLEM_TYPE:
        code = json.loads(body)["code"]
        assert code in answer["description"].split(", "), f"{said}: {code} is not described"
    elif shapes := _shapes(offered.get(JSON, {}).get("schema", {})) if media == JSON else ():
        told = json.loads(body).keys()
        assert any(needed <= told <= known for needed, known in shapes), f"{said}: {told}"


def _operation(method: str, path: str):
    return next((found.get(method.lower()) for pattern, found in DOORS if pattern.fullmatch(path)), None)


def _shapes(schema):
    """Return what a reply must hold and what it may hold, for each struct that it can be."""
    named = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema] if schema else [])]
    structs = [SPEC["components"]["schemas"][name] for name in named]
    return [(set(struct.get("required", ())), set(struct["properties"])) for struct in structs]
