"""Bringing in invoices: tables as files or pasted, then their drafts, those in doubt first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from anyio import to_thread
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.amounts import plain_amount
from app.core.bodies import MAX_BODY_BYTES
from app.core.errors import ApiError
from app.files.cells import clean
from app.files.dialect import TableRefusedError
from app.files.tables import MAX_BYTES, MAX_ROWS, read_table
from app.models.imports import ImportDraftChanges
from app.web.forms import Form
from app.web.visit import Area, Visit
from app.web.words import say

area = Area("import")
area.most_bytes["/import"] = 21 * MAX_BYTES

_MOST_FILES = 20
_PASTE = "paste"
_FIELDS = ("number", "client_name", "client_email", "issued_on", "due_on", "amount", "currency")
_AMOUNT = {"amount_cents": "amount"}
"""The form's field for a field of the draft that has another name there."""

_PAGES = {str(page) for page in range(1, 1001)}

_TOLD = 3
"""Refused files that a message names."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file or a paste that was not read, and why."""

    source: str
    code: str
    number: int


@area.get("/import")
async def show_imports(visit: Visit) -> Response:
    """The way in for files and pastes, and what was brought before."""
    return await _imports(visit, Form.of({}, visit.language))


@area.post("/import")
async def bring(visit: Visit) -> Response:
    """Read each file, and what was pasted, into a batch of its own. One leads to its drafts."""
    await visit.frame()
    try:
        pasted, files = await _sent(visit)
    except HTTPException:
        form = Form.of({}, visit.language)
        form.notice = say(visit.texts["refused"]["too_much"])
        return await _imports(visit, form, 422)
    sources: list[tuple[str, bytes | str]] = [*files, *([(_PASTE, pasted)] if pasted.strip() else [])]
    batches, refusals = [], list[Refusal]()
    for source, content in sources:
        try:
            table = await to_thread.run_sync(read_table, content)
        except TableRefusedError as error:
            refusals.append(Refusal(source, error.code, error.number))
            continue
        batch = await visit.call("api.create_import_batch", drafts=table.drafts, source=source)
        batches.append(batch["import_batch_id"])
    said = [_why(visit, refusal) for refusal in refusals]
    if not batches:
        form = Form.of({"pasted": pasted}, visit.language)
        form.notice = said[0] if len(said) == 1 else None
        if not sources:
            form.fault("files", visit.texts["refused"]["nothing"])
        return await _imports(visit, form, 422, refusals=said if len(said) > 1 else [])
    to = f"/import/{batches[0]}" if len(batches) == 1 else "/import"
    if not said:
        return visit.redirect(to) if len(batches) == 1 else await visit.done(to, "read", n=len(batches))
    told = Markup(" ").join(said[:_TOLD]).unescape()  # the text it fills in escapes it
    return await visit.done(to, "read_some", kind="held", n=len(batches), left=len(said), told=told)


@area.get("/import/{import_batch_id:int}")
async def show_import(visit: Visit) -> Response:
    """The drafts of one batch, 50 a page."""
    return await _review(visit)


@area.post("/import/{import_batch_id:int}/accept")
async def accept_certain(visit: Visit) -> Response:
    """Make invoices of all drafts that nothing speaks against."""
    batch_id = visit.path_id("import_batch_id")
    done = await visit.call("api.validate_certain_drafts", import_batch_id=batch_id)
    left = len(done["left"])
    said = "accepted_some" if left else "accepted_all"
    return await visit.done(f"/import/{batch_id}", said, n=done["validated"], left=left)


@area.post("/import/{import_batch_id:int}/discard")
async def discard_rest(visit: Visit) -> Response:
    """Throw away what is still pending."""
    batch_id = visit.path_id("import_batch_id")
    await visit.call("api.discard_import_drafts", import_batch_id=batch_id)
    return await visit.done(f"/import/{batch_id}", "discarded_rest")


@area.post("/import/{import_batch_id:int}/drafts/{import_draft_id:int}")
async def change_draft(visit: Visit) -> Response:
    """Correct what was typed otherwise than it was shown, and, by the second button, make the invoice.

    A field that was left as shown is not sent, so what could not be read of it stays in doubt.
    """
    form = await visit.form()
    ids = _ids(visit)
    shown = _shown_before(form)
    changed = {
        name for name in _FIELDS if name in form.values and (form.text(name) or "") != shown.get(name, "")
    }
    if "currency" in changed and form.text("amount"):
        changed.add("amount")
    currency = (form.text("currency") or "").upper() or None
    values: dict[str, Any] = {name: form.text(name) for name in changed - {"amount", "currency"}}
    if "currency" in changed:
        values["currency"] = currency
    if "amount" in changed:
        values |= {"amount_cents": form.cents("amount", currency)}
    changes = form.read(ImportDraftChanges, _AMOUNT, **values)
    if changes is None:
        return await _review(visit, form)
    try:
        accept = form.text("then") == "accept"
        if changed or not accept:
            sent = changes.model_dump(mode="json", exclude_unset=True)
            await visit.call("api.update_import_draft", **ids, changes=sent)
        if accept:
            invoice = await visit.call("api.validate_import_draft", **ids)
            return await visit.done(_here(visit, form), "accepted", number=invoice["number"])
    except ApiError as error:
        if error.reason != "import_draft__incomplete":  # its doubts say it better
            form.refuse(error, _AMOUNT)
        return await _review(visit, form)
    return await visit.done(_here(visit, form), "saved")


@area.post("/import/{import_batch_id:int}/drafts/{import_draft_id:int}/discard")
async def discard_draft(visit: Visit) -> Response:
    """Throw one draft away."""
    form = await visit.form()
    await visit.call("api.discard_import_draft", **_ids(visit))
    return await visit.done(_here(visit, form), "discarded")


