"""Import batches and their drafts."""

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.models.imports import ImportBatch, ImportBatchDraft, ImportDraft, ImportDraftChanges
from app.models.invoices import Invoice

router = APIRouter(prefix=f"{PREFIX}/import-batches", tags=["import-batches"])


@router.post("", status_code=201, responses=problems(400, 401, 413, 422, 503))
async def create_import_batch(body: ImportBatchDraft, access: Access, db: Db) -> ImportBatch:
    """Import drafts of invoices. Nothing is issued before each is validated."""
    drafts = [draft.model_dump(mode="json") for draft in body.drafts]
    return ImportBatch(**await db.call("api.create_import_batch", access, drafts=drafts))


@router.get("/{import_batch_id}", responses=problems(401, 404, 422, 503))
async def get_import_batch(import_batch_id: PathId, access: Access, db: Db) -> ImportBatch:
    """One batch, with its drafts."""
    return ImportBatch(**await db.call("api.get_import_batch", access, import_batch_id=import_batch_id))


@router.patch(
    "/{import_batch_id}/drafts/{import_draft_id}", responses=problems(400, 401, 404, 409, 413, 422, 503)
)
async def update_import_draft(
    import_batch_id: PathId, import_draft_id: PathId, body: ImportDraftChanges, access: Access, db: Db
) -> ImportDraft:
    """Correct or complete a pending draft."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    return ImportDraft(
        **await db.call(
            "api.update_import_draft",
            access,
            import_batch_id=import_batch_id,
            import_draft_id=import_draft_id,
            changes=changes,
        )
    )


@router.post(
    "/{import_batch_id}/drafts/{import_draft_id}/validate",
    status_code=201,
    responses=problems(401, 404, 409, 422, 503),
)
async def validate_import_draft(
    import_batch_id: PathId, import_draft_id: PathId, access: Access, db: Db
) -> Invoice:
    """Issue the draft's invoice, once, with its check-in scheduled."""
    return Invoice(
        **await db.call(
            "api.validate_import_draft",
            access,
            import_batch_id=import_batch_id,
            import_draft_id=import_draft_id,
        )
    )


@router.post(
    "/{import_batch_id}/drafts/{import_draft_id}/discard", responses=problems(401, 404, 409, 422, 503)
)
async def discard_import_draft(
    import_batch_id: PathId, import_draft_id: PathId, access: Access, db: Db
) -> ImportDraft:
    """Throw a draft away."""
    return ImportDraft(
        **await db.call(
            "api.discard_import_draft",
            access,
            import_batch_id=import_batch_id,
            import_draft_id=import_draft_id,
        )
    )
