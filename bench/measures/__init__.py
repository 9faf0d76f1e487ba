"""One module per thing measured; each has `measure(ground, sizes)`, which returns rows of the table."""

from collections.abc import Callable

from bench.ground import Ground
from bench.measures import answers, bulk, growth, http, idle, life, mails, pages, promptness
from bench.results import Row
from bench.sizes import Sizes

MEASURES: dict[str, Callable[[Ground, Sizes], list[Row]]] = {
    "answers": answers.measure,
    "http": http.measure,
    "pages": pages.measure,
    "bulk": bulk.measure,
    "mails": mails.measure,
    "promptness": promptness.measure,
    "growth": growth.measure,
    "life": life.measure,
    "idle": idle.measure,
}
