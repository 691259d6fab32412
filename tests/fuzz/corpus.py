"""What every run begins with: honest messages, and every kind of message that is known to have broken some parser."""

import base64
import gzip
import json
from dataclasses import dataclass, field

NS = "urn:provincial-gateway:events:v1"
V11 = "http://schemas.xmlsoap.org/soap/envelope/"
V12 = "http://www.w3.org/2003/05/soap-envelope"
XOP = 'xmlns:x="http://www.w3.org/2004/08/xop/include"'
TEXT, SOAP = "text/xml; charset=utf-8", "application/soap+xml; charset=utf-8"
CODE = "H01-1"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request's body, its headers, and whether it may be taken."""

    body: bytes = field(repr=False)
    content_type: str = TEXT
    headers: dict[str, str] = field(default_factory=dict)
    honest: bool = False


def envelope(body, *, soap=V11, header="", attributes=""):
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{soap}"{attributes}>{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def submit(*items, attributes=""):
    return f'<submitEvents xmlns="{NS}"{attributes}>{"".join(items)}</submitEvents>'


def item(stated, *, id_="e-1", before=""):
    return (
        f"<item><dossier><code>{CODE}</code></dossier><sourceEventId>{id_}</sourceEventId>"
        f"<occurredAt>2026-11-26T08:00:00+07:00</occurredAt>{before}{stated}</item>"
    )


def status(number=4, more=""):
    return f"<statusChanged><status>{number}</status>{more}</statusChanged>"


def result(*files):
    return f"<resultIssued><name>Giấy chứng nhận</name>{''.join(files)}</resultIssued>"


def a_file(content, name="kq.pdf"):
    return f"<files><name>{name}</name>{content}</files>"


def include(content_id="1"):
    return f'<content><x:Include {XOP} href="cid:{content_id}"/></content>'


def package(root, *parts, root_type='application/xop+xml; type="text/xml"', boundary="edge"):
    """A whole multipart message: (headers, content) pairs behind the root."""
    framed = [(f"Content-Type: {root_type}\r\nContent-ID: <r>\r\n", root), *parts]
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + head.encode() + b"\r\n" + content + b"\r\n" for head, content in framed) + (
        mark + b"--\r\n"
    )


def part(content_id="1", more=""):
    return f"Content-Type: application/pdf\r\nContent-ID: <{content_id}>\r\n{more}"


RELATED = 'multipart/related; boundary="edge"; type="application/xop+xml"; start-info="text/xml"'
MTOM_ROOT = envelope(submit(item(result(a_file(include())))))
PDF = b"\r\n%PDF-1.7\r\n" + bytes(range(256))


def _bomb(levels, times):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * times}">' for n in range(1, levels))
    return f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]>', f"&l{levels - 1};"


def _doctyped(doctype, text):
    return f'<?xml version="1.0"?>{doctype}'.encode() + envelope(submit(item(status(more=f"<text>{text}</text>"))))


def _multiref(depth):
    """rpc/encoded references, each used twice by the one before: 2^depth elements for whoever follows them."""
    ids = "".join(f'<m id="i{n}"><a href="#i{n + 1}"/><a href="#i{n + 1}"/></m>' for n in range(depth))
    return envelope(f'<submitEvents xmlns="{NS}"><item href="#i0"/></submitEvents>{ids}')


def _signed(body, header_more=""):
    ds = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    wsse = 'xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
    reference = '<ds:Reference URI="#body"><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>'
    signature = f"<ds:Signature {ds}><ds:SignedInfo>{reference}</ds:SignedInfo></ds:Signature>"
    return envelope(body, header=f'<w:Security {wsse} s:mustUnderstand="1">{signature}{header_more}</w:Security>')