async def _imports(
    visit: Visit, form: Form, status: int = 200, refusals: list[str] | None = None
) -> Response:
    listed = await visit.call("api.list_import_batches", limit=20, cursor=visit.query.get("cursor"))
    limits = {"files": _MOST_FILES, "rows": MAX_ROWS}
    return await visit.render(
        "import/imports.html", status, form=form, refusals=refusals or [], batches=listed, limits=limits
    )


async def _review(visit: Visit, refused: Form | None = None) -> Response:
    """The page of a batch; with a refused form it comes back with what was typed."""
    typed = visit.query.get("page", "") if refused is None else refused.text("page") or ""
    page = int(typed) if typed in _PAGES else 1
    batch_id = visit.path_id("import_batch_id")
    batch = await visit.call("api.review_import_batch", import_batch_id=batch_id, page=page)
    await visit.frame()
    edited = visit.query.get("edit") if refused is None else str(visit.path_id("import_draft_id"))
    cards = [
        _card(visit, draft, refused, is_edited=str(draft["import_draft_id"]) == edited)
        for draft in batch["drafts"]
    ]
    cards.sort(key=lambda card: not card["is_edited"])
    return await visit.render("import/import.html", 200 if refused is None else 422, batch=batch, cards=cards)


def _card(visit: Visit, draft: dict[str, Any], refused: Form | None, *, is_edited: bool) -> dict[str, Any]:
    """A draft and its form: the fields in doubt, or all of them if it is edited.

    A field shows what was read, or the text that could not be, and its doubts in words.
    """
    shown = {name: str(draft[name]) for name in _FIELDS if draft.get(name) is not None}
    if draft["amount_cents"] is not None:
        shown["amount"] = plain_amount(draft["amount_cents"], draft["currency"] or "EUR", visit.language)
    faults: dict[str, Markup] = {"": Markup("")}  # the focus starts on the first fault: here on no field
    for doubt in draft["doubts"]:
        name = _AMOUNT.get(doubt["field"], doubt["field"])
        words = _doubt(visit, draft, doubt)
        faults[name] = Markup(" ").join((faults[name], words)) if name in faults else words
        if doubt["text"] and name not in (*shown, "issued_on", "due_on", "currency"):
            shown[name] = doubt["text"]
    if "amount" in faults:
        faults.setdefault("currency", Markup(""))  # an amount is read in the currency beside it
    doubtful = [name for name in _FIELDS if name in faults]
    fields = [*dict.fromkeys((*doubtful, *_FIELDS))] if is_edited else doubtful
    card = {
        "draft": draft,
        "is_edited": is_edited,
        "fields": fields,
        "form": {"typed": shown, "faults": faults, "notice": None},
        "shown": json.dumps({name: shown[name] for name in fields if name in shown}, ensure_ascii=False),
    }
    if is_edited and refused is not None:
        for name, words in faults.items():
            if words:
                refused.fault(name, words)
        card |= {"form": refused, "shown": refused.text("was") or "{}"}
    return card


def _doubt(visit: Visit, draft: dict[str, Any], doubt: dict[str, Any]) -> Markup:
    """What speaks against a field, and where it stands in the table."""
    texts = visit.texts
    said = say(texts["doubts"].get(doubt["code"], texts["doubts"]["other"]), cell=doubt["text"] or "")
    if not doubt["column"] or draft["source_row"] is None:
        return said
    where = say(texts["where"], row=draft["source_row"], column=doubt["column"])
    return Markup(" ").join((said, where))


async def _sent(visit: Visit) -> tuple[str, list[tuple[str, bytes]]]:
    """What was pasted, and the files that were chosen, by name. Raises HTTPException for too much."""
    if not visit.request.headers.get("content-type", "").startswith("multipart/") and (
        len(await visit.request.body()) > MAX_BODY_BYTES
    ):
        raise HTTPException(413)  # no form of ours: to read it byte by byte would take many seconds
    async with visit.request.form(max_files=_MOST_FILES, max_fields=10, max_part_size=MAX_BYTES + 1) as sent:
        files = [
            (_name_of(item.filename), await item.read(MAX_BYTES + 1))
            for item in sent.getlist("files")
            if isinstance(item, UploadFile) and item.filename
        ]
        pasted = sent.get("pasted")
    return (pasted if isinstance(pasted, str) else ""), files


def _name_of(filename: str) -> str:
    """The name of a file as a line: without folders, and without what a line may not hold."""
    name = clean(PurePosixPath(filename.replace("\\", "/")).name)[:200].strip()
    return name if any(map(str.isalnum, name)) and name != _PASTE else "table.csv"


def _why(visit: Visit, refusal: Refusal) -> str:
    """Why a file was not read."""
    texts = visit.texts
    source = texts["pasted_short"] if refusal.source == _PASTE else refusal.source
    return say(texts["refused"][refusal.code], file=source, n=refusal.number, most=MAX_ROWS)


def _shown_before(form: Form) -> Mapping[str, str]:
    """What the form showed when it was sent to the reader."""
    try:
        shown = json.loads(form.text("was") or "{}")
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in shown.items()} if isinstance(shown, dict) else {}


def _ids(visit: Visit) -> dict[str, int]:
    return {name: visit.path_id(name) for name in ("import_batch_id", "import_draft_id")}


def _here(visit: Visit, form: Form) -> str:
    """The page of the batch that the form was on."""
    page = form.text("page") or "1"
    path = f"/import/{visit.path_id('import_batch_id')}"
    return f"{path}?page={page}" if page.isdecimal() and page != "1" else path
