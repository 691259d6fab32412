"""Throw-away values of the secrets that ``config/`` names: for gateways that only this machine reaches."""

from __future__ import annotations

import secrets
from base64 import b64encode


def sample_secrets() -> dict[str, str]:
    """Return them by the names of their environment variables; what signs is new each time."""
    return {
        "PORTAL_WEBHOOK_SECRET": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
        "DRIVER_LICENCE_USERNAME": "sample",
        "DRIVER_LICENCE_PASSWORD": "sample-only",
        "CIVIL_STATUS_KEY": "sample",
        "CIVIL_STATUS_SECRET": "sample-only",
        "NATIONAL_PORTAL_USERNAME": "sample",
        "NATIONAL_PORTAL_PASSWORD": "sample-only",
        "GATEWAY_LINK_KEY": secrets.token_urlsafe(32),
        "RESIDENCE_KEY": "sample-only",
        "HEALTH_INSURANCE_TOKEN": "sample-only",
        "ENTERPRISE_REGISTRY_CLIENT_ID": "sample",
        "ENTERPRISE_REGISTRY_CLIENT_SECRET": "sample-only",
    }
