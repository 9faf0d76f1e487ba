"""The page of one check-in: what was asked and answered, what follows, and the buttons that answer.

It shows what `api.look_at_checkin` returns, and only that. The API serves it, because it needs the database.
The page runs no script, sets no cookie and loads only our own style and images.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from app.core.settings import Settings
from app.core.text import Language, long_date, long_moment, money
from app.web.language import LANGUAGES, negotiate, other
from app.web.rendering import environment
from app.web.results import frame
from app.web.words import isolated, load_texts

ANSWERS = ("paid", "pending")
"""What `?answer=` may preselect."""

DONE = ("paid", "pending", "undone", "held")
"""What `?done=` may say has just happened; it is shown only if the check-in itself says so too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How the request wants the page to be shown; unknown values are ignored."""

    accept_language: str = ""
    lang: str | None = None
    answer: str | None = None
    done: str | None = None

    def language(self, default: Language = LANGUAGES[0]) -> Language:
        """Choose the language: asked for by `?lang=`, by the browser, or else the default."""
        return negotiate(self.accept_language, self.lang, default)

    def query(self, **changes: str | None) -> str:
        """Write the query string that shows the same with these changes; empty if it says nothing."""
        known = {
            "answer": self.answer if self.answer in ANSWERS else None,
            "done": self.done if self.done in DONE else None,
            "lang": self.lang if self.lang in LANGUAGES else None,
            **changes,
        }
        given = urlencode({name: value for name, value in known.items() if value is not None})
        return f"?{given}" if given else ""


@dataclass(frozen=True, slots=True)
class Button:
    """A form of one button: where it posts to, what it says, and whether it is the only one."""

    action: str
    label: str
    alone: bool


class CheckinPages:
    """Renders the pages of check-ins, for one deployment's addresses."""

    def __init__(self, settings: Settings) -> None:
        """Render what never changes. A missing template raises here, when the server starts."""
        self._base = urlsplit(settings.public_url).path
        self._home = settings.web_url
        self._page = environment().get_template("checkin.html")
        self._plain = environment().get_template("page.html")
        self._unknown = {language: self._render_unknown(language) for language in LANGUAGES}
        self.not_recorded = self._render_not_recorded()
        """In both languages. It names no invoice and says nothing of its state."""

    def address(self, token: str, reader: Reader, **changes: str | None) -> str:
        """Where the page of a token is, as a path on this server."""
        return f"{self._base}/checkin/{token}{reader.query(**changes)}"

    def unknown(self, reader: Reader) -> tuple[bytes, Language]:
        """Give the page for a token that leads nowhere, or no longer."""
        language = reader.language()
        return self._unknown[language], language

    def checkin(self, look: Mapping[str, Any], token: str, reader: Reader) -> tuple[bytes, Language]:
        """Render the document of `api.look_at_checkin` for the holder of `token`."""
        language = reader.language(look["locale"])
        texts = load_texts(language)
        view = _View(look, language)
        chosen = reader.answer if view.can_confirm and reader.answer in ANSWERS else None
        state = view.state(chosen)
        link = reader.query(lang=other(language)) or None
        html = self._page.render(
            **frame(language, link, base=self._base, home=self._home),
            name="checkin",
            title=texts["checkin_states"][f"{state}_title"],
            words=texts["checkin"],
            view={
                "done": texts["checkin_done"][reader.done] if view.has_done(reader.done) else None,
                "sample": texts["checkin"]["sample"] if look["is_sample"] else None,
                "lead": view.say(texts["checkin_states"][state]),
                "facts": view.facts(),
                "buttons": self._buttons(view, token, reader, chosen),
                "effect": view.effect(chosen),
                "other": chosen and self._other(view, token, reader, chosen),
                "history": view.history(),
                "follows": view.follows(),
            },
        )
        return html.encode(), language

    def _buttons(self, view: "_View", token: str, reader: Reader, chosen: str | None) -> list[Button]:
        """One button if the link has preselected it, else all that may be pressed."""
        query = reader.query(answer=None, done=None)
        names = [chosen] if chosen else view.look["may"]
        return [
            Button(f"{self._base}/checkin/{token}/{name}{query}", view.label(name), len(names) == 1)
            for name in names
        ]

    def _other(self, view: "_View", token: str, reader: Reader, chosen: str) -> dict[str, str]:
        """Link to the same page with the other answer preselected."""
        answer = ANSWERS[1 - ANSWERS.index(chosen)]
        return {
            "href": self.address(token, reader, answer=answer, done=None),
            "label": view.texts["checkin_buttons"][f"other_{answer}"],
        }

    def _render_unknown(self, language: Language) -> bytes:
        page = load_texts(language)["checkin_unknown"]
        html = self._plain.render(
            **frame(language, f"?lang={other(language)}", base=self._base, home=self._home),
            name="unknown",
            title=page["title"],
            page=page,
        )
        return html.encode()

    def _render_not_recorded(self) -> bytes:
        pages = {language: load_texts(language)["not_recorded"] for language in LANGUAGES}
        html = (
            environment()
            .get_template("not_recorded.html")
            .render(
                **frame(LANGUAGES[0], None, base=self._base, home=self._home),
                name="not_recorded",
                title=pages[LANGUAGES[0]]["title"],
                pages=pages,
            )
        )
        return html.encode()


