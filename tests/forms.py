"""Forms in parts (``multipart/form-data``), as partners send them."""

DECLARED = "multipart/form-data; boundary=edge"


def field(name, text, *heads):
    """A field: its headers and its bytes."""
    lines = [f'Content-Disposition: form-data; name="{name}"', *heads]
    return "".join(f"{line}\r\n" for line in lines).encode(), text.encode()


def file(name, data, file_name="kq.pdf", media_type="application/pdf"):
    """A file under the name that its sender gives it."""
    head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: {media_type}\r\n'
    return head.encode(), data


def form(*parts):
    """The bytes of a whole form."""
    return b"".join(b"--edge\r\n" + head + b"\r\n" + data + b"\r\n" for head, data in parts) + b"--edge--\r\n"
