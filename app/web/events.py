"""What happened, in words: an activity event as its reader sees it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from app.core.text import Language, long_date
from app.web.words import isolated, load_texts, say


def tell(event: Mapping[str, Any], language: Language) -> Markup:
    """One event in a sentence without its end."""
    texts, data = load_texts(language, "events"), event["data"]
    told: dict[str, str] = texts["told"]
    values: dict[str, Any] = {}
    kind = event["kind"]
    if kind in ("invoice_paid", "checkin_answered"):
        kind = f"{kind}_{_way(event['label'] or '')}"
    elif kind == "invoice_changed":
        names: dict[str, str] = texts["facts"]
        values["facts"] = ", ".join(dict.fromkeys(names.get(name, names["other"]) for name in sorted(data)))
    elif kind.startswith("relance_"):
        values = {"step": data["step"], "tone": load_texts(language, "common")["tones"][data["tone"]]}
    elif kind == "relances_paused":
        if data.get("until"):
            kind += "_until"
            values["until"] = long_date(date.fromisoformat(data["until"]), language)
        if data.get("reason"):
            kind += "_why"
            # The machine's own reasons are words of ours.
            values["reason"] = texts["reasons"].get(data["reason"]) or isolated(data["reason"])
    elif kind == "invoice_reopened" and data.get("reason"):
        kind += "_why"
        values["reason"] = isolated(data["reason"])
    return say(told[kind], **values)


def _way(label: str) -> str:
    """How an answer was given, from what the database writes of it."""
    return "checkin" if "check-in" in label else "app" if "app" in label else "manual"


def history(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events of an invoice's page, newest first, each with the letter that it tells of, if any.

    A letter is told of by the first event of its step that came when it left, or just after. One whose event
    is not among those shown stands by itself: `{at, event: None, letter}`.
    """
    events = [
        {"at": event["occurred_at"], "event": event, "letter": None} for event in shown["timeline"]["items"]
    ]
    alone = []
    for letter in shown["letters"]:
        for entry in reversed(events):
            event = entry["event"]
            if (
                entry["letter"] is None
                and event["kind"] in ("relance_sent", "relance_unconfirmed")
                and event["data"]["step"] == letter["step"]
                and event["occurred_at"] >= letter["sent_at"]
            ):
                entry["letter"] = letter
                break
        else:
            alone.append({"at": letter["sent_at"], "event": None, "letter": letter})
    return sorted(events + alone, key=lambda entry: str(entry["at"]), reverse=True)
