"""Who asks, as the proxy vouches for it: a signed header with an expiry. Nobody else is let in."""

import base64
import hashlib
import hmac
import json
import time

from jupyter_server.auth import IdentityProvider, User

HEADER = "X-Atrium-Identity"
_LIFE_SECONDS_MAX = 300  # The proxy signs for a minute; a longer promise is none of its own.
_CLOCK_SECONDS = 5  # Both clocks are the same machine's.


def verify(key: bytes, header: str | None, now: float) -> dict | None:
    """The claims of `base64url(claims).hex(hmac)`; None for anything else, in a time that tells nothing of the signature."""
    payload, _, signature = (header or "").partition(".")
    expected = hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expires = float(claims["expiresSeconds"])
    except (ValueError, KeyError, TypeError):
        return None
    return claims if now - _CLOCK_SECONDS < expires < now + _LIFE_SECONDS_MAX else None


class ProxiedIdentityProvider(IdentityProvider):
    """Takes the proxy's word; there is neither a token nor a password that could stand in a page."""

    key: bytes = b""
    """Set before the server starts."""
    owner: str = ""
    """Whose server this is: nobody else comes in, whoever vouches for them."""

    def get_user(self, handler):
        claims = verify(self.key, handler.request.headers.get(HEADER), time.time())
        if claims is None or claims.get("user") != self.owner:
            return None
        # Programs send a token to the proxy, which no page can make a browser do: they need no proof against forged requests.
        handler._token_authenticated = claims.get("by") == "token"
        name = str(claims.get("name") or self.owner)
        return User(username=self.owner, name=name, display_name=name)

    @property
    def auth_enabled(self) -> bool:
        return True

    @property
    def login_available(self) -> bool:
        return False

    @property
    def logout_available(self) -> bool:
        return False

    def validate_security(self, app, ssl_options=None):
        """A socket for its owner alone, and a header that is signed, need no warning about plain HTTP."""
