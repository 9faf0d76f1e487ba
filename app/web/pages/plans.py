"""Relance plans, tried on an invoice as they are edited, and the words of the letters."""

import re
from itertools import product
from typing import Any, NamedTuple, get_args

from starlette.responses import Response

from app.core.errors import ApiError
from app.mail.letters import letter_words, read_letter
from app.mail.wording import Tone, Wording, usual_wording
from app.models.fields import Locale
from app.models.relances import PlanDraft, WordingDraft
from app.web.forms import Form
from app.web.visit import Area, Visit
from app.web.words import say

area = Area("plans")

_MOST_STEPS = 20
_FIRST_STEP = {"days_after_due": "7", "tone": "courteous"}
_PARTS = ("days_after_due", "tone")
# What rubis.check_wording says of a field that does not exist.
_FAULT = re.compile(r"line (\d+): (.+) is not a field")


class _Which(NamedTuple):
    """The letters of a tone and language."""

    tone: Tone
    locale: Locale

    @property
    def address(self) -> str:
        """Their page."""
        return f"/plans/letters/{self.tone}?lang={self.locale}"

    @property
    def usual(self) -> Wording:
        """Our words for them."""
        return usual_wording(self.tone, self.locale)


_LETTERS = tuple(_Which(*pair) for pair in product(get_args(Tone), get_args(Locale)))


@area.get("/plans")
async def list_plans(visit: Visit) -> Response:
    """All plans, the default one first, and the way to the letters."""
    plans = await visit.call("api.list_relance_plans")
    return await visit.render("plans/plans.html", plans=plans["items"], tones=get_args(Tone))


@area.get("/plans/new")
async def show_new_plan(visit: Visit) -> Response:
    """A plan of one step, to be named and filled in."""
    await visit.known()
    form = Form.of({_name(0, part): _FIRST_STEP[part] for part in _PARTS}, visit.language)
    return await _show_plan(visit, form)


@area.post("/plans/new")
async def create_plan(visit: Visit) -> Response:
    """Keep a new plan."""
    form = await visit.form()
    return await _keep_plan(visit, form)


@area.post("/plans/new/preview")
async def try_new_plan(visit: Visit) -> Response:
    """Show the form with the dates of its steps, one more or one less; nothing is kept."""
    return await _try_plan(visit)


@area.get("/plans/{relance_plan_id:int}")
async def show_plan(visit: Visit) -> Response:
    """The steps of a plan, and their dates on an invoice."""
    plan = await _plan(visit)
    await visit.known()
    values = {"name": plan["name"], "invoice_id": visit.query.get("invoice")}
    steps = {_name(i, part): step[part] for i, step in enumerate(plan["steps"]) for part in _PARTS}
    return await _show_plan(visit, Form.of(values | steps, visit.language), plan)


@area.post("/plans/{relance_plan_id:int}")
async def put_plan(visit: Visit) -> Response:
    """Keep a changed plan."""
    form = await visit.form()
    return await _keep_plan(visit, form, await _plan(visit))


@area.post("/plans/{relance_plan_id:int}/preview")
async def try_plan(visit: Visit) -> Response:
    """Show the form with the dates of its steps, one more or one less; nothing is kept."""
    return await _try_plan(visit, await _plan(visit))


@area.post("/plans/{relance_plan_id:int}/delete")
async def delete_plan(visit: Visit) -> Response:
    """Delete a plan that nothing needs."""
    plan_id = visit.path_id("relance_plan_id")
    try:
        await visit.call("api.delete_relance_plan", relance_plan_id=plan_id)
    except ApiError as error:
        if error.reason != "relance_plan__in_use":
            raise
        return await visit.done(f"/plans/{plan_id}", "in_use", kind="refused")
    return await visit.done("/plans", "deleted")


