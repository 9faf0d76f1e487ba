"""Relance plans: when clients are reminded, and in what tone."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.models.relances import Plan, PlanDraft, PlanPreview, Plans, PlanSteps, PlanTrial

router = APIRouter(prefix=PREFIX, tags=["relances"])


@router.get("/relance-plan", responses=problems(401, 503))
async def get_default_relance_plan(access: Access, db: Db) -> Plan:
    """The default plan."""
    return Plan(**await db.call("api.get_relance_plan", access))


@router.put("/relance-plan", responses=problems(400, 401, 413, 422, 503))
async def put_default_relance_plan(body: PlanSteps, access: Access, db: Db) -> Plan:
    """Replace the steps of the default plan. What is ahead and not yet being sent moves with it."""
    params = {"relance_plan_id": None, "name": None, "steps": body.model_dump()["steps"]}
    return Plan(**await db.call("api.put_relance_plan", access, **params))


@router.get("/relance-plans", responses=problems(401, 503))
async def list_relance_plans(access: Access, db: Db) -> Plans:
    """All plans, the default one first."""
    return Plans(**await db.call("api.list_relance_plans", access))


@router.post("/relance-plans", status_code=201, responses=problems(400, 401, 409, 413, 422, 503))
async def create_relance_plan(body: PlanDraft, access: Access, db: Db) -> Plan:
    """Add a named plan, which clients can be given."""
    return Plan(**await db.call("api.create_relance_plan", access, **body.model_dump()))


@router.post("/relance-plans/preview", responses=problems(400, 401, 413, 422, 503))
async def preview_plan(body: PlanTrial, access: Access, db: Db) -> PlanPreview:
    """When the steps of a plan would come on one invoice. Nothing is kept."""
    return PlanPreview(**await db.call("api.preview_plan", access, **body.model_dump()))


@router.get("/relance-plans/{relance_plan_id}", responses=problems(401, 404, 422, 503))
async def get_relance_plan(relance_plan_id: PathId, access: Access, db: Db) -> Plan:
    """One plan."""
    return Plan(**await db.call("api.get_relance_plan", access, relance_plan_id=relance_plan_id))


@router.put("/relance-plans/{relance_plan_id}", responses=problems(400, 401, 404, 409, 413, 422, 503))
async def put_relance_plan(relance_plan_id: PathId, body: PlanDraft, access: Access, db: Db) -> Plan:
    """Replace a plan. What is ahead and not yet being sent moves with it."""
    params = {"relance_plan_id": relance_plan_id, **body.model_dump()}
    return Plan(**await db.call("api.put_relance_plan", access, **params))


@router.delete(
    "/relance-plans/{relance_plan_id}", status_code=204, responses=problems(401, 404, 409, 422, 503)
)
async def delete_relance_plan(relance_plan_id: PathId, access: Access, db: Db) -> None:
    """Delete a plan that nothing refers to."""
    await db.call("api.delete_relance_plan", access, relance_plan_id=relance_plan_id)
