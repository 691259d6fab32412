"""``queries list``: who asked, and how it ended, in words."""

from datetime import timedelta
from pathlib import Path

from gateway.core.planning import Planning
from gateway.core.query import Ending, QueryState
from gateway.core.reason import Why
from gateway.ports.store import Store
from gateway.testing.store_contract.querying import OFFICER, a_query

from .books import Shell, on_the_store


def test_a_query_without_an_answer_says_why_in_words(shell: Shell, config: Path, data: Path):
    """As every other screen: a code is for programs."""
    ending = Ending(state=QueryState.FAILED, reason=Why.CONNECTION_REFUSED, duration=timedelta(milliseconds=4))

    async def work(store: Store, _: Planning) -> None:
        await store.conclude_query((await store.record_query(a_query())).id, ending)

    on_the_store(config, data, work)
    shown = shell.run("queries", "list").output
    assert "Không có câu trả lời dùng được (Máy chủ từ chối kết nối; chưa gửi gì, 4 ms)" in shown
    assert f"{OFFICER.name}, {OFFICER.position}" in shown
    assert shell.items("queries", "list")[0]["reason"] == "connection_refused"
