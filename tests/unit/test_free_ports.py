"""Ports that tests and the demo hand to processes which begin later."""

from pathlib import Path

from gateway.testing.ports import free_ports


def test_ports_are_free_different_and_none_that_the_system_gives_to_who_calls_out() -> None:
    """One of those was taken by a call before the process that it was meant for had begun."""
    names = [str(number) for number in range(50)]
    ports = free_ports(*names)
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    assert list(ports) == names
    assert len(set(ports.values())) == len(names)
    assert max(ports.values()) < first or first <= 21_000  # where the system leaves hardly any to others


def test_none_is_given_twice_while_it_may_not_be_bound_yet():
    """Two towns of one run had the same port."""
    given = [port for _ in range(400) for port in free_ports("a").values()]
    assert len(set(given)) == len(given)
