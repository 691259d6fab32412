"""Parts of forms, as browsers, curl, .NET, Java and PHP write their headers."""

import pytest

from gateway.wire.form_data import PartField
from gateway.wire.part_head import PartHead


def part(disposition, content_type=""):
    return PartField.read(PartHead(headers={"content-disposition": disposition, "content-type": content_type}))


@pytest.mark.parametrize(
    ("written", "file_name"),
    [
        ('form-data; name="tep"; filename="Kết quả.pdf"', "Kết quả.pdf"),
        ("form-data; name=tep; filename=kq.pdf; filename*=utf-8''K%E1%BA%BFt%20qu%E1%BA%A3.pdf", "Kết quả.pdf"),
        ('form-data; name=tep; filename="=?utf-8?B?S+G6v3QgcXXhuqMucGRm?="', "Kết quả.pdf"),
        (r'Form-Data; NAME="tep"; FileName="a\"b.pdf"', 'a"b.pdf'),
        ("form-data; name=tep; filename*=iso-8859-1''x.pdf; filename=y.pdf", "y.pdf"),
        ('form-data; name="tep"; filename=""', ""),
        ('form-data; name="tep"', ""),
    ],
)
def test_a_file_is_named_however_its_sender_writes_it(written, file_name):
    assert (part(written).name, part(written).file_name) == ("tep", file_name)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "attachment; name=tep",
        "form-datax; name=tep",
        "form-data; filename=kq.pdf",
        'form-data; name=""',
        "form-data; name=a; name=b",
        "form-data; name=a; filename=b; FILENAME=c",
        "form-data; name=a; filename*=utf-8''%ff",
        'form-data; name=a; filename="=?utf-8?B?/w==?="',
        'form-data; name=a; filename="=?utf-8?B?S?="',
    ],
)
def test_a_part_that_may_be_read_in_two_ways_is_refused(written):
    with pytest.raises(ValueError, match=r"it has no|its "):
        part(written)


@pytest.mark.parametrize(
    ("declared", "data", "text"),
    [
        ("", "Đã xử lý".encode(), "Đã xử lý"),
        ("text/plain; charset=UTF-8", b"\xef\xbb\xbfH01", "H01"),
        ("text/plain; charset=windows-1258", "Đa\u0303".encode("cp1258"), "Đã"),
        ("text/plain; charset=ISO-8859-1", b"H01-1", "H01-1"),
    ],
)
def test_a_text_is_read_in_its_encoding(declared, data, text):
    assert part("form-data; name=a", declared).text(data) == text


@pytest.mark.parametrize(("charset", "data"), [("utf-8", b"\xff"), ("iso-8859-1", b"\xe9"), ("utf-16", b"a\0")])
def test_a_text_in_no_known_encoding_is_refused(charset, data):
    with pytest.raises(ValueError, match="encoding"):
        part("form-data; name=a", f"text/plain; charset={charset}").text(data)
