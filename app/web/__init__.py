"""The web app at WEB_URL, and the pages that the links of mails lead to.

The app is server-rendered: `pages/<area>.py` calls stored functions by name and renders a template of
`templates/<area>/` with the words of `texts/<language>/<area>.toml`. Everything works without a script.
The result pages (`results.py`: `${WEB_URL}/checkin/<outcome>`) know no invoice, use no database, set no
cookie and run no script, so they can leak no data.
"""

from app.web.server import create_app

__all__ = ["create_app"]
