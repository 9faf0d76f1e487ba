"""Which rows a stored function locks, in what order, read from the bodies in the catalogue.

A function's locks are those of its statements and of what it calls; a statement that writes a table runs
the triggers of that table too. Branches are taken one after the other, as they stand in the text.
"""

import re
from dataclasses import dataclass, field

from tests.support.session import Session

_EVENT = re.compile(
    r"\b(?P<schema>rubis|api|worker)\.(?P<called>\w+)\("
    r"|\b(?P<verb>update|delete from|insert into) rubis\.(?P<written>\w+)"
    r"|\bfor (?P<strength>no key update|update|share)\b(?: of (?P<aliases>\w+(?:, \w+)*))?"
    r"(?P<skip> skip locked)?"
    r"|\bdo (?P<upsert>update)\b"
)
_SOURCE = re.compile(r"\b(from|join) rubis\.(\w+)(?: as (\w+))?")


@dataclass(frozen=True)
class Lock:
    """Rows of one table locked: waiting for their holder, or not; by a lock clause, or by a write."""

    table: str
    waits: bool = True
    by_clause: bool = False


@dataclass
class Code:
    """The functions and triggers of one database."""

    bodies: dict[str, str]
    triggers: dict[tuple[str, str], list[str]]
    places: dict[str, int]
    spared: set[str]
    found: set[str] = field(default_factory=set)

    def check(self, events: list["Lock | str"], held: list[str], path: tuple[str, ...]) -> None:
        """Follow the events with the tables held so far; what waits against the order goes to `found`."""
        for event in events:
            if isinstance(event, str):
                if event in self.bodies and event not in path:
                    self.check(self.events(event), held, (*path, event))
            elif event.table not in held and event.table in self.places:
                before = [table for table in held if self.places[table] > self.places[event.table]]
                if before and event.waits:
                    self.found.add(f"{' > '.join(path)}: {event.table} after {', '.join(before)}")
                held.append(event.table)

    def events(self, function: str) -> list["Lock | str"]:
        """What a function does, in the order of its text: locks, and names of functions called."""
        body = re.sub(r"--[^\n]*", "", self.bodies[function])
        return [
            event
            for statement in body.split(";")
            for event in self._statement(statement, spared=function in self.spared)
        ]

    def written(self, table: str, event: str) -> list["Lock | str"]:
        """What a plain statement on a table does: its own lock, and the functions of its triggers."""
        own: list[Lock | str] = [] if event == "insert" else [Lock(table)]
        return own + list(self.triggers.get((table, event), []))

    def _statement(self, text: str, *, spared: bool) -> list["Lock | str"]:
        placed: list[tuple[int, list[Lock | str]]] = []
        into = ""
        for match in _EVENT.finditer(text):
            place, events = match.start(), list[Lock | str]()
            if match["called"]:
                place, events = _closing(text, match.end()), [f"{match['schema']}.{match['called']}"]
            elif match["written"]:
                into = match["written"]
                events = self.written(into, match["verb"].partition(" ")[0])
            elif match["upsert"]:
                events = self.written(into, "update")
            elif not spared:
                tables = _locked(text[: match.start()], match["aliases"])
                events = [Lock(table, waits=not match["skip"], by_clause=True) for table in tables]
            placed.append((place, events))
        return [event for _, events in sorted(placed, key=lambda pair: pair[0]) for event in events]


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that is open at `start` ends: a function runs after its arguments."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


def _locked(before: str, aliases: str | None) -> list[str]:
    """The tables of the select that a lock clause ends, or those of its aliases."""
    depth, inside = 0, list[str]()
    for character in reversed(before):
        depth += {")": 1, "(": -1}.get(character, 0)
        if depth < 0:
            break
        inside.append(character if depth == 0 else " ")
    sources = [(m[1], m[2], m[3]) for m in _SOURCE.finditer("".join(reversed(inside)))]
    start = max(i for i, (word, _, _) in enumerate(sources) if word == "from")
    tables = {alias or table: table for _, table, alias in sources[start:]}
    return [tables[alias] for alias in aliases.split(", ")] if aliases else list(tables.values())


def read_code(tx: Session) -> Code:
    """What the catalogue says."""
    cards = tx.rows("select schema, name, body from audit.function_cards")
    triggers: dict[tuple[str, str], list[str]] = {}
    for row in tx.rows(
        "select table_name, events, function from audit.trigger_map order by table_name, place"
    ):
        for event in row["events"].split(" or "):
            triggers.setdefault((row["table_name"], event), []).append(row["function"])
    order = tx.rows("select table_name, place from audit.lock_order")
    spared = tx.rows("select object from audit.exceptions where rule = 'rule_lock_strength'")
    return Code(
        bodies={f"{card['schema']}.{card['name']}": card["body"] for card in cards},
        triggers=triggers,
        places={row["table_name"]: row["place"] for row in order},
        spared={row["object"] for row in spared},
    )


def against_the_order(tx: Session) -> set[str]:
    """Every way in which a call of the API, of the worker or a DBA's statement waits against the order."""
    code = read_code(tx)
    for function in code.bodies:
        if function.startswith(("api.", "worker.")):
            code.check([function], [], ())
    for table in code.places:
        for event in ("insert", "update", "delete"):
            code.check(code.written(table, event), [], (f"{event} {table}",))
    return code.found


def locked_tables(tx: Session) -> set[str]:
    """The tables whose rows a lock clause of some function locks."""
    code = read_code(tx)
    events = [event for function in code.bodies for event in code.events(function)]
    return {event.table for event in events if isinstance(event, Lock) and event.by_clause}
