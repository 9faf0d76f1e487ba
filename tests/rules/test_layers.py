"""The folders of the program import downwards only."""

import grimp
import pytest

ROOMS: dict[str, set[str]] = {
    "app.core": set(),
    "app.postgres": {"app.core"},
    "app.deploy": {"app.core", "app.postgres"},
    "app.mail": {"app.core"},
    "app.models": {"app.core"},
    "app.files": {"app.core", "app.models"},
    "app.web": {"app.core", "app.mail", "app.models", "app.files"},
    "app.api": {"app.core", "app.mail", "app.models", "app.web"},
    "worker": {"app.core", "app.mail"},
    "app.supervisor": {"app.core", "app.postgres", "app.deploy"},
    "app.status": {"app.core"},
    "app.doctor": {"app.core", "app.postgres", "app.deploy", "app.mail"},
    "app.demo": {"app.core", "app.postgres", "app.deploy", "app.mail"},
    "app.cli": {
        *("app.core", "app.postgres", "app.deploy", "app.mail", "app.web", "app.api", "worker"),
        *("app.supervisor", "app.demo", "app.doctor", "app.status"),
    },
}
"""Each room of the program, lowest first, and the rooms that its modules may import."""


def test_a_room_may_import_only_rooms_that_stand_above_it_in_the_table() -> None:
    """The table of rooms has no circle."""
    order = list(ROOMS)
    for position, (room, allowed) in enumerate(ROOMS.items()):
        assert allowed <= set(order[:position]), room


def test_an_import_inside_a_function_counts() -> None:
    """The command line imports the worker in the command that starts it, and the graph has that arrow."""
    assert "worker.main" in graph().find_modules_directly_imported_by("app.cli")


def test_every_module_is_in_a_room() -> None:
    """A new folder of `app` finds its place in the table, or this test fails."""
    assert [module for module in graph().modules if room_of(module) is None] == ["app"]


def test_no_import_climbs() -> None:
    """Every import goes to a room that the table allows, also one inside a function."""
    assert climbing(graph()) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("app.core.settings", "app.postgres.embedded"),
        ("app.mail.compose", "app.deploy.psql"),
        ("app.web.results", "app.api.problems"),
        ("app.api.routes.invoices", "worker.relances"),
        ("app.supervisor", "worker.main"),
        ("worker.tick", "app.api.metrics"),
    ],
)
def test_an_import_that_climbs_is_found(importer: str, imported: str) -> None:
    """One more import in the program as it stands, from a room to one above it or beside it."""
    imports = graph()
    imports.add_import(importer=importer, imported=imported)
    assert climbing(imports) == [f"{importer} imports {imported}"]


def graph() -> grimp.ImportGraph:
    """Read the imports of the program, those inside functions too."""
    return grimp.build_graph("app", "worker", cache_dir=None)


def climbing(imports: grimp.ImportGraph) -> list[str]:
    """Name the imports that the table of rooms does not allow."""
    arrows = [
        (importer, imported)
        for importer in sorted(imports.modules)
        for imported in sorted(imports.find_modules_directly_imported_by(importer))
    ]
    return [
        f"{importer} imports {imported}"
        for importer, imported in arrows
        if not may_import(room_of(importer), room_of(imported))
    ]


def room_of(module: str) -> str | None:
    """Name the room of a module; the package `app` itself has none."""
    return next((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), None)


def may_import(importer: str | None, imported: str | None) -> bool:
    """Tell whether a module of one room may import a module of the other."""
    return importer == imported or (importer is not None and imported in ROOMS[importer])
