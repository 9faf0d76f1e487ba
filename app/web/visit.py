"""One request of a person to the app, and what an area of pages is made of."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.core.callers import caller, client_address
from app.core.database import Database
from app.core.errors import ApiError
from app.core.limits import Limits
from app.core.security import token_hash
from app.core.settings import Settings
from app.core.text import Language
from app.web.forms import Form
from app.web.guard import is_looked_at, is_ours, is_utf8
from app.web.headers import APP_HEADERS, LINK_HEADERS
from app.web.language import negotiate, other
from app.web.rendering import render
from app.web.session import Sessions
from app.web.words import load_texts, say

log = structlog.get_logger(__name__)

Kind = Literal["done", "earned", "held", "refused"]
Handler = Callable[["Visit"], Awaitable[Response]]

_KINDS: dict[int, str] = {
    400: "refused",
    403: "foreign",
    404: "missing",
    405: "missing",
    409: "refused",
    413: "too_large",
    422: "refused",
    429: "too_many",
    503: "unavailable",
}
"""How a page says it, by status: a table of `texts/<language>/errors.toml`."""

_FOREIGN = ApiError(403, "request__foreign", "This form was not sent from our own page.")
_CHARSET = ApiError(400, "form__charset", "A form is sent in UTF-8.")
_REFUSED = {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


class _Id(Convertor[int]):
    """`{invoice_id:int}`: an id that no database has is no address. Starlette's own takes any length."""

    regex = "[0-9]{1,15}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("int", _Id())


@dataclass(frozen=True, slots=True)
class Site:
    """What all visits share."""

    settings: Settings
    database: Database
    limits: Limits
    sessions: Sessions


class Area:
    """Pages that belong together: their routes, their texts (`texts/<language>/<name>.toml`)."""

    def __init__(self, name: str, *, here: str | None = None) -> None:
        """`here`: the entry of the navigation that is current on these pages, if it is not the name."""
        self.name = name
        self.here = here or name
        self.routes: list[Route] = []
        self.most_bytes: dict[str, int] = {}
        """Of a path that takes larger bodies than others, such as files: how large."""

    def get(self, path: str, *, public: bool = False, link: bool = False) -> Callable[[Handler], Handler]:
        """Register a page. `public`: it is shown to who is not signed in, too.

        `link`: a mail leads to it, by a token in its address. It reads no session and runs no script.
        """
        return self._route(path, "GET", public=public, link=link)

    def post(self, path: str, *, public: bool = False, link: bool = False) -> Callable[[Handler], Handler]:
        """Register what a form does. It answers 303, or the form again with what was typed and 422."""
        return self._route(path, "POST", public=public, link=link)

    def _route(self, path: str, method: str, *, public: bool, link: bool) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            async def endpoint(request: Request) -> Response:
                visit = Visit(request, self, by_link=link)
                try:
                    if not is_ours(request, visit.site.settings.web_url):
                        return await visit.failed(_FOREIGN)
                    if not is_utf8(request):
                        return await visit.failed(_CHARSET)
                    if visit.token is None and not (public or link):
                        return visit.to_sign_in()
                    return await handler(visit)
                except ApiError as error:
                    return await visit.failed(error)

            self.routes.append(Route(path, endpoint, methods=[method], name=handler.__name__))
            return handler

        return register


