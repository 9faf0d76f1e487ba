"""Whether the API lives, and whether everything behind it does."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from app.api.problems import problems
from app.api.routes.dependencies import Db
from app.models.fields import Document

router = APIRouter(tags=["health"])


class Health(Document):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Document):
    """Whether requests can be served and mails leave."""

    status: Literal["ready", "degraded"]
    reasons: list[str] = Field(description="The checks that fail.", examples=[["worker"]])
    checks: dict[str, Any] = Field(
        description="Worker, mail, check-ins, relances, mails to users and organizations, each `ok` or not,"
        " with the facts."
    )


@router.get("/healthz", responses=problems())
async def get_health() -> Health:
    """The process is alive. It does not ask the database."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def get_readiness(db: Db) -> Readiness:
    """200 while the API can serve, degraded if mails cannot leave; 503 without a migrated database."""
    checks = await db.call("api.readiness")
    status = checks.pop("status")
    return Readiness(
        status=status, reasons=[name for name, check in checks.items() if not check["ok"]], checks=checks
    )
