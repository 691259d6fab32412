"""The hardened parser: what it refuses, and that it tells nobody what the document said."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.wire.xml import XmlError, XmlLimits, parse, to_bytes

BILLION = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]><lolz>&l9;</lolz>"
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    "data",
    [
        BILLION.encode(),
        EXTERNAL.encode(),
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://ministry.example/a.dtd"><a/>',
        b"<!-- " + b"x" * 20_000 + b" --><!DOCTYPE a><a/>",
        ('<?xml version="1.0" encoding="utf-16"?>' + EXTERNAL).encode("utf-16"),
        ('<?xml version="1.0" encoding="utf-16le"?>' + EXTERNAL).encode("utf-16-le"),
        b"\xef\xbb\xbf" + EXTERNAL.encode(),
        b"<?xml version='1.0' encoding='UTF-8'?>\n" + EXTERNAL.encode(),
        b"<?xml version='1.0' encoding='iso-8859-1'?>" + EXTERNAL.encode(),
    ],
    ids=["billion laughs", "external", "plain", "system", "late", "utf-16", "utf-16-le", "bom", "utf-8", "latin-1"],
)
def test_refuses_a_document_type_in_any_encoding(data):
    """Without a DTD there is no entity to expand or to fetch."""
    with pytest.raises(XmlError, match="DOCTYPE"):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"secret",
        b"<a>",
        b"<a></b>",
        b"<a>&secret;</a>",
        b"<a/><b/>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b"{}",
    ],
)
def test_refuses_what_is_not_well_formed(data):
    """The error says where and what to do, not what was there."""
    with pytest.raises(XmlError) as refused:
        parse(data)
    assert refused.value.where.startswith("line 1, column")
    assert refused.value.remedy
    assert "secret" not in str(refused.value)


def test_refuses_too_many_bytes():
    """The size counts before anything is read."""
    with pytest.raises(XmlError, match="bytes"):
        parse(b"<a/>", limits=XmlLimits(max_bytes=3))


def test_refuses_too_many_elements():
    """100,001 elements are one too many."""
    with pytest.raises(XmlError, match="more than 100000 elements"):
        parse(b"<a>" + b"<b/>" * 100_000 + b"</a>")
    assert len(parse(b"<a>" + b"<b/>" * 99_999 + b"</a>")) == 99_999


@pytest.mark.parametrize("depth", [101, 10_000])
def test_refuses_too_deep_a_document(depth):
    """Neither our recursion nor anybody's is at the sender's mercy."""
    with pytest.raises(XmlError, match=r"nested deeper|deeper or larger"):
        parse(b"<a>" * depth + b"</a>" * depth)


def test_reads_the_depth_it_allows():
    """A hundred levels are allowed."""
    assert parse(b"<a>" * 100 + b"</a>" * 100).tag == "a"


def test_refuses_more_attributes_than_an_element_has():
    """G6: each of them is found by going past those before it: 600,000 on one element would take an hour."""
    most = b" ".join(b"a%d=''" % number for number in range(256))
    assert len(parse(b"<a><b " + most + b"/></a>")[0].attrib) == 256
    with pytest.raises(XmlError, match="more than 256 attributes"):
        parse(b"<a><b " + most + b" c=''/></a>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_refuses_more_attributes_than_a_document_has_in_all(encoding):
    """G6: each takes forty times its seven bytes, so that 16 MiB of them took 600 MB, on one element as on many."""
    limits = XmlLimits(max_elements=100)
    attributes = " ".join(f"a{number}=''" for number in range(200))
    element = f"<b {attributes}/>"
    assert len(parse(f"<a>{element * 2}</a>".encode(encoding), limits=limits)) == 2
    with pytest.raises(XmlError, match="more than 400 signs ="):
        parse(f"<a>{element * 2}<b c=''/></a>".encode(encoding), limits=limits)


def test_refuses_more_namespaces_than_a_document_has_at_one_place():
    """G6: whatever is written of a document repeats those above it: 8,000 take 0.15 s for each element."""
    declared = [b"xmlns:n%d='urn:%d'" % (number, number) for number in range(256)]
    top, below = b" ".join(declared[:200]), b" ".join(declared[200:])
    assert len(parse(b"<a " + top + b"><b " + below + b"/><b " + below + b"/></a>")) == 2
    with pytest.raises(XmlError, match="more than 256 namespaces"):
        parse(b"<a " + top + b"><b " + below + b"><c xmlns='urn:c'/></b></a>")


@pytest.mark.parametrize("data", [b"<?x y?><a/>", b"<a><?x y?></a>", b"<a/><?x y?>"])
def test_refuses_processing_instructions_unless_allowed(data):
    """SOAP forbids them; elsewhere they are harmless."""
    with pytest.raises(XmlError, match="processing instruction"):
        parse(data)
    assert parse(data, limits=XmlLimits(instructions=True)).tag == "a"


def test_a_comment_does_not_end_a_text():
    """`adm<!-- -->in` is admin, not adm."""
    assert parse(b"<a>adm<!-- x -->in</a>").text == "admin"


def test_a_text_may_speak_of_a_document_type():
    """A form may hold a page of HTML."""
    assert parse(b"<a><![CDATA[<!DOCTYPE html>]]></a>").text == "<!DOCTYPE html>"


@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE", "ucs-2"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_reads_what_says_in_single_bytes_that_it_is_utf_16(declared, mark):
    """A text that .NET wrote for itself, sent as UTF-8; what is in it is refused all the same."""
    head = mark + f'<?xml version="1.0" encoding="{declared}"?>'.encode()
    assert parse(head + "<a>Hồ sơ</a>".encode()).text == "Hồ sơ"
    with pytest.raises(XmlError, match="DOCTYPE"):
        parse(head + EXTERNAL.encode())


def test_a_mark_of_utf_16_stands_above_what_http_said():
    """RFC 7303, 3.3."""
    assert parse("<a>Hồ sơ</a>".encode("utf-16"), encoding="utf-8").text == "Hồ sơ"
    with pytest.raises(XmlError, match="DOCTYPE"):
        parse(EXTERNAL.encode("utf-16"), encoding="utf-8")


@pytest.mark.parametrize("data", [b"<a>\xe0</a>", b'<?xml version="1.0" encoding="x-1"?><a/>'])
def test_an_encoding_that_is_none_is_told_as_that(data):
    with pytest.raises(XmlError, match="send UTF-8"):
        parse(data)


def test_reads_utf_16_and_the_encoding_it_is_told():
    """The document's own word, or the header's."""
    assert parse('<?xml version="1.0" encoding="utf-16"?><a>Hồ sơ</a>'.encode("utf-16")).text == "Hồ sơ"
    assert parse("<a>Hồ sơ</a>".encode(), encoding="utf-8").text == "Hồ sơ"


@pytest.mark.parametrize("before", [b"\n", b" \t\r\n" * 300, b"\xef\xbb\xbf\r\n"])
def test_reads_past_the_blank_line_that_a_script_has_let_out(before):
    """PHP puts out every line that stands before its code; a document type behind it is refused all the same."""
    assert parse(before + b"<?xml version='1.0'?><a>x</a>").text == "x"
    with pytest.raises(XmlError, match="DOCTYPE"):
        parse(before + b"<?xml version='1.0'?><!DOCTYPE a><a>x</a>")


def test_writes_a_document_that_it_reads():
    """UTF-8, with declaration, without the tail."""
    root = parse("<a><b>Đơn</b>tail</a>".encode())
    assert to_bytes(root[0]) == "<?xml version='1.0' encoding='utf-8'?>\n<b>Đơn</b>".encode()


def test_reads_on_whatever_names_strangers_make_up():
    """G6: lxml keeps the names of all documents of a thread, and libxml2 refuses everything past 100 MB of them."""

    def read_all():
        for number in range(18):
            names = (b"<n%d-%d%s/>" % (number, one, b"x" * 18_500) for one in range(380))
            assert len(parse(b"<a>" + b"".join(names) + b"</a>")) == 380

    with ThreadPoolExecutor(1) as thread:
        thread.submit(read_all).result()
