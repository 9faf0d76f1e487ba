"""Import batches and their drafts."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db, PathId
from app.models.fields import Page, Paging
from app.models.imports import (
    CertainValidated,
    ImportBatch,
    ImportBatchDraft,
    ImportDraft,
    ImportDraftChanges,
    ImportReview,
    ImportSummary,
    ReviewPaging,
)
from app.models.invoices import Invoice

router = APIRouter(prefix=f"{PREFIX}/import-batches", tags=["import-batches"])


@router.post("", status_code=201, responses=problems(400, 401, 413, 422, 503))
async def create_import_batch(body: ImportBatchDraft, access: Access, db: Db) -> ImportBatch:
    """Import drafts of invoices. Nothing is issued before each is validated."""
    return ImportBatch(**await db.call("api.create_import_batch", access, **body.model_dump(mode="json")))


@router.get("", responses=problems(401, 422, 503))
async def list_import_batches(
    query: Annotated[Paging, Query()], access: Access, db: Db
) -> Page[ImportSummary]:
    """The imports, newest first, without their drafts."""
    return Page[ImportSummary](**await db.call("api.list_import_batches", access, **query.model_dump()))


@router.get("/{import_batch_id}", responses=problems(401, 404, 422, 503))
async def get_import_batch(import_batch_id: PathId, access: Access, db: Db) -> ImportBatch:
    """One batch, with its drafts."""
    return ImportBatch(**await db.call("api.get_import_batch", access, import_batch_id=import_batch_id))


@router.get("/{import_batch_id}/review", responses=problems(401, 404, 422, 503))
async def review_import_batch(
    import_batch_id: PathId, query: Annotated[ReviewPaging, Query()], access: Access, db: Db
) -> ImportReview:
    """One batch with a page of its drafts: those in doubt first, those that are done last."""
    return ImportReview(
        **await db.call("api.review_import_batch", access, import_batch_id=import_batch_id, page=query.page)
    )


@router.post("/{import_batch_id}/validate-certain", responses=problems(401, 404, 422, 503))
async def validate_certain_drafts(import_batch_id: PathId, access: Access, db: Db) -> CertainValidated:
    """Validate every pending draft that nothing speaks against; the others stay, and are named."""
    return CertainValidated(
        **await db.call("api.validate_certain_drafts", access, import_batch_id=import_batch_id)
    )


@router.post("/{import_batch_id}/discard", responses=problems(401, 404, 422, 503))
async def discard_import_drafts(import_batch_id: PathId, access: Access, db: Db) -> ImportSummary:
    """Throw away what is still pending of a batch."""
    return ImportSummary(
        **await db.call("api.discard_import_drafts", access, import_batch_id=import_batch_id)
    )


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
