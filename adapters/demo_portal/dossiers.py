"""Invented dossiers for the province's 24 services: realistic in shape, nobody's data."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))

_FAMILY = ("Lò", "Quàng", "Cà", "Tòng", "Nguyễn", "Hoàng", "Vì", "Giàng", "Mùa", "Đinh")
_MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Xuân", "Thu")
_GIVEN = ("Hương", "Dũng", "Thưởng", "Phượng", "Kiên", "Yến", "Sơn", "Huệ", "Đạt", "Nghĩa")
_WARDS = (("03646", "Phường Tô Hiệu"), ("03661", "Xã Chiềng Ngần"), ("04105", "Xã Mộc Sơn"), ("03979", "Xã Phù Yên"))
_LARGE = 12  #: beside what the portal does to others of twenty; the 24 services leave it four of 240
_TIERS = {"province": "H52.12", "district": "H52.31", "commune": "H52.101"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One of the province's services."""

    code: str
    name: str
    tier: str
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One dossier to hand over."""

    number: int
    code: str
    service: Service
    files: tuple[int, ...]  #: sizes in bytes
    body: dict[str, object]  #: the dossier; the ids of its files are put in when they are uploaded


def samples(services: list[Service], count: int, seed: int, now: datetime) -> list[Sample]:
    """Return ``count`` dossiers, spread evenly over the services."""
    chance = random.Random(seed)  # noqa: S311 - reproducible samples, no secrets
    return [_sample(number, services[(number - 1) % len(services)], chance, now) for number in range(1, count + 1)]


def _sample(number: int, service: Service, chance: random.Random, now: datetime) -> Sample:
    day = now.astimezone(VIETNAM)
    unit = _TIERS[service.tier]
    code = f"{unit}-{day:%y%m%d}-{number:04d}"
    return Sample(
        number=number,
        code=code,
        service=service,
        files=_files(number, service, chance),
        body=_body(code, service, unit, chance, day),
    )


def _files(number: int, service: Service, chance: random.Random) -> tuple[int, ...]:
    """Every third dossier has a file; every twentieth one of 5 MB, where the partner fetches it by address."""
    if service.systems == ("driver_licence",) and number % 20 == _LARGE:
        return (5_000_000,)
    return (chance.randrange(20_000, 300_000),) if number % 3 == 0 else ()


def _body(code: str, service: Service, unit: str, chance: random.Random, day: datetime) -> dict[str, object]:
    name = " ".join((chance.choice(_FAMILY), chance.choice(_MIDDLE), chance.choice(_GIVEN)))
    return {
        "code": code,
        "procedure": {"code": service.code, "name": service.name},
        "receiving_unit": {"code": unit, "name": "Bộ phận Tiếp nhận và Trả kết quả", "tier": service.tier},
        "owner": _owner(name, chance),
        "summary": f"{service.name} cho {name}",
        "submitted_at": day.isoformat(timespec="seconds"),
        "due_at": (day + timedelta(days=7)).isoformat(timespec="seconds"),
        "form": {
            "schema": "to-khai-mau",
            "version": "1",
            "media_type": "application/xml",
            "data": f"<toKhai><hoTen>{name}</hoTen><noiDung>Đề nghị giải quyết theo quy định</noiDung></toKhai>",
        },
    }


def _owner(name: str, chance: random.Random) -> dict[str, object]:
    ward, ward_name = chance.choice(_WARDS)
    return {
        "name": {"whole": name},
        "identities": [{"type": "1", "number": f"014{chance.randrange(10**9):09d}"}],
        "phone": f"09{chance.randrange(10**8):08d}",
        "addresses": [{"province": "14", "ward": ward, "detail": f"Tổ {chance.randrange(1, 12)}, {ward_name}"}],
    }


def pdf(size: int, seed: int) -> bytes:
    """Return a file that begins and ends as a PDF does, of about this many bytes."""
    head, tail = b"%PDF-1.7\n% sample, nobody's data\n", b"\n%%EOF\n"
    return head + random.Random(seed).randbytes(max(size - len(head) - len(tail), 0)) + tail  # noqa: S311 - as above
