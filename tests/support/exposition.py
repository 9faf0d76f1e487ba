"""What a process shows Prometheus, read as Prometheus reads it."""

from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families


@dataclass
class Exposition:
    """One look: every sample by its full name, with its labels."""

    text: str
    samples: dict[str, list[tuple[dict[str, str], float]]] = field(default_factory=dict)
    families: dict[str, set[str]] = field(default_factory=dict)
    """Each metric by its name in queries, with its parts if it is a histogram."""

    def __post_init__(self) -> None:
        for family in text_string_to_metric_families(self.text):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            self.families[name] = {sample.name for sample in family.samples}
            for sample in family.samples:
                self.samples.setdefault(sample.name, []).append((sample.labels, sample.value))

    def value(self, name: str, /, **labels: str) -> float:
        """The sample with exactly these labels (`class_` for `class`); 0 if there is none."""
        wanted = {label.rstrip("_"): value for label, value in labels.items()}
        return next((value for found, value in self.samples.get(name, []) if found == wanted), 0.0)

    def total(self, name: str, /, **labels: str) -> float:
        """The sum of the samples that have these labels, and others."""
        wanted = {label.rstrip("_"): value for label, value in labels.items()}.items()
        return sum(value for found, value in self.samples.get(name, []) if wanted <= found.items())

    def labels(self, name: str) -> set[str]:
        """The names of the labels of the samples of this full name."""
        return {label for found, _ in self.samples[name] for label in found}

    def values(self, label: str) -> set[str]:
        """Every value that a label has, in any metric."""
        return {found[label] for samples in self.samples.values() for found, _ in samples if label in found}


def look(port: int) -> Exposition:
    """Look at a process's listener."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=20)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return Exposition(answer.text)
