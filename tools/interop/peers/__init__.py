"""The four stacks."""

from tools.interop.peer import Peer
from tools.interop.peers.jaxws import JaxWs
from tools.interop.peers.node import Node
from tools.interop.peers.php import Php
from tools.interop.peers.suds import Suds


def peers() -> tuple[Peer, ...]:
    """Return all of them."""
    return Node(), Php(), Suds(), JaxWs()
