"""What the door to the configuration reads and answers with."""

from __future__ import annotations

from msgspec import Struct

from gateway.ingress.bodies import ActBody, Body
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ports.configurations import Change


class FileEditBody(Struct, frozen=True, kw_only=True):
    """One file that differs: ``added``, ``changed`` or ``removed``."""

    name: str  #: the file, in its directory
    edit: str  #: added, changed, removed


class ChangeOfConfigurationBody(Body, frozen=True, kw_only=True):
    """What the files would change, or have changed; ``before`` is in force, ``after`` is in the directory."""

    before: str  #: the version in force
    after: str  #: the version in the directory
    files: tuple[FileEditBody, ...] = ()  #: the files that differ
    diff: str = ""  #: unified diff of the files, cut where it is long
    added: tuple[str, ...] = ()  #: systems that are new
    changed: tuple[str, ...] = ()  #: systems that are connected anew
    removed: tuple[str, ...] = ()  #: systems that are gone
    kept: tuple[str, ...] = ()  #: systems that go on as they are, with sessions and connections
    act: ActBody | None = None  #: who let it hold; once it was applied


class ApplyBody(ReasonedBody, frozen=True, kw_only=True):
    """The version that was looked at, and why it is to hold."""

    version: str  #: the version ``after`` that was looked at


def change_body(change: Change, act: ActBody | None = None) -> ChangeOfConfigurationBody:
    """Return a change as it is shown."""
    return ChangeOfConfigurationBody(
        before=change.before,
        after=change.after,
        files=tuple(FileEditBody(name=edit.name, edit=str(edit.edit)) for edit in change.edits),
        diff=change.diff,
        added=change.added,
        changed=change.changed,
        removed=change.removed,
        kept=change.kept,
        act=act,
    )
