"""The words of the letters to clients: the usual ones, or an organization's own."""

from typing import Any, get_args

from fastapi import APIRouter

from app.api.problems import problems
from app.api.routes import PREFIX
from app.api.routes.dependencies import Access, Db
from app.mail.letters import letter_words, read_letter
from app.mail.wording import usual_wording
from app.models.fields import Locale
from app.models.relances import (
    LetterPreviews,
    LetterText,
    LetterTrial,
    LetterWording,
    LetterWordings,
    Tone,
    UsualWording,
    WordingDraft,
)

router = APIRouter(prefix=f"{PREFIX}/letter-wordings", tags=["relances"])

_USUAL = [
    UsualWording(tone=tone, locale=locale, **usual_wording(tone, locale)._asdict())
    for tone in get_args(Tone)
    for locale in get_args(Locale)
]


@router.get("", responses=problems(401, 503))
async def list_letter_wordings(access: Access, db: Db) -> LetterWordings:
    """The organization's own words, the usual ones, and the fields that both may use."""
    return LetterWordings(**await db.call("api.list_letter_wordings", access), usual=_USUAL)


@router.put("/{tone}/{locale}", responses=problems(400, 401, 404, 413, 422, 503))
async def put_letter_wording(
    tone: Tone, locale: Locale, body: WordingDraft, access: Access, db: Db
) -> LetterWording:
    """Say letters of this tone and language in words of one's own. The next that leaves says them."""
    params = {"tone": tone, "locale": locale, **body.model_dump()}
    return LetterWording(**await db.call("api.put_letter_wording", access, **params))


@router.delete("/{tone}/{locale}", status_code=204, responses=problems(401, 404, 422, 503))
async def delete_letter_wording(tone: Tone, locale: Locale, access: Access, db: Db) -> None:
    """Say letters of this tone and language in the usual words again."""
    await db.call("api.delete_letter_wording", access, tone=tone, locale=locale)


@router.post("/preview", responses=problems(400, 401, 413, 422, 503))
async def preview_letters(body: LetterTrial, access: Access, db: Db) -> LetterPreviews:
    """The text of a letter about one invoice as if it left now, also in words that are not kept yet."""
    previewed = await db.call("api.preview_letters", access, **body.model_dump())
    return LetterPreviews(
        invoice_id=previewed["invoice_id"], items=[_text(facts) for facts in previewed["items"]]
    )


def _text(facts: dict[str, Any]) -> LetterText:
    letter = read_letter(facts)
    return LetterText(
        tone=letter.tone, locale=letter.locale, to=letter.to_address, **letter_words(letter)._asdict()
    )