GOOD_XML = {
    "status": Sent(body=envelope(submit(item(status()))), honest=True),
    "status 1.2": Sent(body=envelope(submit(item(status())), soap=V12), content_type=SOAP, honest=True),
    "two items": Sent(body=envelope(submit(item(status()), item(status(3), id_="e-2"))), honest=True),
    "inline file": Sent(
        body=envelope(submit(item(result(a_file(f"<content>{base64.b64encode(PDF).decode()}</content>"))))), honest=True
    ),
    "opaque": Sent(
        body=envelope(submit(item("<opaque><kind>x.civil_status.note</kind><data>{}</data></opaque>"))), honest=True
    ),
    "ask": Sent(body=envelope(f'<getEvents xmlns="{NS}"><limit>5</limit></getEvents>'), honest=True),
    "extension": Sent(
        body=envelope(submit(item(status(more='<e:own xmlns:e="urn:own"><e:a b="c">d</e:a></e:own>')))), honest=True
    ),
    "mtom": Sent(body=package(MTOM_ROOT, (part(), PDF)), content_type=RELATED, honest=True),
}
BAD_XML = {
    "doctype": Sent(body=_doctyped("<!DOCTYPE a>", "x")),
    "internal entity": Sent(body=_doctyped('<!DOCTYPE a [<!ENTITY e "x">]>', "&e;")),
    "external entity": Sent(body=_doctyped('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;")),
    "external subset": Sent(body=_doctyped('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">', "x")),
    "parameter entity": Sent(body=_doctyped('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>', "x")),
    "billion laughs": Sent(body=_doctyped(*_bomb(10, 10))),
    "quadratic blow-up": Sent(body=_doctyped(f'<!DOCTYPE a [<!ENTITY e "{"x" * 50_000}">]>', "&e;" * 10_000)),
    "doctype in utf-16": Sent(body=_doctyped("<!DOCTYPE a>", "x").decode().encode("utf-16"), content_type="text/xml"),
    "undeclared entity": Sent(body=envelope(submit(item(status(more="<text>&e;</text>"))))),
    "processing instruction": Sent(body=b"<?xml-stylesheet href='http://127.0.0.1:9/'?>" + envelope(submit())),
    "xinclude": Sent(body=envelope(f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" {XOP}/>')),
    "schema location": Sent(
        body=envelope(
            submit(item(status())),
            attributes=' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a http://127.0.0.1:9/"',
        ),
        honest=True,  # an attribute of the Envelope says nothing to us
    ),
    "100,000 elements": Sent(body=envelope(submit("<item/>" * 100_001))),
    "depth 10,000": Sent(body=envelope("<a>" * 10_000 + "</a>" * 10_000)),
    "depth of names": Sent(body=envelope("<a:b>" * 10_000)),
    "100,000 attributes": Sent(body=envelope("<a " + " ".join(f"b{n}=''" for n in range(100_000)) + "/>")),
    "100,000 namespaces": Sent(body=envelope("<a " + " ".join(f"xmlns:b{n}='u'" for n in range(100_000)) + "/>")),
    "one attribute twice": Sent(body=envelope("<a b='1' b='2'/>")),
    "11 million letters": Sent(body=envelope(submit(item(status(more=f"<text>{'x' * 11_000_000}</text>"))))),
    "multiref bomb": Sent(body=_multiref(200)),
    "multiref to itself": Sent(body=envelope(f'<submitEvents xmlns="{NS}" id="a"><item href="#a"/></submitEvents>')),
    "two bodies": Sent(body=f"<s:Envelope xmlns:s='{V11}'><s:Body><a/></s:Body><s:Body/></s:Envelope>".encode()),
    "no envelope": Sent(body=b"<html><body>Sign in</body></html>"),
    "wrong version": Sent(body=envelope(submit(item(status())), soap=V12)),
    "must understand": Sent(body=envelope(submit(item(status())), header='<a s:mustUnderstand="1"/>')),
    "signed": Sent(body=_signed(submit(item(status())))),
    "signed and wrapped": Sent(body=_signed(submit(item(status())), f'<s:Body Id="body">{submit()}</s:Body>')),
    "unknown charset": Sent(body=envelope(submit(item(status()))), content_type="text/xml; charset=ebcdic-cp-be"),
    "utf-7": Sent(body=b'<?xml version="1.0" encoding="utf-7"?>' + envelope(submit())),
    "not utf-8": Sent(body=envelope(submit(item(status(more="<text>\u00ff</text>")))).replace(b"\xc3\xbf", b"\xff")),
    "control characters": Sent(body=envelope(submit(item(status(more="<text>&#8;</text>"))))),
    "strange prefix": Sent(body=envelope(submit("<s:Body/>"))),
    "no number": Sent(body=envelope(submit(item(status("9" * 5_000))))),
    "strange base64": Sent(body=envelope(submit(item(result(a_file("<content>QUJD!!!=</content>")))))),
    "nil": Sent(
        body=envelope(
            submit(item(status(more='<text xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>')))
        )
    ),
    "another type": Sent(
        body=envelope(
            submit(item('<statusChanged xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Opaque"/>'))
        )
    ),
    "gzip bomb": Sent(body=gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}),
    "empty": Sent(body=b""),
    "json": Sent(body=b'{"a": 1}'),
    "include repeated": Sent(
        body=package(envelope(submit(item(result(a_file(include()) * 2)))), (part(), PDF)), content_type=RELATED
    ),
    "includes of one part": Sent(
        body=package(envelope(submit(item(result(a_file(include()) * 200)))), (part(), PDF * 1_000)),
        content_type=RELATED,
    ),
    "include missing": Sent(body=package(MTOM_ROOT, (part("2"), PDF)), content_type=RELATED),
    "include without parts": Sent(body=MTOM_ROOT),
    "include of a file": Sent(body=package(MTOM_ROOT.replace(b"cid:1", b"file:///etc/passwd")), content_type=RELATED),
    "include as envelope": Sent(body=package(f'<x:Include {XOP} href="cid:1"/>'.encode()), content_type=RELATED),
    "parts without end": Sent(body=package(MTOM_ROOT, (part(), PDF))[:-10], content_type=RELATED),
    "300 parts": Sent(body=package(MTOM_ROOT, *[(part(str(n)), b"") for n in range(300)]), content_type=RELATED),
}

MIME = {
    "plain": package(b"<a/>", (part(), PDF), (part("2"), b"")),
    "preamble": b"hello\r\n" + package(b"<a/>", (part(), PDF)) + b"good-bye",
    "folded": package(b"<a/>", ("Content-ID:\r\n <1>\r\nContent-Type: a/b;\r\n\tc=d\r\n", PDF)),
    "base64": package(b"<a/>", (part(more="Content-Transfer-Encoding: base64\r\n"), base64.encodebytes(PDF))),
    "quoted": package(b"<a/>", (part(more="Content-Transfer-Encoding: quoted-printable\r\n"), b"a=20b=\r\nc =\r\n")),
    "nested": package(
        b"<a/>", ("Content-Type: multipart/mixed; boundary=in\r\n", package(b"b", (part(), b"c"), boundary="in"))
    ),
    "nested twice": package(
        b"<a/>",
        (
            "Content-Type: multipart/mixed; boundary=in\r\n",
            package(
                b"b", ("Content-Type: multipart/mixed; boundary=x\r\n", package(b"c", boundary="x")), boundary="in"
            ),
        ),
    ),
    "line ends": package(b"\r\n\r\n", (part(), b"\r\n"), (part("2"), b"\n\r"), (part("3"), b"--edge")),
    "almost": package(b"\r\n--edg", (part(), b"\r\n--edge-"), (part("2"), b"\r\n--ed\r\n--")),
    "no headers": b"--edge\r\n\r\nx\r\n--edge\r\n\r\n--edge--",
    "long header": package(b"<a/>", (f"A: {'x' * 9_000}\r\n", b"")),
    "line feeds": package(b"<a/>", (part(), PDF)).replace(b"\r\n", b"\n"),
}

GOOD_JSON = {
    "dossier": (
        "/v1/dossiers",
        {
            "dossier": {
                "code": "H01-2",
                "procedure": {"code": "1.000894", "name": "Đăng ký kết hôn"},
                "receiving_unit": {"code": "H01.12", "name": "UBND xã mẫu"},
                "owner": {"name": {"whole": "Nguyễn Văn Mẫu"}, "identities": [{"type": "cccd", "number": "001"}]},
                "summary": "Đăng ký kết hôn",
                "form": {"data": "{}"},
                "components": [{"name": "Đơn", "files": [{"url": "https://a.example/1"}]}],
            }
        },
    ),
    "status": (
        "/v1/events",
        {"kind": "status.changed", "dossier": {"code": CODE}, "data": {"status": 4}, "source_event_id": "e-1"},
    ),
    "batch": (
        "/v1/events",
        {
            "items": [
                {"kind": "status.changed", "dossier": {"code": CODE}, "data": {"status": 4}},
                {"kind": "x.portal.note", "dossier": {"code": CODE}, "data": {"any": [1, None, "x"]}},
            ]
        },
    ),
}
BAD_JSON = {
    "empty": b"",
    "half": b'{"dossier": {"code": "H01-2"',
    "lists": b"[" * 60_000,
    "objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "number": b"1" * 60_000,
    "great number": b'{"kind": "status.changed", "data": {"status": 1e999}}',
    "not a number": b'{"kind": "status.changed", "data": {"status": NaN}}',
    "half a pair": rb'{"kind": "status.changed", "text": "\ud800"}',
    "not utf-8": b'{"kind": "\xff"}',
    "nul": rb'{"kind": "status.changed", "text": "\u0000"}',
    "twice": b'{"kind": "a", "kind": "status.changed"}',
    "many keys": json.dumps({f"k{n}": n for n in range(5_000)}).encode(),
    "bom": b'\xef\xbb\xbf{"kind": "status.changed"}',
    "utf-16": '{"kind": "status.changed"}'.encode("utf-16"),
    "xml": envelope(""),
}