@area.get("/plans/letters/{tone}")
async def show_letter(visit: Visit) -> Response:
    """The letter of a tone in full, and the words in which the organization says it."""
    which = await _letter(visit, visit.query.get("lang"))
    previewed = await _preview(visit, which, None)
    own = previewed["items"][0]["wording"] or {}
    usual = which.usual
    shown = {part: own.get(part) or getattr(usual, part) for part in Wording._fields}
    return await _show_letter(visit, Form.of(shown, visit.language), which, previewed)


@area.post("/plans/letters/{tone}")
async def put_letter(visit: Visit) -> Response:
    """Keep the organization's own words; a text that is ours is none."""
    form = await visit.form()
    which = await _letter(visit, form.text("lang"))
    wording = _wording(form, which)
    if wording is not None:
        try:
            if wording == WordingDraft():
                return await _use_ours(visit, which)
            await visit.call("api.put_letter_wording", **which._asdict(), **wording.model_dump())
        except ApiError as error:
            _refuse_wording(visit, form, error)
        else:
            return await visit.done(which.address, "letter_saved")
    return await _show_letter(visit, form, which, await _preview(visit, which, None), 422)


@area.post("/plans/letters/{tone}/preview")
async def try_letter(visit: Visit) -> Response:
    """Show the letter in the words of the form; nothing is kept."""
    form = await visit.form()
    which = await _letter(visit, form.text("lang"))
    wording = _wording(form, which)
    if wording is not None:
        try:
            previewed = await _preview(visit, which, wording)
        except ApiError as error:
            _refuse_wording(visit, form, error)
        else:
            return await _show_letter(visit, form, which, previewed)
    return await _show_letter(visit, form, which, None)


@area.post("/plans/letters/{tone}/usual")
async def forget_letter(visit: Visit) -> Response:
    """Say these letters in our words again."""
    form = await visit.form()
    return await _use_ours(visit, await _letter(visit, form.text("lang")))


def _name(step: int, part: str) -> str:
    """The field of a step, named as models and database name it in their faults."""
    return f"steps[{step}].{part}"


def _steps(form: Form) -> list[dict[str, str]]:
    """The steps as they were typed."""
    rows: list[dict[str, str]] = []
    while _name(len(rows), "days_after_due") in form.typed:
        rows.append({part: form.typed.get(_name(len(rows), part), "") for part in _PARTS})
    return rows[:_MOST_STEPS]


def _edited(form: Form) -> Form:
    """The form with a step more or less, if that was the button."""
    rows = _steps(form)
    removed = form.integer("remove")
    if isinstance(removed, int) and 0 <= removed < len(rows):
        del rows[removed]
    if form.checked("add") and len(rows) < _MOST_STEPS:
        rows.append(_next_step(rows))
    kept = {name: form.typed[name] for name in ("name", "invoice_id") if name in form.typed}
    steps = {_name(i, part): row[part] for i, row in enumerate(rows) for part in _PARTS}
    return Form.of(kept | steps, form.language)


def _next_step(rows: list[dict[str, str]]) -> dict[str, str]:
    """A step a fortnight after the last, as firm."""
    if not rows:
        return _FIRST_STEP
    days, tone = rows[-1]["days_after_due"].strip(), rows[-1]["tone"]
    later = str(min(int(days) + 15, 365)) if days.isdecimal() and len(days) < 4 else ""  # noqa: PLR2004
    return {"days_after_due": later, "tone": tone}


async def _plan(visit: Visit) -> dict[str, Any]:
    plan: dict[str, Any] = await visit.call(
        "api.get_relance_plan", relance_plan_id=visit.path_id("relance_plan_id")
    )
    return plan


def _read_plan(form: Form, name: str) -> PlanDraft | None:
    """The plan of a form, a step's days as a number."""
    steps = [
        {"days_after_due": form.integer(_name(i, "days_after_due")), "tone": row["tone"]}
        for i, row in enumerate(_steps(form))
    ]
    return form.read(PlanDraft, name=name, steps=steps)


