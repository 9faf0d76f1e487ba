"""What holds for every address of the app, each found in its areas: strangers, other sites, other tenants.

A new page is walked by these tests without being named here. A new kind of parameter in an address is not: it
fails until `PARAMETERS` or `World` knows a value.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor
from starlette.routing import Route

from app.web.headers import APP_HEADERS, LINK_HEADERS
from app.web.server import AREAS
from tests.support.app import App, Visitor, serving_app
from tests.support.database import Database, Server, grant_create
from tests.support.injection import STRINGS
from tests.support.line import Connections
from tests.support.world import World

ROUTES = [route for area in AREAS for route in area.routes]
GETS = [route for route in ROUTES if "GET" in (route.methods or ())]
POSTS = [route for route in ROUTES if "POST" in (route.methods or ())]
PUBLIC = {
    "/",
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/forgot-password",
    "/reset-password/{token}",
    "/email-change/{token}",
}
"""What is shown to who is not signed in."""

ENDING = {
    "/sign-out",
    "/sign-out-elsewhere",
    "/settings/account/sessions/{session_id:uuid}/end",
}
"""What ends sessions, which other walks need."""

PARAMETERS = {"token": "A" * 43, "tone": "firm", "kind": "question", "name": "nothing"}
"""Values of parameters that are no ids."""

FIELDS = {
    "q": "x",
    "back": "//evil.example/",
    "next": "//evil.example/",
    "until": "2030-01-31",
    "answer": "paid",
    "reason": "promised",
    "view": "open",
}
"""Something for the fields that forms may ask for; unknown ones are ignored."""

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@dataclass
class Ground:
    """Two organizations, the app over their database, the first one's user in it."""

    database: Database
    world: World
    app: App
    visitor: Visitor
    pages: list[str] = field(default_factory=list)
    """Every page of the app, once for all walks."""


@pytest.fixture(scope="module")
def ground(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """A row in every table, in a database that these walks share."""
    with (
        server.empty_database("rubis_routes", template=str(template.template_dbname)) as conninfo,
        ExitStack() as cleanup,
    ):
        with psycopg.connect(conninfo) as connection:
            grant_create(connection)
        database = Database(server, "rubis_routes", cleanup, tmp_path_factory.mktemp("routes"))
        line = Connections(database)
        cleanup.callback(line.close)
        world = World(line)
        with serving_app(database) as app:
            ground = Ground(database, world, app, app.user(world.mine))
            ground.pages += [ground.visitor.get(address(route, world, foreign=False)).html for route in GETS]
            yield ground


_TEXTS = """
select c.table_name, c.column_name
  from information_schema.columns as c
  join information_schema.tables as t using (table_schema, table_name)
 where c.table_schema = 'rubis' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
   and c.domain_name in ('name', 'line') and c.table_name = any (%s)
"""


def write_everywhere(database: Database, tables: list[str], organization_id: int, text: str) -> int:
    """Write this behind every name and line that an organization has in these tables; how many columns."""
    admin = database.admin
    columns = admin.rows(_TEXTS, [tables])
    admin.execute("set session_replication_role = replica")
    for column in columns:
        name = column["column_name"]
        admin.execute(
            f"update rubis.{column['table_name']} set {name} = left({name}, 100) || %s"
            " where organization_id = %s",
            [text, organization_id],
        )
    admin.execute("set session_replication_role = default")
    return len(columns)


def address(route: Route, world: World, *, foreign: bool) -> str:
    """An address of a route, with ids of the user's own organization or of the other."""
    owner = world.other if foreign else world.mine

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.endswith("_id"):
            return str(world.newest(owner, {"user_id": "app_user"}.get(name, name.removesuffix("_id"))))
        return PARAMETERS[name]

    return re.sub(r"\{(\w+)(?::\w+)?\}", value, route.path)


def names(route: Route) -> str:
    """What a test of a route is called."""
    return f"{'POST' if 'POST' in (route.methods or ()) else 'GET'} {route.path}"


@pytest.mark.parametrize("route", GETS, ids=names)
def test_a_page_is_guarded_and_shows_only_what_is_ones_own(ground: Ground, route: Route) -> None:
    """A stranger is asked to sign in; every answer has the strict headers; no other tenant shows."""
    path = address(route, ground.world, foreign=False)
    stranger = ground.app.visitor().get(path)
    if route.path in PUBLIC:
        assert stranger.status == 200
    else:
        assert (stranger.status, stranger.to.partition("?")[0]) == (303, "/sign-in")

    page = ground.visitor.get(path)
    assert page.status in (200, 303), page.text
    for answer in (stranger, page):
        for name, value in (LINK_HEADERS if "{token}" in route.path else APP_HEADERS).items():
            assert answer.response.headers[name] == value
    assert "Voisin" not in page.html
    assert ground.world.other.email not in page.html
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page.html)
    assert len(re.findall("<script", page.html)) <= 1