class Visit:
    """One request: who asks, in which language, and how to answer."""

    def __init__(self, request: Request, area: Area, *, by_link: bool = False) -> None:
        """Read no more than the cookie, `by_link` not even that; nothing is asked of the database yet."""
        self.request = request
        self.area = area
        self.by_link = by_link
        self.site: Site = request.app.state.site
        self.token = None if by_link else self.site.sessions.read(request)
        self._frame: dict[str, Any] | None = None

    def of(self, area: Area) -> "Visit":
        """The same visit, shown by another area's page."""
        self.area = area
        return self

    @cached_property
    def address(self) -> str:
        """Who calls, as the limits of attempts see it."""
        return client_address(self.request)

    @property
    def negotiated(self) -> Language:
        """The language of who is not known yet: by `?lang=`, or what the browser asks for."""
        accepted = ",".join(self.request.headers.getlist("accept-language"))
        return negotiate(accepted, self.request.query_params.get("lang"))

    @property
    def language(self) -> Language:
        """The user's language, once the frame is known."""
        if self._frame is None:
            return self.negotiated
        known: Language = self._frame["user"]["locale"]
        return known

    @property
    def texts(self) -> dict[str, Any]:
        """The words of these pages, in the user's language."""
        return load_texts(self.language, self.area.name)

    @property
    def query(self) -> dict[str, str]:
        """The address's query, each name once; empty values are left out."""
        return {name: value for name, value in self.request.query_params.items() if value.strip()}

    def path_id(self, name: str) -> int:
        """An id of the path, such as `{invoice_id:int}`."""
        number: int = self.request.path_params[name]
        return number

    @property
    def access(self) -> bytes:
        """The hash of this session's token: the right of who is signed in."""
        assert self.token is not None
        return token_hash(self.token)

    async def call(self, function: str, /, **params: Any) -> Any:
        """Call a stored function as the person of this session. Raises ApiError."""
        return await self.site.database.call(function, self.access, **params)

    async def form(self) -> Form:
        """The form that was posted, in the user's language."""
        await self.frame()
        return await Form.read_from(self.request, self.language)

    async def frame(self) -> dict[str, Any] | None:
        """What surrounds every page (`api.open_page`); None for who is not signed in."""
        if self._frame is None and self.token is not None:
            frame = await self.call("api.open_page", **caller(self.request))
            if frame["message"] is not None and not is_looked_at(self.request):
                # This answer is not read: the next page says it.
                await self.call("api.leave_message", message=frame["message"])
                frame["message"] = None
            self._frame = frame
        return self._frame

    async def known(self) -> dict[str, Any]:
        """The frame of who is signed in: `{user, organization, now, message, slides}`."""
        frame = await self.frame()
        assert frame is not None
        return frame

    @property
    def now(self) -> datetime:
        """The moment, in the organization's zone; UTC for who is not signed in."""
        zone: tzinfo = UTC
        if self._frame is None:
            return datetime.now(zone)
        try:
            zone = ZoneInfo(self._frame["organization"]["time_zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            log.warning("time_zone_unknown_here")
        return datetime.fromisoformat(self._frame["now"]).astimezone(zone)

    async def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a page. Beside `values` its template is given the frame, the texts and the moment."""
        frame = await self.frame()
        page = render(template, self._context(frame) | values)
        return self._kept(HTMLResponse(page, status, headers=self._headers()))

    def redirect(self, to: str) -> Response:
        """Answer with 303: the browser shows this page of ours next."""
        return self._kept(RedirectResponse(to, 303, headers=self._guards))

    def _kept(self, response: Response) -> Response:
        """An answer that has the browser keep its cookie for as long as the session now lasts."""
        if self._frame is not None and self._frame["slides"] and self.token is not None:
            self.site.sessions.keep(response, self.token)
        return response

    async def done(self, to: str, message: str, /, *, kind: Kind = "done", **values: Any) -> Response:
        """Answer a form with 303; the next page says `[flash] <message>` of the area's texts, once.

        `values` fill the text in; they are JSON. `kind` is how it looks; with `earned` a gem shows.
        """
        note = {"area": self.area.name, "text": message, "values": values, "kind": kind}
        await self.call("api.leave_message", message=note)
        return self.redirect(to)

    def back(self, form: Form, default: str) -> str:
        """Where a form says it came from (`back`), if that is a page of ours; else `default`."""
        return local_path(form.text("back")) or default

    def to_sign_in(self) -> Response:
        """Ask to sign in first, then show this page; what a form would have done is not done."""
        asked = self.request.url
        to = asked.path + (f"?{asked.query}" if asked.query else "") if self.request.method == "GET" else "/"
        response = self.redirect("/sign-in" + (f"?{urlencode({'next': to})}" if to != "/" else ""))
        if self.token is not None:
            self.site.sessions.forget(response)
        return response

    async def failed(self, error: ApiError) -> Response:
        """Answer with a page that says what went wrong. Who is not signed in any more may sign in."""
        self.request.scope["reason"] = error.reason
        if error.status == HTTPStatus.UNAUTHORIZED:
            return self.to_sign_in()
        kind = _KINDS.get(error.status, "internal")
        frame = self._frame
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            with suppress(ApiError):
                frame = await self.frame()
        context = self._context(frame)
        texts = load_texts(self.language, "errors")
        detail = Form({}, self.language).words(error) if error.status in _REFUSED else None
        page = render("error.html", context | {"page": texts[kind], "detail": detail})
        headers = self._headers()
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        return self._kept(HTMLResponse(page, error.status, headers=headers))

    @property
    def _guards(self) -> dict[str, str]:
        return LINK_HEADERS if self.by_link else APP_HEADERS

    def _headers(self) -> dict[str, str]:
        return self._guards | {"Content-Language": self.language, "Vary": "Accept-Language, Cookie"}

    def _context(self, frame: dict[str, Any] | None) -> dict[str, Any]:
        """What every template of the app may use."""
        language = self.language
        return {
            "language": language,
            "other_language": other(language),
            "t": self.texts,
            "c": load_texts(language, "common"),
            "frame": frame and frame | {"rubis": frame["organization"]["rubis"]},
            "now": self.now,
            "here": self.area.here,
            "path": self.request.url.path,
            "script": not self.by_link,
            "flash": _flash(frame["message"], language) if frame else None,
        }


def _flash(message: dict[str, Any] | None, language: Language) -> dict[str, Any] | None:
    """What has just happened, in words. An upgrade since may have dropped the text: then nothing is said."""
    if message is None:
        return None
    try:
        text = load_texts(language, message["area"])["flash"][message["text"]]
        return {"words": say(text, **message["values"]), "kind": message["kind"]}
    except (KeyError, FileNotFoundError):
        log.warning("message_unknown", area=message.get("area"), text=message.get("text"))
        return None


def local_path(path: str | None) -> str | None:
    """A path with its query on this site, or None: browsers take `//` and a backslash for another site."""
    if not path or not path.startswith("/") or path.startswith("//"):
        return None
    return path if "\\" not in path and path.isprintable() else None
