"""Systems as people read them in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import act, moment, over_lines, plain_table, table_or, words
from gateway.core.delivery import State
from gateway.core.routing import Role
from gateway.core.sky import Condition
from gateway.ingress.weather_bodies import SystemBody, TendedBody, WeatherBody

_ALWAYS = {State.DELIVERED, State.HELD, State.DEAD}
_COUNTED = {
    State.WAITING: "chờ\nlượt",
    State.DELAYED: "hẹn\ngửi lại",
    State.READY: "sẵn sàng\ngửi",
    State.LEASED: "đang\ngửi",
    State.DELIVERED: "đã\ngửi",
    State.HELD: "chờ\nquyết định",
    State.DEAD: "không\ngửi được",
    State.CANCELLED: "huỷ\ngửi",
}
_DOUBT = "chưa\nrõ"
_COLOURS = {
    Condition.PAUSED: "magenta",
    Condition.CLOSED: "dim",
    Condition.OPEN: "bold red",
    Condition.HALF_OPEN: "yellow",
    Condition.SLOW_START: "yellow",
    Condition.CLEAR: "green",
}
#: The one word for each, where a sentence has no room.
_STANDS = {
    Condition.PAUSED: "tạm dừng",
    Condition.CLOSED: "ngoài giờ",
    Condition.OPEN: "không trả lời",
    Condition.HALF_OPEN: "đang thử",
    Condition.SLOW_START: "tăng dần",
    Condition.CLEAR: "bình thường",
}
_FOUND = {
    "answers": "Có trả lời",
    "silent": "Không trả lời",
    "unknown": "Lượt gửi tiếp theo sẽ cho biết hệ thống có trả lời hay không",
}
#: One silence is no outage yet: beside it nobody may read that all is well.
_EARLY = "Vẫn tiếp tục gửi: số lần lỗi chưa tới mức tạm ngừng"
#: What a person must hear who resumed a ministry before the portal had handed over again.
_NEW = (
    "Từ giờ, hồ sơ cổng dịch vụ công gửi lại được coi là mới và gửi ngay. Cổng dịch vụ công chưa gửi lại xong: dừng"
    " cổng tích hợp, chạy lại db restored"
)


def systems(found: Sequence[SystemBody]) -> Iterator[RenderableType]:
    """Return the systems and how they stand, then a few lines for each that is not simply well.

    As a table; where a terminal is too narrow for one, each system in lines of its own.
    """
    yield from table_or(_table(found), (line for system in found for line in _in_lines(system)))
    for system in found:
        if system.weather is not None and system.weather.condition != Condition.CLEAR:
            yield from _explained(system.id, system.weather)


def _table(listed: Sequence[SystemBody]) -> Table:
    """Return a table without the states that no delivery is in."""
    used = {state for system in listed for state, count in system.by_state.items() if count}
    states = [state for state in State if state in used | _ALWAYS]
    counted = (*(_COUNTED[state] for state in states), _DOUBT)
    table = plain_table("hệ thống", "chế độ", "tình trạng", *counted, "chờ từ", right=frozenset(counted))
    for system in listed:
        counts = [str(system.by_state.get(state, 0)) for state in states]
        oldest = moment(system.oldest_open, "%d/%m %H:%M")
        table.add_row(system.id, system.mode, _condition(system), *counts, str(system.in_doubt), oldest)
    return table


def _in_lines(system: SystemBody) -> Iterator[Text]:
    """Return what a row of the table says, without the states that no delivery is in."""
    yield Text.assemble((system.id, "bold"), f"  {system.mode}  ", _condition(system))
    counts = [(_COUNTED[state], system.by_state.get(state, 0)) for state in State] + [(_DOUBT, system.in_doubt)]
    told = [f"{' '.join(heading.split())} {count}" for heading, count in counts if count]
    told += [f"chờ từ {moment(system.oldest_open, '%d/%m %H:%M')}"] if system.oldest_open else []
    yield from (Text(line) for line in over_lines(f"    {', '.join(told) or 'chưa có lượt gửi nào'}"))


def _explained(system: str, weather: WeatherBody) -> Iterator[Text]:
    """Say why, since when, until when."""
    since = f", từ {moment(weather.since)}" if weather.since else ""
    yield Text.assemble("\n", (system, "bold"), "  ", (weather.text, _COLOURS[Condition(weather.condition)]), since)
    yield from (Text(f"    {line}") for line in _facts(weather))


def tended(done: TendedBody) -> Iterator[Text]:
    """Return what was done about a system, and how it stands now."""
    yield Text.assemble((done.system.id, "bold"), "  ", act(done.act))
    if done.found is not None:
        yield Text(f"    {_FOUND[done.found]}" + (f" ({done.words})" if done.words else ""))
    if (weather := done.system.weather) is not None:
        is_early = done.found == "silent" and weather.condition == Condition.CLEAR
        yield Text(f"    {_EARLY if is_early else weather.text}; còn phải gửi: {done.system.backlog}")
    if (doubted := done.act.facts.get("in_doubt")) is not None:  # resumed after the database was put back
        yield Text(f"    {doubted} lượt gửi nhận từ khi khôi phục: tra cứu trước khi gửi, hoặc chờ quyết định")
        if done.system.role == Role.SYSTEM:
            yield Text(f"    {_NEW}", style="bold")


def _condition(system: SystemBody) -> Text:
    if system.weather is None:
        return Text("luồng đọc" if system.adapter == "feed" else "-", style="dim")
    condition = Condition(system.weather.condition)
    return Text(_STANDS[condition], style=_COLOURS[condition])


def _facts(weather: WeatherBody) -> Iterator[str]:
    if weather.pause is not None:
        yield f"{weather.pause.by}: «{weather.pause.text}»"
    if weather.breaker.state != "closed":
        reason = words("reason", weather.breaker.reason or "")
        tried = f"; thử lại lúc {moment(weather.breaker.next_try_at)}" if weather.breaker.next_try_at else ""
        yield f"{reason}; đã thử {weather.breaker.times - 1} lần{tried}"
    if weather.window.opens_at is not None:
        yield f"nhận lại từ {moment(weather.window.opens_at)}"
    if weather.condition == Condition.SLOW_START:
        yield f"đang gửi cùng lúc {weather.limits.allowed}/{weather.limits.concurrency}"
    if weather.last_answer_at is not None:
        yield f"trả lời lần cuối lúc {moment(weather.last_answer_at)}"
