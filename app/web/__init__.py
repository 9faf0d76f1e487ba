"""The result pages at WEB_URL: what a person sees after one click in a check-in mail.

The API answers a click with a redirect to `${WEB_URL}/checkin/<outcome>`. These pages tell that outcome
in French or English. They know no invoice, use no database, set no cookie and run no script, so they can
leak no data. `texts/` holds the words, `templates/` the one page, `static/` its style
and images.
"""

from app.web.server import create_app

__all__ = ["create_app"]
