"""Alerts, dashboard and documentation speak of metrics that exist, and every alert says what to do."""

import asyncio
import json
import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from pytest_postgresql.executors import NoopExecutor

from app.core.settings import Settings
from app.mail.outbox import read_outbox
from tests.api.support import serving
from tests.support.database import Server
from tests.support.exposition import Exposition, look
from tests.support.ports import free_port, wait_for_port
from tests.support.shared import shared_database
from tests.support.waiting import until
from worker.main import run

DOCS = Path(__file__).parents[2] / "docs"
RULES = [
    rule
    for group in yaml.safe_load((DOCS / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = json.loads((DOCS / "grafana/rubis.json").read_text())["panels"]
OPERATIONS = (DOCS / "operations.md").read_text()

# Prometheus' own: a metric and labels that every series has.
UP = "up"
EVERYWHERE = {"job", "instance", "le"}
FUNCTIONS = {
    *("absent", "count", "histogram_quantile", "increase", "max", "min", "rate", "sum", "topk"),
    *("by", "and", "or", "unless", "on", "ignoring"),
}
DURATION = r"\[(?:\d+[smhd]|\$__rate_interval)\]"


class Query(NamedTuple):
    """An expression, where it stands, and what it names."""

    where: str
    expression: str
    metrics: set[str]
    labels: set[str]


def read_query(where: str, expression: str) -> Query:
    """Read what PromQL names. Raises AssertionError on what is none of metric, label, function or number."""
    rest = re.sub(r"\"(?:[^\"\\]|\\.)*\"", '""', expression)
    labels = set()
    for matchers in re.findall(r"\{([^}]*)\}", rest):
        for matcher in filter(None, matchers.split(",")):
            found = re.fullmatch(r"\s*([a-z_]+)\s*(?:=|!=|=~|!~)\s*\"\"\s*", matcher)
            assert found, f"{where}: {matcher}"
            labels.add(found[1])
    rest = re.sub(r"\{[^}]*\}", "", rest)
    for grouped in re.findall(r"\b(?:by|on|ignoring) \(([^)]*)\)", rest):
        labels |= {label.strip() for label in grouped.split(",")}
    rest = re.sub(r"\b(?:by|on|ignoring) \([^)]*\)", "", rest)
    rest = re.sub(DURATION, "", rest)
    assert rest.count("(") == rest.count(")"), where
    words = set(re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*", rest))
    leftover = re.sub(r"[A-Za-z_:][A-Za-z0-9_:]*|\d+(?:\.\d+)?|[-+*/(),\s]|[=!]=|[<>]=?", "", rest)
    assert leftover == "", f"{where}: {leftover!r}"
    return Query(where, expression, words - FUNCTIONS, labels)


QUERIES = [read_query(rule["alert"], rule["expr"]) for rule in RULES] + [
    read_query(panel["title"], target["expr"]) for panel in PANELS for target in panel.get("targets", [])
]


def documented() -> dict[str, set[str]]:
    """The metrics of the lists in docs/operations.md, with their labels."""
    section = OPERATIONS.partition("\n## Metrics and alerts\n")[2].replace("\n  ", " ")
    items = re.findall(r"^- ((?:`rubis_\w+`(?:, )?)+)(?:by ((?:`\w+`(?:, )?)+))?:", section, re.MULTILINE)
    return {
        name: set(re.findall(r"`(\w+)`", labels))
        for names, labels in items
        for name in names.split("`")[1::2]
    }


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """A worker in a thread of its own."""
    started: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def work() -> None:
        stop = asyncio.Event()
        started.put((asyncio.get_running_loop(), stop))
        await run(settings, stop)

    thread = threading.Thread(target=asyncio.run, args=[work()], name="worker")
    thread.start()
    loop, stop = started.get(timeout=60)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture(scope="module")
def shown(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exposition]:
    """What the API and a worker show, once somebody has had a mail and clicked."""
    folder = tmp_path_factory.mktemp("monitoring")
    ports = {"api": free_port(), "worker": free_port()}
    changes: dict[str, Any] = {f"{name}_metrics_port": port for name, port in ports.items()}
    with (
        shared_database(server, template, "rubis_monitoring", folder) as database,
        serving(database, **changes) as api,
        working(database.settings(**changes, app_url=api.url, tick_seconds=0.1)),
    ):
        wait_for_port(ports["worker"])
        api.register().invoice(issued_on="2026-01-02", due_on="2026-02-01")
        database.clock.advance(minutes=2)
        outbox = api.settings.outbox_dir
        (mail,) = until(lambda: list(read_outbox(outbox)) or None, "no mail")
        (link,) = re.findall(r"^http\S+/paid$", mail.text, re.MULTILINE)
        until(lambda: look(ports["worker"]).total("rubis_mails_total", class_="sent") == 1, "not counted")
        assert api.client().get(link).status_code == 302
        # The tick that sent the mail may have begun, and told its heartbeat, before the clock moved on.
        until(lambda: look(ports["api"]).value("rubis_ready") == 1, "not ready")
        return {name: look(port) for name, port in ports.items()}


def test_one_click_is_seen_on_both_sides(shown: dict[str, Exposition]) -> None:
    """One mail by the worker, one answer by the API."""
    assert shown["worker"].value("rubis_mails_total", kind="questions", class_="sent") == 1
    assert shown["api"].value("rubis_checkin_clicks_total", answer="paid", outcome="paid") == 1
    assert shown["api"].value("rubis_ready") == 1


def test_every_metric_is_documented_and_none_else(shown: dict[str, Exposition]) -> None:
    """docs/operations.md lists exactly what the two processes show of ours."""
    names = {name for one in shown.values() for name in one.families if name.startswith("rubis_")}
    assert names == set(documented())


def test_labels_are_documented(shown: dict[str, Exposition]) -> None:
    """No metric has another label than its row says."""
    labels = documented()
    for one in shown.values():
        for family, samples in one.families.items():
            if family.startswith("rubis_"):
                assert all(one.labels(sample) - {"le"} <= labels[family] for sample in samples), family


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_a_query_names_what_exists(shown: dict[str, Exposition], query: Query) -> None:
    """Each metric of an alert or a panel is shown by a process, and has the labels asked for."""
    assert query.metrics
    known: dict[str, set[str]] = {UP: set()}
    for one in shown.values():
        for family, samples in one.families.items():
            labels = documented().get(family, set())
            known |= dict.fromkeys({family, *samples}, labels)
    assert query.metrics <= set(known), query.expression
    had = set[str]().union(*(known[name] for name in query.metrics))
    assert query.labels <= had | EVERYWHERE, query.expression


def test_values_that_are_asked_for_exist(shown: dict[str, Exposition]) -> None:
    """A class, an outcome or an answer in a query is one that is counted: a typing error would never fire."""
    seen = {
        label: set().union(*(one.values(label) for one in shown.values()))
        for label in ("class", "outcome", "answer")
    }
    asked = [
        (label, value)
        for query in QUERIES
        for label, values in re.findall(r"(class|outcome|answer)=~?\"([^\"]*)\"", query.expression)
        for value in values.split("|")
    ]
    assert len(asked) > 8
    assert [pair for pair in asked if pair[1] not in seen[pair[0]]] == []


def test_every_alert_says_what_to_do() -> None:
    """A heading of its own in docs/operations.md, which its runbook points at; none without an alert."""
    headings = re.findall(r"^### (Rubis\w+)$", OPERATIONS, re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_complete(rule: dict[str, Any]) -> None:
    """The fields Prometheus knows, a severity, a sentence for a person."""
    assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))


def test_panels_do_not_share_an_id_or_a_place() -> None:
    """Each has an id, a data source that can be chosen, and room of its own on the 24 columns."""
    ids = [panel["id"] for panel in PANELS]
    assert len(ids) == len(set(ids)) > 25
    cells = [
        (column, line)
        for panel in PANELS
        for place in [panel["gridPos"]]
        for column in range(place["x"], place["x"] + place["w"])
        for line in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) == 23
    assert {panel["datasource"]["uid"] for panel in PANELS if panel["type"] != "row"} == {"${datasource}"}


@pytest.mark.parametrize(
    "wrong",
    [
        "rate(rubis_mails_total{class=sent}[5m])",
        "sum(rate(rubis_mails_total[5m])",
        "rubis_mails_total[5 minutes]",
        "rubis_ready ? 1",
    ],
)
def test_what_is_no_promql_is_found(wrong: str) -> None:
    """Reading refuses matchers without quotes, open parentheses, odd durations, unknown signs."""
    with pytest.raises(AssertionError):
        read_query("a test", wrong)
