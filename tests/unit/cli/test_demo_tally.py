"""The demo's last line is counted from what the simulators saw, and it can fail."""

from gateway.cli.demo.tally import tally


def _journals() -> dict[str, list[dict[str, object]]]:
    portal = [
        {
            "what": "sent",
            "at": 1.0,
            "dossier": "D1",
            "event": "D1#1",
            "kind": "dossier.submitted",
            "systems": ["a"],
            "message": "m1",
        },
        {
            "what": "sent",
            "begun": 2.0,
            "at": 3.0,
            "dossier": "D1",
            "event": "D1#2",
            "kind": "fee.paid",
            "systems": ["a"],
            "message": "m2",
        },
        {"what": "handed_over", "count": 1},
        _got("D1", "x/1", "status.changed"),
        _got("D1", "x/2", "result.issued"),
    ]
    ministry = [
        {"what": "request", "delivery": "d1"},
        {"what": "effect", "dossier": "D1", "event": "D1#1"},
        {"what": "replied", "delivery": "d1"},
        {"what": "effect", "dossier": "D1", "event": "D1#2"},
        {"what": "issued", "at": 4.0, "dossier": "D1", "event": "x/1", "kind": "status.changed"},
        {"what": "issued", "at": 5.0, "dossier": "D1", "event": "x/2", "kind": "result.issued"},
        {"what": "finished", "dossier": "D1"},
    ]
    return {"portal": portal, "a": ministry}


def _got(dossier: str, event: str, kind: str) -> dict[str, object]:
    return {"what": "effect", "dossier": dossier, "event": event, "kind": kind, "source": "a"}


def test_a_clean_run_holds():
    """Everything sent took effect once and in order."""
    report = tally(_journals())
    assert report.holds
    assert report.line() == "demo: dossiers=1 effects=2/2 results=1/1 lost=0 duplicated=0 reordered=0"


def test_a_second_effect_is_a_duplicate():
    """The same business key twice is a duplicate, whatever id it came under."""
    journals = _journals()
    journals["a"].append({"what": "effect", "dossier": "D1", "event": "D1#1"})
    report = tally(journals)
    assert not report.holds
    assert report.total("duplicated") == 1


def test_a_missing_effect_is_lost():
    """What was accepted and never took effect is lost."""
    journals = _journals()
    del journals["a"][3]
    report = tally(journals)
    assert not report.holds
    assert report.total("lost") == 1


def test_effects_in_the_wrong_order_are_counted():
    """A later event that takes effect first is a reordering."""
    journals = _journals()
    journals["a"][1], journals["a"][3] = journals["a"][3], journals["a"][1]
    assert tally(journals).total("reordered") == 1


def test_the_portal_gets_what_a_ministry_states_in_order():
    """Results that overtake each other are a reordering."""
    journals = _journals()
    journals["portal"][-2], journals["portal"][-1] = journals["portal"][-1], journals["portal"][-2]
    assert tally(journals).total("reordered") == 1


def test_what_was_stated_while_another_was_repeated_has_no_order():
    """A receipt that was lost with its gateway comes with the repetition; what was stated meanwhile is no later."""
    journals = _journals()
    journals["portal"][0] |= {"begun": 1.0, "at": 9.0}
    journals["a"][1], journals["a"][3] = journals["a"][3], journals["a"][1]
    assert tally(journals).total("reordered") == 0
    assert tally(_journals() | {"portal": journals["portal"]}).total("reordered") == 0


def test_a_result_that_the_portal_never_got_fails_the_run():
    """Issued and not delivered back is lost."""
    journals = _journals()
    journals["portal"].pop()
    report = tally(journals)
    assert not report.holds
    assert report.line().endswith("results=0/1 lost=1 duplicated=0 reordered=0")


def test_a_withdrawn_dossier_that_was_never_sent_is_not_expected():
    """The portal was told relay.cancelled: the ministry must show nothing, and that is right."""
    journals = _journals()
    data = {"system": "a", "event_id": "m1"}
    cancelled = {**_got("D1", "", "relay.cancelled"), "source": "gateway", "data": data}
    journals["portal"] = [*journals["portal"][:3], cancelled]
    journals["a"] = []
    report = tally(journals)
    assert report.holds
    assert report.effects == (0, 0)