async def _keep_plan(visit: Visit, form: Form, plan: dict[str, Any] | None = None) -> Response:
    draft = _read_plan(form, form.text("name") or "")
    if draft is not None:
        try:
            if plan is None:
                await visit.call("api.create_relance_plan", **draft.model_dump())
            else:
                plan_id = plan["relance_plan_id"]
                await visit.call("api.put_relance_plan", relance_plan_id=plan_id, **draft.model_dump())
        except ApiError as error:
            form.refuse(error)
        else:
            return await visit.done("/plans", "created" if plan is None else "saved", name=draft.name)
    return await _show_plan(visit, form, plan, 422)


async def _try_plan(visit: Visit, plan: dict[str, Any] | None = None) -> Response:
    form = _edited(await visit.form())
    return await _show_plan(visit, form, plan)


async def _show_plan(
    visit: Visit, form: Form, plan: dict[str, Any] | None = None, status: int = 200
) -> Response:
    """The form with the dates of its steps, or with what is wrong with them."""
    draft = _read_plan(form, "-")  # a name that is not there yet hinders no dates
    steps = [] if draft is None else draft.model_dump()["steps"]
    invoice_id = form.integer("invoice_id")
    try:
        tried = await visit.call(
            "api.preview_plan",
            steps=steps,
            invoice_id=invoice_id if isinstance(invoice_id, int) else None,
        )
    except ApiError as error:
        form.refuse(error)
        tried = await visit.call("api.preview_plan", steps=[], invoice_id=None)
    return await visit.render(
        "plans/plan.html",
        status,
        form=form,
        plan=plan,
        steps=_steps(form),
        tried=tried,
        most_steps=_MOST_STEPS,
        action=f"/plans/{'new' if plan is None else plan['relance_plan_id']}",
        name_of=_name,
    )


async def _letter(visit: Visit, lang: str | None) -> _Which:
    """The tone of the path and the language that is asked for, else the organization's."""
    frame = await visit.known()
    tone = visit.request.path_params["tone"]
    locale = lang or frame["organization"]["locale"]
    for which in _LETTERS:
        if which.tone == tone and which.locale == locale:
            return which
    raise ApiError(404, "page__404", "There is no such letter.")


def _wording(form: Form, which: _Which) -> WordingDraft | None:
    """The words of a form; those that are ours, and none, are None."""
    wording = form.read(WordingDraft, opening=form.text("opening"), request=form.text("request"))
    if wording is None:
        return None
    usual = which.usual
    own = {part: text for part, text in wording.model_dump().items() if text != getattr(usual, part).strip()}
    return WordingDraft(**own)


def _refuse_wording(visit: Visit, form: Form, error: ApiError) -> None:
    """Say what was found wrong; of a field that does not exist, which one and on which line."""
    found = _FAULT.search(error.detail)
    if error.reason == "letter_wording__field" and error.field and found:
        words = say(visit.texts["wrong_field"], line=found[1], field=found[2])
        form.fault(error.field, words)
    else:
        form.refuse(error)


async def _preview(visit: Visit, which: _Which, wording: WordingDraft | None) -> dict[str, Any]:
    previewed: dict[str, Any] = await visit.call(
        "api.preview_letters",
        invoice_id=None,
        **which._asdict(),
        wording=wording and wording.model_dump(),
    )
    return previewed


async def _use_ours(visit: Visit, which: _Which) -> Response:
    """Return to our words; that they are ours already is no fault."""
    try:
        await visit.call("api.delete_letter_wording", **which._asdict())
    except ApiError as error:
        if error.reason != "letter_wording__missing":
            raise
    return await visit.done(which.address, "letter_usual")


async def _show_letter(
    visit: Visit, form: Form, which: _Which, previewed: dict[str, Any] | None, status: int = 200
) -> Response:
    letter = read_letter(previewed["items"][0]) if previewed else None
    return await visit.render(
        "plans/letter.html",
        status,
        form=form,
        **which._asdict(),
        tones=get_args(Tone),
        locales=get_args(Locale),
        letter=letter,
        words=letter and letter_words(letter),
        is_sample=previewed is not None and previewed["invoice_id"] is None,
        is_own=letter is not None and (letter.opening or letter.request) is not None,
    )
