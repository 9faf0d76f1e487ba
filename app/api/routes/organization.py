"""The organization's settings."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.models.organizations import HolidayRegions, Organization, OrganizationChanges

router = APIRouter(prefix=f"{PREFIX}/organization", tags=["organization"])


@router.get("/holiday-regions", responses=problems(401, 422, 503))
async def list_holiday_regions(access: Access, db: Db) -> HolidayRegions:
    """The regions of the organization's country that have public holidays of their own."""
    return HolidayRegions(**await db.call("api.list_holiday_regions", access))


@router.patch("", responses=problems(400, 401, 413, 422, 503))
async def update_organization(body: OrganizationChanges, access: Access, db: Db) -> Organization:
    """Change settings. A changed zone or time of day moves what is scheduled."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    return Organization(**await db.call("api.update_organization", access, changes=changes))
