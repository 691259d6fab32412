"""Copies of a store's dossiers: as the gateway wrote them, under other ids, codes and times.

The chain of evidence grows by as many rows; the copies' links are the first ones' and prove nothing.
"""

APART = 600_000_000  #: microseconds between two copies
#: Tables whose rows are about no dossier.
ONCE = frozenset(
    {
        "meta",
        "config",
        "node",
        "key",
        "boot",
        "evidence_chain",
        "asked_system",
        "feed",
        "tally",
        "weather",
        "turn",
        "schema_version",
    }
)


def is_time(column: str) -> bool:
    """Whether a column holds a time: its name says so. One of them says where in a message its document begins."""
    return column in {"at", "since"} or (column.endswith("_at") and column != "document_at")
