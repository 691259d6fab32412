"""A ministry's client on suds-community: one call of the SOAP door, as told on standard input; prints JSON."""

import base64
import hashlib
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from suds import WebFault
from suds.client import Client
from suds.sax.date import DateTime
from suds.wsse import Security, Timestamp, UsernameToken


def submission(client, asked):
    """Build the two items from the types of the WSDL."""

    def make(kind, /, **fields):
        made = client.factory.create(f"ns0:{kind}")
        for field, value in fields.items():
            setattr(made, field, value)
        return made

    def event(position, **stated):
        dossier = make("DossierRef", code=asked["dossier"])
        return make("NewEvent", dossier=dossier, sourceEventId=f"{asked['event']}-{position}", **stated)

    content = base64.b64encode(Path(asked["file"]).read_bytes()).decode()
    file = make("FileRef", name="kết quả.pdf", mediaType="application/pdf", content=content)
    return [
        event(1, text=asked["text"], statusChanged=make("StatusChange", status=4)),
        event(2, resultIssued=make("Result", name=asked["text"], files=[file])),
    ]


def security_of(asked):
    """Build a UsernameToken with a digest, and a Timestamp."""
    security = Security()
    security.mustUnderstand = True
    token = UsernameToken(asked["user"], asked["password"])
    nonce, created = secrets.token_bytes(16), datetime.now(UTC).replace(microsecond=0)
    written = str(DateTime(created))
    digest = hashlib.sha1(nonce + written.encode() + asked["password"].encode(), usedforsecurity=False).digest()
    token.setnonce(base64.b64encode(nonce).decode())
    token.nonce_has_encoding = True
    token.setcreated(created)
    token.setpassworddigest(base64.b64encode(digest).decode())
    security.tokens += [Timestamp(300), token]
    return security


def call(asked):
    """Call once."""
    headers = {} if asked["security"] else {"Authorization": f"Bearer {asked['key']}"}
    client = Client(f"{asked['url']}?wsdl", cache=None, headers=headers, port="EventsSoap11", timeout=30)
    if asked["security"]:
        client.set_options(wsse=security_of(asked))
    answer = client.service.submitEvents(item=submission(client, asked))
    return {
        "items": [
            item.receipt.messageId if "receipt" in item else f"problem: {item.problem.code}" for item in answer.item
        ]
    }


def main():
    """Call as told."""
    asked = json.load(sys.stdin)
    try:
        said = call(asked)
    except WebFault as error:
        fault = error.fault
        said = {"fault": fault.detail.gatewayFault.code, "text": fault.faultstring}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
