"""How we show a partner who we are, as ``[options.auth]`` of its file says.

A login sends nothing of a dossier, so whatever becomes of it the dossier surely has not been taken.
"""

from gateway.sdk.auth.compiler import AuthCompiler
from gateway.sdk.auth.credentials import Auth, Fixed, LoginFailed

__all__ = ["Auth", "AuthCompiler", "Fixed", "LoginFailed"]
