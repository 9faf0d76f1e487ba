"""The user of a demonstration: what a person does over HTTP, signed in and by the links of mails."""

import re
import secrets
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import click
import httpx

from app.core.settings import Settings
from app.demo.narration import DemoError, check, step


def last_day_asked(now: datetime) -> date:
    """The latest due date whose check-in time, nine o'clock, has passed.

    A question asked before that time is asked again on the due date.
    """
    return (now - timedelta(hours=9)).date()


class User:
    """A freelancer with an account, and a browser that knows nothing of it."""

    def __init__(self, settings: Settings) -> None:
        self.email = "lea@example.com"
        self.password = secrets.token_urlsafe(12)
        self.address = f"http://localhost:{settings.port}"
        self.http = httpx.Client(base_url=self.address, timeout=10, trust_env=False)
        self._browser = httpx.Client(headers={"Accept-Language": "fr"}, timeout=10, trust_env=False)
        self._web_url = settings.web_url
        # Computed once, so that all invoices of a demonstration have the same due date.
        self._due_on = last_day_asked(datetime.now(ZoneInfo("Europe/Paris")))

    def sign_up(self) -> None:
        """A freelancer signs up."""
        step(f"{self.email} signs up and gets an organization, with a relance plan")
        session = self._post(
            "/api/v1/auth/register",
            email=self.email,
            password=self.password,
            full_name="Léa Martin",
            organization_name="Atelier Martin",
        )
        self.http.headers["Authorization"] = f"Bearer {session['access_token']}"

    def issue(self, number: str, amount_cents: int) -> int:
        """An invoice whose check-in is due. Returns invoice_id."""
        invoice = self._post(
            "/api/v1/invoices",
            client={"name": "Boulangerie Dupont", "email": "dupont@example.com"},
            number=number,
            issued_on=str(self._due_on - timedelta(days=30)),
            due_on=str(self._due_on),
            amount_cents=amount_cents,
            currency="EUR",
        )
        relance = invoice["relances"][0]
        click.echo(f"  invoice {number}: {invoice['status']}")
        click.echo(f"  check-in {invoice['checkin']['status']} for {invoice['checkin']['scheduled_at']}")
        click.echo(f"  relance {relance['status']} for {relance['scheduled_at']}, should you answer pending")
        invoice_id: int = invoice["invoice_id"]
        return invoice_id

    def click_link(self, url: str) -> str:
        """Follow a link as a browser does; return the outcome that its page shows, or "confirm"."""
        location = self._follow("GET", url, 302)
        if location.startswith(f"{self.address}/checkin/"):
            return "confirm"
        return location.removeprefix(f"{self._web_url}/checkin/")

    def press(self, url: str, button: str) -> None:
        """Open a check-in's page and press its button for "paid", "pending" or "undo", without scripts."""
        page = self._browser.get(url)
        actions = re.findall(r'<form method="post" action="([^"]+)"', page.text)
        click.echo(f"  GET {url}\n  {page.status_code}: {_heading(page.text)}")
        check("status of the page", page.status_code, 200)
        pressed = [action for action in actions if action.partition("?")[0].endswith(f"/{button}")]
        check(f"buttons for {button}", len(pressed), 1)
        self._follow("POST", urljoin(url, unescape(pressed[0])), 303)

    def _follow(self, method: str, url: str, status: int) -> str:
        """Send a click or a button, show the page it redirects to, and return where that is."""
        answer = self._browser.request(method, url)
        location: str = urljoin(url, answer.headers.get("Location", ""))
        page = self._browser.get(location)
        click.echo(f"  {method} {url}\n  {answer.status_code} to {location}: {_heading(page.text)}")
        check("status of the answer", answer.status_code, status)
        check("status of the page", page.status_code, 200)
        return location

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(path, json=body)
        if answer.is_error:
            raise DemoError(f"POST {path} answered {answer.status_code}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document


def _heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return unescape(" ".join(found[1].split())) if found else "a page without a heading"
