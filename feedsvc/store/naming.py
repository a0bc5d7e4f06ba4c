"""How a person knows a store: without what only its server may know."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url

_HIDDEN = "***"

# What the options of libpq that are secret have in their names: password, sslpassword,
# oauth_client_secret. What is no option and looks like one is likely a mistyped one.
_SECRET = ("password", "passwd", "pwd", "secret", "token")


def show_url(url: URL | str) -> str:
    """Return a URL with every password in it hidden, those of its query as well."""
    parsed = make_url(url)
    secrets = [name for name in parsed.query if any(word in name.lower() for word in _SECRET)]
    shown = parsed.update_query_dict(dict.fromkeys(secrets, _HIDDEN)).render_as_string()
    # The query is quoted, and a person would have to read it.
    return shown.replace("%2A%2A%2A", _HIDDEN)