@pytest.mark.parametrize("route", GETS, ids=names)
def test_a_page_of_another_tenant_is_not_there(ground: Ground, route: Route) -> None:
    """An id of another organization is answered as one that does not exist."""
    if "_id" in route.path:
        assert ground.visitor.get(address(route, ground.world, foreign=True)).status == 404


@pytest.mark.parametrize("route", GETS, ids=names)
def test_a_page_takes_any_query(ground: Ground, route: Route) -> None:
    """What means something to SQL, templates and shells is a text here, or refused; no answer is a fault."""
    path = address(route, ground.world, foreign=False)
    given = set(re.findall(r'name="(\w+)"', ground.visitor.get(path).html)) | {
        *FIELDS,
        "cursor",
        "sort",
        "lang",
    }
    for text in (*STRINGS[::3], HOSTILE, "\x00", "9" * 30, "-1", "é" * 300):
        page = ground.visitor.get(path, **dict.fromkeys(given, text))
        assert page.status < 500, (text, page.text)
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html


@pytest.mark.parametrize("route", POSTS, ids=names)
def test_a_form_is_taken_from_our_own_pages_and_our_own_people(ground: Ground, route: Route) -> None:
    """Another site's form is refused; a stranger's does nothing but ask to sign in."""
    path = address(route, ground.world, foreign=False)
    before = ground.world.rows_of(ground.world.mine)
    for sent in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {}):
        assert ground.visitor.post(path, sent, **FIELDS).status == 403
    if route.path not in PUBLIC:
        stranger = ground.app.visitor().post(path, **FIELDS)
        assert (stranger.status, stranger.to.partition("?")[0]) == (303, "/sign-in")
    assert ground.world.rows_of(ground.world.mine) == before


@pytest.mark.parametrize("route", POSTS, ids=names)
def test_a_form_reaches_no_other_tenant_and_no_other_site(ground: Ground, route: Route) -> None:
    """With ids of another organization nothing of it changes; `back` and `next` lead to no other site."""
    before = ground.world.rows_of(ground.world.other)
    if "_id" in route.path:
        answer = ground.visitor.post(address(route, ground.world, foreign=True), **FIELDS)
        assert answer.status in (404, 422), answer.text
    if route.path not in ENDING:
        own = ground.visitor.post(address(route, ground.world, foreign=False), **FIELDS)
        assert own.status < 500, own.text
        assert "evil.example" not in own.to
    assert ground.world.rows_of(ground.world.other) == before


@pytest.mark.parametrize("route", POSTS, ids=names)
def test_a_form_takes_anything(ground: Ground, route: Route) -> None:
    """No text in any field is a fault of ours, and none comes back as markup."""
    if route.path in ENDING:
        return
    path = address(route, ground.world, foreign=False)
    fields = {name for page in ground.pages for name in re.findall(r'name="([\w.\[\]-]+)"', page)}
    for text in (HOSTILE, "\x00", "9" * 30, STRINGS[0]):
        answer = ground.visitor.post(path, **dict.fromkeys(sorted(fields | set(FIELDS)), text))
        assert answer.status < 500, (text, answer.text)
        assert "<script>alert" not in answer.html


def test_no_stored_text_becomes_markup(ground: Ground) -> None:
    """Whatever a name, a number, a reason or a label holds, a page shows it as it is."""
    written = write_everywhere(
        ground.database, ground.world.tables, ground.world.mine.organization_id, HOSTILE
    )
    assert written >= 10

    shown = 0
    for route in GETS:
        page = ground.visitor.get(address(route, ground.world, foreign=False))
        assert page.status in (200, 303), (route.path, page.text)
        assert "<script>alert" not in page.html, route.path
        assert "<img src=x" not in page.html, route.path
        shown += "&lt;script&gt;alert" in page.html
    assert shown > len(GETS) / 2
