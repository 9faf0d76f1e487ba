"""Which rows a stored function locks, in what order, read from the bodies in the catalogue.

A function's locks are those of its statements and of what it calls; a statement that writes a table runs
the triggers of that table too. Branches are taken one after the other, as they stand in the text, but for the
results of a `case`: one of them is computed.

`rubis.planning` has an end of its own: who holds it alone waits for nothing more, so to share it is never
part of a circle, whatever is held.
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


_ALONE = "planning, alone"


@dataclass(frozen=True)
class Lock:
    """Rows of one table locked: waiting for their holder, or not; by a lock clause, or by a write; shared."""

    table: str
    waits: bool = True
    by_clause: bool = False
    shared: bool = False


@dataclass(frozen=True)
class Choice:
    """The results of a `case`: the events of each, of which one happens."""

    results: "tuple[list[Event], ...]"


Event = Lock | Choice | str
"""A lock, a choice, or the name of a function that is called."""


@dataclass
class Code:
    """The functions and triggers of one database."""

    bodies: dict[str, str]
    triggers: dict[tuple[str, str], list[str]]
    places: dict[str, int]
    spared: set[str]
    found: set[str] = field(default_factory=set)

    def check(self, events: list[Event], held: list[str], path: tuple[str, ...]) -> None:
        """Follow the events with the tables held so far; what waits against the order goes to `found`."""
        for event in events:
            if isinstance(event, str):
                if event in self.bodies and event not in path:
                    self.check(self.events(event), held, (*path, event))
            elif isinstance(event, Choice):
                ends = []
                for result in event.results:
                    ends.append([*held])
                    self.check(result, ends[-1], path)
                held += dict.fromkeys(table for end in ends for table in end if table not in held)
            elif event.table not in held and event.table in self.places:
                self._take(event, held, path)

    def _take(self, lock: Lock, held: list[str], path: tuple[str, ...]) -> None:
        before = [table for table in held if self.places.get(table, 0) > self.places[lock.table]]
        is_planning = lock.table == "planning"
        if lock.waits and _ALONE in held:
            before = before or ["planning"]
        elif is_planning and lock.shared:
            before = []
        if before and lock.waits:
            self.found.add(f"{' > '.join(path)}: {lock.table} after {', '.join(before)}")
        held.append(lock.table)
        if is_planning and not lock.shared:
            held.append(_ALONE)

    def events(self, function: str) -> list[Event]:
        """What a function does, in the order of its text: locks, and names of functions called."""
        body = re.sub(r"--[^\n]*", "", self.bodies[function])
        return [
            event
            for statement in body.split(";")
            for event in self._statement(statement, spared=function in self.spared)
        ]

    def written(self, table: str, event: str) -> list[Event]:
        """What a plain statement on a table does: its own lock, and the functions of its triggers."""
        own: list[Event] = [] if event == "insert" else [Lock(table)]
        return own + list(self.triggers.get((table, event), []))

    def _statement(self, text: str, *, spared: bool) -> list[Event]:
        placed: list[tuple[int, list[Event]]] = []
        into = ""
        for match in _EVENT.finditer(text):
            place, events = match.start(), list[Event]()
            if match["called"]:
                place, events = _closing(text, match.end()), [f"{match['schema']}.{match['called']}"]
            elif match["written"]:
                into = match["written"]
                events = self.written(into, match["verb"].partition(" ")[0])
            elif match["upsert"]:
                events = self.written(into, "update")
            elif not spared:
                tables = _locked(text[: match.start()], match["aliases"])
                events = [
                    Lock(table, waits=not match["skip"], by_clause=True, shared=match["strength"] == "share")
                    for table in tables
                ]
            placed.append((place, events))
        for start, end, results in _cases(text):
            inside = [(place, events) for place, events in placed if start <= place < end]
            choice = Choice(
                tuple(
                    [
                        event
                        for place, events in sorted(inside, key=_place)
                        if lo <= place < hi
                        for event in events
                    ]
                    for lo, hi in results
                )
            )
            if sum(map(bool, choice.results)) > 1:
                chosen = [
                    (place, events) for place, events in inside if any(lo <= place < hi for lo, hi in results)
                ]
                placed = [pair for pair in placed if pair not in chosen] + [(end, [choice])]
        return [event for _, events in sorted(placed, key=_place) for event in events]


def _place(pair: tuple[int, list[Event]]) -> int:
    return pair[0]


def _cases(text: str) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Where each outermost `case` of a statement starts and ends, and where each of its results does."""
    cases = []
    depth, start, since, results = 0, 0, 0, list[tuple[int, int]]()
    for word in re.finditer(r"\b(case|when|then|else|end)\b", text):
        if word[1] == "case":
            depth += 1
            if depth == 1:
                start, since, results = word.start(), 0, []
        elif depth == 1:
            if since and word[1] in ("when", "else", "end"):
                results.append((since, word.start()))
            since = word.end() if word[1] in ("then", "else") else 0
            if word[1] == "end":
                cases.append((start, word.end(), results))
                depth = 0
        elif word[1] == "end" and depth:
            depth -= 1
    return cases


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
    # What comes from a list made before has no `from` of ours, only joins.
    start = max((i for i, (word, _, _) in enumerate(sources) if word == "from"), default=0)
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
