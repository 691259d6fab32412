"""Loading a configuration: whole, or every problem at once with file, key and remedy."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.config.book import route_book
from gateway.config.durations import as_timedelta
from gateway.config.loader import defaults, examine, load
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.core.rate import Rate
from gateway.core.routing import Subject

ROOT = Path(__file__).resolve().parents[3]


def problems_of(directory, **overrides: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(directory.path, overrides=overrides)
    return list(caught.value.problems)


def the_problem(directory, **overrides: str) -> Problem:
    (problem,) = problems_of(directory, **overrides)
    return problem


def test_reads_a_whole_directory(directory):
    found = load(directory.path)
    assert set(found.systems) == {"portal", "land"}
    assert found.settings.server.port == 0
    assert found.settings.store.synchronous == "FULL"
    assert found.services[0].name == "Cấp đổi"
    assert found.calendar.holidays == {date(2026, 9, 2)}
    assert found.calendar.is_working_day(date(2026, 8, 22))
    assert set(found.mappings) == {"land/dossier"}


def test_the_shipped_configuration_is_valid():
    found = load(ROOT / "config")
    assert {"portal", "driver_licence", "business_registry"} <= set(found.systems)
    assert {system.mode.value for system in found.systems.values()} == {"sandbox"}


def test_a_fault_in_one_table_of_the_settings_is_none_of_the_others(directory):
    """What stands beside it counts: nothing else is found missing for it."""
    directory.write("gateway.toml", '[server]\nport = 70000\n[links]\nkeys = ["env:A"]\n[codes.patterns]\nown = "x+"\n')
    found, problems = examine(directory.path)
    assert [(problem.file, problem.key) for problem in problems] == [("gateway.toml", "server.port")]
    assert (found.settings.links.keys, found.settings.codes.patterns["own"]) == (("env:A",), "x+")
    assert found.settings.server == defaults().server


def test_a_fault_in_a_systems_file_hides_no_other_fault_of_it(directory):
    """Nor does it make one: what is right beside it is looked at as if it stood alone."""
    directory.change("systems/land.toml", '"rest"', '"rest"\nmode = "sandbx"\nsuccessor_of = ["lad"]')
    directory.add("systems/land.toml", "[retry]\nfirst_wait = '1d'\n[limits]\nrte = 1\n")
    keys = sorted(problem.key for problem in problems_of(directory))
    assert keys == ["limits.rte", "mode", "retry.first_wait", "successor_of"]


def test_the_defaults_file_holds_every_setting():
    settings = defaults()
    assert settings.server.host == "127.0.0.1"
    assert as_timedelta(settings.relay.lease) == timedelta(seconds=60)


def test_calendar_services_and_mappings_may_be_missing(directory):
    for name in ("calendar.toml", "services.toml", "statuses.toml", "mappings/land/dossier.toml"):
        (directory.path / name).unlink()
    assert load(directory.path).services == ()


def test_names_all_problems_of_all_files_at_once(directory):
    """One round of corrections, not ten."""
    directory.write("gateway.toml", '[server]\nport = 70000\nhots = "x"\n[relay]\nlease = "soon"\n')
    directory.add("routes.toml", '[[route]]\nid = "more"\nto = ["lnad"]\n')
    directory.change("systems/land.toml", '"rest"', '"rest"\nmode = "sandbx"')
    directory.write("calendar.toml", "holidays = [")
    found = {(problem.file, problem.key): problem for problem in problems_of(directory)}
    assert set(found) == {
        ("gateway.toml", "server.port"),
        ("gateway.toml", "server.hots"),
        ("gateway.toml", "relay.lease"),
        ("routes.toml", "route[2].to"),
        ("systems/land.toml", "mode"),
        ("calendar.toml", ""),
    }
    assert found["gateway.toml", "server.hots"].remedy == "did you mean 'host'?"
    assert found["gateway.toml", "relay.lease"].remedy == "write 500ms, 30s, 15m, 24h, 7d; at most 99999d"
    assert found["routes.toml", "route[2].to"].remedy == "did you mean 'land'?"
    assert found["systems/land.toml", "mode"].remedy == "did you mean 'sandbox'?"
    assert all(problem.remedy for problem in found.values())


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "remedy"),
    [
        (
            "systems/land.toml",
            'id = "land"',
            'id = "landd"',
            "id",
            "write id = 'land', or rename the file to landd.toml",
        ),
        ("systems/land.toml", 'id = "land"\n', "", "id", "add it: text in quotes"),
        ("systems/land.toml", 'role = "system"', 'role = "ministry"', "role", "known: portal, system"),
        ("systems/land.toml", 'doubt = "resend"', 'doubt = "resnd"', 'doubt."*".doubt', "did you mean 'resend'?"),
        (
            "systems/land.toml",
            'doubt = "resend"',
            'doubt = "resend"\nafter_window = "resend"',
            'doubt."*".after_window',
            'write "lookup" or "hold"',
        ),
        ("systems/land.toml", "http://127.0.0.1:9001", "127.0.0.1:9001", "endpoint.sandbox", "write http://host:port"),
        ("systems/land.toml", "127.0.0.1:9001", "127.0.0.1.:9001 ", "endpoint.sandbox", "write http://host:port"),
        (
            "systems/land.toml",
            "http://127.0.0.1",
            "http://me:pw@127.0.0.1",
            "endpoint.sandbox",
            "write http://host:port",
        ),
        *(
            (
                "systems/land.toml",
                "sandbox =",
                f'files = ["http://a", "{wrong}"]\nsandbox =',
                "endpoint.files[1]",
                place,
            )
            for wrong in ("https://a/kq", "a:8443", "https://*.a", "https://me@a", "https://a:0")
            for place in ("write http://host:port or https://host, and no more",)
        ),
        ("systems/land.toml", "sandbox =", "files = 'https://a'\nsandbox =", "endpoint.files", "write a list"),
        ("systems/land.toml", "sandbox =", "live =", "endpoint.sandbox", "say where the system answers"),
        ("systems/land.toml", 'adapter = "rest"', 'adapter = "rest"\nmode = "live"', "endpoint.live", "say where"),
        (
            "systems/land.toml",
            'adapter = "rest"',
            'adapter = "rest"\nsuccessor_of = ["lad"]',
            "successor_of",
            "did you",
        ),
        (
            "systems/land.toml",
            'adapter = "rest"',
            'adapter = "rest"\nvalid_from = 2026-02-01\nvalid_to = 2026-01-01',
            "valid_to",
            "both days are included",
        ),
        ("systems/land.toml", "[endpoint]", "[retry]\nfirst_wait = '1d'\n[endpoint]", "retry.first_wait", "make it"),
        ("systems/land.toml", "[endpoint]", "[timeouts]\ntotal = 5\n[endpoint]", "timeouts.total", "write 500ms"),
        ("systems/land.toml", "[endpoint]", "[secrets]\npw = 'x'\n[endpoint]", "secrets.pw", "write env:NAME"),
        ("systems/portal.toml", 'role = "portal"', 'role = "system"', "role", 'give one role = "portal"'),
        ("systems/land.toml", 'adapter = "rest"', 'adapter = "feed"\nmode = "shadow"', "mode", 'write "sandbox"'),
        ("routes.toml", 'source = "portal"', 'source = "portl"', "route[0].source", "did you mean 'portal'?"),
        ("routes.toml", 'to = ["land"]', "to = []", "route[0].to", "write a list"),
        ("routes.toml", 'to = ["land"]', 'to = ["land"]\nafter = ["land"]', "route[0].after", "name the systems that"),
        ("routes.toml", 'id = "back"', 'id = "out"', "route.id", "keep one"),
        ("services.toml", '["land"]', '["lands"]', "service[0].system", "did you mean 'land'?"),
        ("services.toml", "level = 3", 'level = "3"', "service[0].level", "write a whole number"),
        ("calendar.toml", "2026-09-02", '"2.9.2026"', "year.2026.holidays[0]", "write a day as"),
        ("calendar.toml", "2026-09-02", "2027-09-02", "year.2026.holidays", "move it to [year.2027]"),
        ("calendar.toml", "2026-08-22", "2026-08-21", "year.2026.moved", "name days that are off"),
        ("calendar.toml", "2026-09-02", "2026-08-22", "year.2026.moved", "keep one of the two"),
        ("calendar.toml", "year.2026", "year.all", "year.all", "write [year.2026]"),
        ("calendar.toml", "12:00", "07:00", "hours", "write the stretches in order"),
        ("calendar.toml", '-12:00"', '-12:00", "11:00-13:00"', "hours", "write the stretches in order"),
        ("calendar.toml", '"08:00-12:00"', '"8-12"', "hours", 'write ["07:30-11:30"'),
        ("calendar.toml", '["08:00-12:00"]', "[]", "hours", "write"),
        (
            "gateway.toml",
            "[server]",
            "[codes.patterns]\nprovince = '('\n[server]",
            "codes.patterns.province",
            "write it",
        ),
    ],
)
def test_names_file_key_and_remedy(directory, file: str, old: str, new: str, key: str, remedy: str):
    directory.change(file, old, new)
    problem = the_problem(directory)
    assert problem.file in {file, f"{file.partition('/')[0]}/"}
    assert problem.key == key
    assert problem.remedy.startswith(remedy)


@pytest.mark.parametrize(
    "key",
    [
        "server.read_timeout",
        "server.upload_timeout",
        "server.keepalive",
        "relay.lease",
        "relay.idle",
        "attention.every",
        "links.lifetime",
        "plug_in.session",
        "systems.land.timeouts.connect",
        "systems.land.timeouts.total",
        "systems.land.retry.first_wait",
        "systems.land.breaker.first_open",
        "systems.land.poll.every",
        "systems.land.reconcile.every",
        "systems.land.queries.timeout",
        'systems.land.doubt."*".dedup_window',
    ],
)
def test_no_time_at_all_is_refused_where_nothing_could_be_done_in_it_or_all_of_it_without_end(directory, key: str):
    """Whoever means «never» or «without a limit» by it would have every call refused, or a processor that spins."""
    problem = the_problem(directory, **{key: "0s"})
    assert problem.key == key  # also where a piece of it stands in quotes
    assert problem.remedy


def test_a_route_by_which_everything_has_expired_at_once_is_refused(directory):
    directory.add("routes.toml", 'expires = "0d"\n')
    problem = the_problem(directory)
    assert (problem.file, problem.key) == ("routes.toml", "route[1].expires")
    assert "more than 0" in problem.remedy


@pytest.mark.parametrize(("key", "text"), [("relay.lease", "60ms"), ("relay.idle", "1ms"), ("attention.every", "5ms")])
def test_a_slip_of_the_unit_that_would_take_a_processor_or_every_lease_is_refused(directory, key: str, text: str):
    problem = the_problem(directory, **{key: text})
    assert problem.key == key
    assert problem.remedy.startswith("write at least")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("relay.lease", "999999999d"),
        ("server.shutdown", "99999999999999999999d"),
        ("systems.land.retry.longest_wait", "99999999999999d"),
        ("systems.land.longest_wait", "9999999999h"),
        ("attention.after", "99999999999999d"),
        ("attention.files_after", "999999d"),
        ("server.room_wait", "3s\n"),
        ("attention.after", "4h\n"),
        ("systems.land.limits.rate", "60/m\n"),
    ],
)
def test_a_time_that_leaves_every_calendar_is_named_and_so_is_what_only_begins_as_one(directory, key: str, text: str):
    problem = the_problem(directory, **{key: text})
    assert problem.key == key
    assert problem.remedy.startswith("write ")


@pytest.mark.parametrize("key", ["server.shutdown", "server.feed_wait", "server.room_wait", "store.busy_timeout"])
def test_where_no_time_means_not_to_wait_it_is_taken(directory, key: str):
    assert load(directory.path, overrides={key: "0s"}).settings


@pytest.mark.parametrize("name", ["gateway", "operators"])
def test_reserved_ids_are_refused(directory, name: str):
    directory.write(f"systems/{name}.toml", (directory.path / "systems/land.toml").read_text().replace("land", name))
    assert "reserved" in the_problem(directory).text


def test_a_secret_written_in_plain_is_not_repeated(directory):
    """G9: the answer names the key, never the value."""
    directory.add("systems/land.toml", '[secrets]\npassword = "hunter2"\n')
    assert "hunter2" not in str(the_problem(directory))


def test_stray_files_are_named(directory):
    directory.write("route.toml", "")
    assert the_problem(directory).remedy == "did you mean 'routes.toml'?"


def test_a_missing_directory_is_one_clear_problem(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "nowhere")
    (problem,) = caught.value.problems
    assert problem.text == "there is no such directory"


def test_files_that_are_no_text_are_named(directory):
    (directory.path / "routes.toml").write_bytes(b"\xff\xfe")
    assert the_problem(directory).text == "is not UTF-8"


@pytest.mark.parametrize("file", ["gateway.toml", "routes.toml", "systems/land.toml", "systems/portal.toml"])
def test_a_file_that_cannot_be_read_is_one_problem(directory, file: str):
    """Half edited, it lacks what stands in it: that is no second fault, and sends nobody to look for it."""
    directory.add(file, "[half")
    assert the_problem(directory).text.startswith("is not TOML: ")


def test_a_byte_order_mark_is_left_out(directory):
    """Notepad begins a file with one."""
    for path in directory.path.rglob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert set(load(directory.path).systems) == {"portal", "land"}


def test_one_value_can_be_set_for_this_run_and_has_the_type_of_its_place(directory):
    overrides = {
        "store.synchronous": "OFF",
        "server.port": "8099",
        "systems.land.endpoint.sandbox": "http://127.0.0.1:1234",
        "systems.land.limits.concurrency": "3",
        "systems.land.tell_relay": "false",
        "systems.land.options.anything": "text",
        'systems.land.doubt."status.*".doubt': "hold",
        "codes.patterns.province": "^H",
    }
    found = load(directory.path, overrides=overrides)
    land = found.systems["land"]
    assert (found.settings.store.synchronous, found.settings.server.port) == ("OFF", 8099)
    assert (land.address(), land.limits.concurrency, land.tell_relay) == ("http://127.0.0.1:1234", 3, False)
    assert land.options == {"anything": "text"}
    assert land.doubt["status.*"].doubt.value == "hold"
    assert found.settings.codes.patterns == {"province": "^H"}


@pytest.mark.parametrize(
    ("key", "text", "remedy"),
    [
        ("store.synchronos", "OFF", "did you mean 'synchronous'?"),
        ("store.synchronous", "MAYBE", "known: FULL, OFF"),
        ("server.port", "http", "write a whole number"),
        ("server", "x", "add one of its keys: host"),
        ("server.port.deep", "1", "shorten the key"),
        ("systems.lnd.mode", "live", "did you mean 'land'?"),
        ("systems.land", "x", "write systems.ID.KEY=VALUE"),
        ("systems.land.mode", "lve", "did you mean 'live'?"),
        ("a..b", "x", "write KEY=VALUE"),
    ],
)
def test_a_wrong_set_names_its_key_and_the_remedy(directory, key: str, text: str, remedy: str):
    problem = the_problem(directory, **{key: text})
    assert (problem.file, problem.key) == ("--set", key)
    assert problem.remedy.startswith(remedy)


def test_every_change_of_any_file_or_override_is_another_version(directory):
    """G8: what was rendered with a configuration can be traced back to it."""
    first = load(directory.path).version
    assert load(directory.path).version == first
    assert len(first) == 12
    assert load(directory.path, overrides={"server.port": "1"}).version != first
    directory.write("wsdl/land.wsdl", "<definitions/>")
    second = load(directory.path).version
    directory.write("mappings/land/dossier.toml", 'version = "2"\n')
    assert len({first, second, load(directory.path).version}) == 3


def test_where_a_gateway_runs_is_no_other_version(directory):
    """G8: gateways over one store hold the same, each with folders, logs and (if nobody is told) a port of its own."""
    public = {"server.public_url": "https://gateway.test"}
    first = load(directory.path, overrides=public).version
    place = {"server.host": "::1", "server.port": "1", "store.attachments": "/srv/a", "logs.keep": "3"}
    assert load(directory.path, overrides=public | place).version == first
    assert load(directory.path, overrides=place).version != load(directory.path).version != first


def test_the_route_book_says_where_an_event_goes(directory):
    directory.add("routes.toml", 'expires = "7d"\n')
    book = route_book(load(directory.path))
    subject = Subject(
        source=SystemId("portal"), kind="dossier.submitted", procedure="1", agency="", on=date(2026, 3, 2)
    )
    assert [destination for _, destination in book.routes_for(subject)] == ["land"]
    assert book.routes[1].expires == timedelta(days=7)
    assert book.systems[SystemId("portal")].feed


def test_a_systems_terms_are_read(directory):
    """How fast, when, and when no more; hours of its own may leave the holidays out."""
    directory.add(
        "systems/land.toml",
        '[limits]\nrate = "60/m"\nburst = 5\n[breaker]\nfailures = 9\nrefusals = 0\n'
        '[window]\nopen = "hours"\nhours = ["19:00-24:00"]\nholidays = "closed"\n',
    )
    found = load(directory.path)
    terms = found.systems["land"].terms(found.calendar)
    assert terms.rate == Rate(calls=60, period=timedelta(minutes=1), burst=5)
    assert (terms.breaker.failures, terms.refusals) == (9, 0)
    assert terms.window.is_open(datetime(2026, 9, 1, 13, tzinfo=UTC))
    assert not terms.window.is_open(datetime(2026, 9, 2, 13, tzinfo=UTC))


def test_working_hours_are_those_of_the_calendar(directory):
    directory.add("systems/land.toml", '[window]\nopen = "working_hours"\n')
    found = load(directory.path)
    assert found.systems["land"].terms(found.calendar).window.hours == found.calendar
    assert found.systems["portal"].terms(found.calendar).window.hours is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[window]\nhours = ["19:00-24:00"]\n', "window.open"),
        ('[window]\nopen = "hours"\n', "window.hours"),
        ('[window]\nopen = "hours"\nhours = ["22:00-05:00"]\n', "window.hours"),
        ('[window]\nopen = "hours"\nhours = ["22:00-22:00"]\n', "window.hours"),
        ('[window]\nopen = "hours"\nhours = ["22:00-22:01"]\n[timeouts]\ntotal = "2m"\n', "window.hours"),
        ('[window]\nopen = "sometimes"\n', "window.open"),
        ("[breaker]\nlanes = 1\n", "breaker.lanes"),
        ("[breaker]\nlanes = 6\n", "breaker.lanes"),
        ('[breaker]\nfirst_open = "10m"\n', "breaker.first_open"),
        ('[limits]\nrate = "60"\n', "limits.rate"),
        ('[limits]\nrate = "0/s"\n', "limits.rate"),
    ],
)
def test_terms_that_cannot_work_are_named(directory, text: str, key: str):
    directory.add("systems/land.toml", text)
    problem = the_problem(directory)
    assert (problem.file, problem.key) == ("systems/land.toml", key)
    assert problem.remedy