class _View:
    """One check-in in words."""

    def __init__(self, look: Mapping[str, Any], language: Language) -> None:
        self.look = look
        self.language = language
        self.texts = load_texts(language)
        # UTC if only the database knows the zone. Every moment is shown with its zone.
        self._zone: tzinfo = UTC
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            self._zone = ZoneInfo(look["time_zone"])

    @property
    def can_confirm(self) -> bool:
        """Whether one button, preselected by the link, is enough."""
        return set(ANSWERS) <= set(self.look["may"]) and not (
            self.look["contradicted"] or self.look["said_paid"]
        )

    def say(self, text: str, **values: object) -> Markup:
        """Fill in one of our texts, which are HTML; the values are escaped."""
        return Markup(text).format(client=isolated(self.look["client_name"]), **values)  # noqa: S704

    def moment(self, at: str) -> str:
        """Write a moment in the organization's zone."""
        return long_moment(datetime.fromisoformat(at).astimezone(self._zone), self.language)

    def state(self, chosen: str | None) -> str:
        """Name what the page is about, as the texts do."""
        look = self.look
        answer, invoice = look["answer"], look["invoice_status"]
        if (
            look["said_paid"]
            and not look["receipt"]
            and not (look["standing"] == "open" and look["contradicted"])
        ):
            return "said_paid"
        if look["standing"] == "already_answered":
            stands = invoice == {"paid": "paid", "pending": "open"}.get(answer)
            return f"answered_{answer}" if stands else f"closed_{invoice}"
        if look["standing"] == "expired":
            return "expired"
        if look["receipt"]:
            return "reopened"
        if chosen:
            return f"confirm_{chosen}"
        return "contradicted" if look["contradicted"] else "open"

    def has_done(self, done: str | None) -> bool:
        """Whether the check-in is in the state that `?done=` claims."""
        look = self.look
        if done in ANSWERS:
            return bool(look["answer"] == done and look["answered_via"] == "page")
        if done == "undone":
            return bool(look["undone"] and look["answer"] is None)
        return bool(done == "held" and look["asked_again"])

    def facts(self) -> list[tuple[str, str]]:
        """What the invoice is."""
        words, look = self.texts["checkin"], self.look
        return [
            (words["client"], isolated(look["client_name"])),
            (words["number"], isolated(look["number"])),
            (words["amount"], money(look["amount_cents"], look["currency"], self.language)),
            (words["due_on"], long_date(date.fromisoformat(look["due_on"]), self.language)),
            (words["status"], words[f"status_{look['invoice_status']}"]),
        ]

    def label(self, button: str) -> str:
        """Say what a button does from here."""
        words = self.texts["checkin_buttons"]
        name = button
        if button in ANSWERS and not self.look["said_paid"]:
            if self.look["answer"]:
                name = f"change_{button}"
            elif self.look["standing"] == "expired":
                name = "expired_paid"
        label: str = words[name]
        return label

    def effect(self, chosen: str | None) -> Markup | None:
        """Say what pressing leads to, or until when it is possible."""
        words, may = self.texts["checkin_buttons"], self.look["may"]
        if not may:
            return None
        # What an answer of pending leads to: the reminders, unless something stands in their way.
        leads_to = "" if self.look["reminders"] == "planned" else "_unreminded"
        if chosen:
            return self.say(words[f"effect_{chosen}{leads_to}"])
        if self.look["undo_until"] and not self.look["said_paid"]:
            return self.say(words["effect_answered"], until=self.moment(self.look["undo_until"]))
        return self.say(words[f"effect_both{leads_to}" if "pending" in may else "effect_expired"])

    def history(self) -> list[Markup]:
        """Tell what happened, in its order."""
        look = self.look
        mailed = look["mailed_at"]
        asked = mailed is not None and not look["receipt"]
        lines = [(mailed, self._told("asked", mailed))] if asked else []
        lines += [(None, self._told(name)) for name in ("contradicted", "undone") if look[name]]
        if look["answer"] is None:
            lines.append((None, self._told("silent")))
        else:
            answered_at = look["answered_at"]
            answered = self._told(f"answered_{look['answer']}_{look['answered_via']}", answered_at)
            lines.append((answered_at, answered))
        if look["receipt"]:
            lines.append((mailed, self._told("receipt", mailed)))
        for letter in look["letters"]:
            sent_at = datetime.fromisoformat(letter["sent_at"])
            later = (at is not None and datetime.fromisoformat(at) > sent_at for at, _ in lines)
            place = next((place for place, is_later in enumerate(later) if is_later), len(lines))
            facts = {"step": letter["step"], "tone": self.texts["checkin_follows"][letter["tone"]]}
            told = self._told(f"letter_{letter['status']}", letter["sent_at"], **facts)
            lines.insert(place, (letter["sent_at"], told))
        return [line for _, line in lines]

    def _told(self, name: str, at: str | None = None, **facts: object) -> Markup:
        """One line of the history."""
        moment = None if at is None else self.moment(at)
        return self.say(self.texts["checkin_history"][name], moment=moment, **facts)

    def follows(self) -> Markup:
        """Say which relance leaves when and in what tone, what it waits for, or why none does."""
        words, reasons, relance = (
            self.texts["checkin_follows"],
            self.texts["checkin_reasons"],
            self.look["relance"],
        )
        if relance is None:
            return self.say(words[f"none_{self.look['invoice_status']}"])
        facts = {"step": relance["step"], "tone": words[relance["tone"]]}
        reason = reasons.get(relance["reason"], reasons["other"])
        if relance["leaves_at"] is None:
            return self.say(words["held"], **facts, reason=reason)
        leaving = "waits" if relance["reason"] else "leaves"
        leaves = self.say(words[leaving], **facts, moment=self.moment(relance["leaves_at"]), reason=reason)
        if relance["asks_at"] is None:
            return leaves
        return leaves + " " + self.say(words["asks"], asks=self.moment(relance["asks_at"]))
