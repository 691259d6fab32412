"""A canonical form is the same in every thread."""

from concurrent.futures import ThreadPoolExecutor

from gateway.security.wsse.canonical import canonical
from gateway.wire.xml import parse


def test_inclusive_prefixes_count_in_a_thread_that_never_saw_them():
    """lxml keeps names per thread, and leaves out inclusive prefixes that the thread at work has not read itself.

    WSS4J names the prefixes of the envelope: its good signatures held or not, as threads came and went.
    """
    text = b'<onlyhere:E xmlns:onlyhere="urn:e" xmlns:andthis="urn:f"><onlyhere:B><c xmlns="urn:c"/></onlyhere:B>'
    text += b"</onlyhere:E>"
    prefixes = ("andthis", "onlyhere", "unknown", "#default", "not a name")
    with ThreadPoolExecutor(1) as reads, ThreadPoolExecutor(1) as writes:
        writes.submit(parse, b"<a/>").result()
        root = reads.submit(parse, text).result()
        elsewhere = writes.submit(canonical, root[0][0], prefixes).result()
    assert elsewhere == b'<c xmlns="urn:c" xmlns:andthis="urn:f" xmlns:onlyhere="urn:e"></c>'


def test_an_inclusive_prefix_that_is_declared_further_in_counts_too():
    """Stacks that always name xsd: it is used in values only, and declared where they stand."""
    text = b'<E><b><c xmlns:furtherin="urn:x" type="furtherin:string"/></b></E>'
    with ThreadPoolExecutor(1) as reads, ThreadPoolExecutor(1) as writes:
        writes.submit(parse, b"<a/>").result()
        root = reads.submit(parse, text).result()
        elsewhere = writes.submit(canonical, root[0], ("furtherin",)).result()
    assert elsewhere == b'<b><c xmlns:furtherin="urn:x" type="furtherin:string"></c></b>'


def test_a_thread_does_not_keep_the_prefixes_that_strangers_make_up():
    """G6: they are looked at before a signature is; libxml2 takes no more of them past 100 MB."""
    with ThreadPoolExecutor(1) as reads, ThreadPoolExecutor(1) as writes:
        writes.submit(parse, b"<a/>").result()
        for number in range(16):
            prefixes = tuple(f"p{number}-{one}{'x' * 18_500}" for one in range(420))
            root = reads.submit(parse, f'<a b="{" ".join(prefixes)}"/>'.encode()).result()
            assert writes.submit(canonical, root, prefixes).result().startswith(b"<a ")
