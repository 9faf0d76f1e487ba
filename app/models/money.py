"""Money: what is owed and what was received."""

from datetime import date

from pydantic import ConfigDict, Field

from app.models.clients import Age
from app.models.fields import Document


class Received(Document):
    """What was received in a month of the organization's zone."""

    month: str = Field(description="Such as 2026-11.")
    invoices: int
    amount_cents: int


class CurrencyMoney(Document):
    """The money of one currency."""

    currency: str
    open_invoices: int
    owed_cents: int
    overdue_cents: int
    ages: list[Age] = Field(description="Empty if nothing is owed.")
    received: list[Received] = Field(
        description="This month and the eleven before it, oldest first; empty if nothing was received."
    )
    average_days_late: float | None = Field(
        description="How many days after they were due the invoices paid in these months were paid, on"
        " average; below zero: before."
    )


class Money(Document):
    """What is owed and was received, per currency, the most owed first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on": "2026-11-30",
                    "currencies": [
                        {
                            "currency": "EUR",
                            "open_invoices": 2,
                            "owed_cents": 240000,
                            "overdue_cents": 120000,
                            "ages": [
                                {"age": "not_due", "invoices": 1, "amount_cents": 120000},
                                {"age": "1_30", "invoices": 1, "amount_cents": 120000},
                                {"age": "31_60", "invoices": 0, "amount_cents": 0},
                                {"age": "61_90", "invoices": 0, "amount_cents": 0},
                                {"age": "over_90", "invoices": 0, "amount_cents": 0},
                            ],
                            "received": [{"month": "2026-11", "invoices": 3, "amount_cents": 330000}],
                            "average_days_late": 4.5,
                        }
                    ],
                }
            ]
        }
    )

    on: date
    currencies: list[CurrencyMoney]
