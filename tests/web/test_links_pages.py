"""The pages that mails about an account lead to: a token in the address, no session, no script."""

from app.core.security import new_token
from tests.support.app import SECRETS, App, Page, Visitor
from tests.support.cast import Cast
from tests.support.letters import begin_notice

NEW = "une toute autre phrase"


def mailed(cast: Cast) -> str:
    """The page of a link that was mailed just now for a forgotten password."""
    begun = begin_notice(cast, "reset_password")
    cast.finish(begun)
    cast.clock.advance(seconds=1)
    SECRETS.add(begun["token"].plain)
    return f"/reset-password/{begun['token'].plain}"


def guarded(page: Page) -> None:
    """What every such page is: without script, cookie, or a referrer that holds its token."""
    assert "<script" not in page.html
    assert "set-cookie" not in page.response.headers
    assert page.response.headers["referrer-policy"] == "strict-origin"
    assert "script-src" not in page.response.headers["content-security-policy"]
    assert page.response.headers["cache-control"] == "no-store"


def test_a_forgotten_password_is_replaced(cast: Cast, app: App, visitor: Visitor) -> None:
    """The form says the same for any address; the link's page takes the new password, once."""
    stranger = app.visitor()
    assert "/forgot-password" in stranger.get("/sign-in").html
    assert stranger.post("/forgot-password", email="lea").status == 422
    said = [stranger.press("/forgot-password", email=email).text for email in (cast.email, "x@y.example")]
    assert said[0] == said[1]
    assert "Si cette adresse a un compte" in said[0]

    page = mailed(cast)
    for reader in (stranger, visitor):
        opened = reader.get(page)
        guarded(opened)
        assert cast.email in opened.text
        assert "Camille Martin" not in opened.text  # no session is read
    common = stranger.post(page, password="motdepasse")
    guarded(common)
    assert (common.status, "l’un des plus courants" in common.text) == (422, True)
    assert visitor.get("/settings/account").status == 200

    assert "Votre nouveau mot de passe est enregistré" in stranger.press(page, password=NEW).text
    assert visitor.get("/settings/account").to.startswith("/sign-in")
    assert stranger.post("/sign-in", email=cast.email, password=NEW).to == "/"
    assert "Ce lien a déjà servi" in stranger.get(page).text
    again = app.visitor("en").post(page, password=NEW)
    guarded(again)
    assert "This link was used already" in again.text


def test_a_token_of_nobody_opens_nothing(app: App) -> None:
    """Unknown, malformed, or with another method; another site's form is refused."""
    stranger = app.visitor()
    page = f"/reset-password/{new_token()}"
    for path in (page, "/reset-password/short", "/reset-password/%00"):
        opened = stranger.get(path)
        guarded(opened)
        assert "Ce lien ne mène nulle part" in opened.text
    assert "Ce lien ne mène nulle part" in stranger.post(page, password=NEW).text
    assert stranger.post(page, {"Sec-Fetch-Site": "cross-site"}, password=NEW).status == 403
    assert stranger.post(page, {"Origin": stranger.url}, password=NEW).status == 200


def test_one_changes_ones_password_in_the_settings(cast: Cast, app: App) -> None:
    """The old one is asked, beside its field; other sessions end; it is said once."""
    stranger = app.visitor()
    cast.public("request_password_reset", email=cast.email)
    assert stranger.press(mailed(cast), password=NEW).status == 200
    inside, other = app.visitor(), app.visitor()
    for visitor in (inside, other):
        assert visitor.post("/sign-in", email=cast.email, password=NEW).to == "/"
    path = "/settings/account/password"
    wrong = inside.post(path, password="pas la bonne", new_password="encore une autre phrase")
    assert (wrong.status, "Ce n’est pas votre mot de passe actuel." in wrong.text) == (422, True)
    short = inside.post(path, password=NEW, new_password="court")
    assert (short.status, "Entre 10 et 128 caractères." in short.text) == (422, True)
    assert "court" not in short.html.split("<main")[1]
    said = inside.press(path, password=NEW, new_password="encore une autre phrase")
    assert "Votre mot de passe est changé" in said.text
    assert inside.get("/settings/account").status == 200
    assert other.get("/settings/account").to.startswith("/sign-in")


def test_an_address_is_changed_and_taken_back(cast: Cast, app: App) -> None:
    """The settings ask for the password; each mailbox has its page and button; nothing else changes it."""
    stranger = app.visitor()
    cast.public("request_password_reset", email=cast.email)
    assert stranger.press(mailed(cast), password=NEW).status == 200
    inside = app.visitor()
    assert inside.post("/sign-in", email=cast.email, password=NEW).to == "/"
    path, hostile = "/settings/account/email", "o'neuve&copy@martin.example"
    wrong = inside.post(path, email=hostile, password="pas la bonne")
    assert (wrong.status, "Ce n’est pas votre mot de passe actuel." in wrong.text) == (422, True)
    same = inside.post(path, email=cast.email, password=NEW)
    assert (same.status, "C’est déjà votre adresse." in same.text) == (422, True)
    assert "Un message vient de partir vers" in inside.press(path, email=hostile, password=NEW).text
    pages = []
    for kind in ("change_email", "email_changing"):
        begun = begin_notice(cast, kind)
        cast.finish(begun)
        pages.append(f"/email-change/{begun['token'].plain}")
    change, stop = pages
    for page in pages:
        opened = stranger.get(page)
        guarded(opened)
        assert hostile in opened.text
        assert "neuve&copy@" not in opened.html
    assert cast.email in inside.get("/settings/account").text
    done = stranger.press(change)
    guarded(done)
    assert "Votre adresse est changée" in done.text
    assert hostile in inside.get("/settings/account").text
    assert "toutes ses connexions seront fermées" in stranger.get(stop).text
    assert "Your address stays the same" in app.visitor("en").press(stop).text
    assert inside.get("/settings/account").to.startswith("/sign-in")
    assert inside.post("/sign-in", email=cast.email, password=NEW).status == 422
    assert "Ce changement est arrêté" in stranger.get(change).text
