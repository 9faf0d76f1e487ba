"""What the heading of a column says, in French or in English."""

import re
import unicodedata

from app.core.codes import CURRENCY_DIGITS

_FILLERS = frozenset(
    ("a", "au", "d", "de", "des", "du", "la", "le", "les", "l", "the", "of", "on", "en", "in", "dont")
)
"""Words that tell no two columns apart."""

_INVOICE = frozenset(("facture", "factures", "invoice", "invoices", "bill"))
"""What the whole table is about: `date de la facture` is `date`. Alone, it is the number."""

_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "euro": "EUR", "euros": "EUR"}
_DOLLARS = {"US": "USD", "CA": "CAD", "C": "CAD", "AU": "AUD", "A": "AUD", "NZ": "NZD", "HK": "HKD"}
_UNCLEAR = frozenset(("$", "¥", "kr", "fr", "frs", "francs"))
"""Signs of several currencies each."""

_CORES: dict[str, str] = {
    "number": "numero|no|num|n|nr|number|ref|reference|piece|no piece|numero piece|document|no document|"
    "numero document|document number|doc number|no doc|id|no interne|code",
    "client_name": "client|nom client|client nom|client name|customer|customer name|name customer|"
    "raison sociale|raison sociale client|client raison sociale|societe|nom societe|entreprise|company|"
    "company name|debiteur|debtor|acheteur|buyer|buyer name|destinataire|tiers|nom tiers|bill to|billed to|"
    "organisation|organization|account name|nom|name",
    "client_email": "email|e mail|mail|courriel|adresse email|adresse e mail|adresse mail|adresse courriel|"
    "adresse electronique|email client|e mail client|mail client|courriel client|client email|client e mail|"
    "client mail|customer email|customer e mail|email customer|email address|e mail address|billing email|"
    "contact email|email contact|email facturation",
    "issued_on": "date emission|emission|emise|emis|emise|issue date|date issue|issued|date issued|"
    "date facturation|billing date|date document|date piece|document date|date|created|date creation|"
    "creation date|jour",
    "due_on": "date echeance|echeance|echeance paiement|due date|date due|due|payment due date|payment due|"
    "due by|pay by|date limite|date limite paiement|limite paiement|payable|payable avant|exigible|"
    "date exigibilite|date reglement prevue|date paiement prevue|maturity|maturity date",
    "amount_cents": "reste|reste payer|reste regler|restant|restant payer|montant restant|solde|"
    "solde restant|montant reste|amount due|due amount|balance|balance due|remaining|remaining amount|"
    "amount remaining|amount outstanding|outstanding|outstanding amount|open amount|amount open|net payer|"
    "montant payer|somme payer|montant ttc|total ttc|ttc|prix ttc|montant total ttc|total montant ttc|"
    "amount incl tax|total incl tax|total incl vat|amount incl vat|total inc tax|total inc vat|gross|"
    "gross amount|total gross|grand total|montant total|total amount|total montant|amount total|montant|"
    "total|amount|somme|sum|prix|price|montant ht|total ht|ht|prix ht|montant hors taxe|total hors taxe|"
    "hors taxe|montant total ht|net amount|total net|net|subtotal|sub total|amount excl tax|total excl tax|"
    "amount excl vat|total excl vat",
    "currency": "devise|code devise|currency|currency code|monnaie|cur|ccy",
    "status": "statut|status|etat|state|statut paiement|payment status|etat paiement",
    "paid": "paye|payee|payes|paid|regle|reglee|date paiement|date reglement|payment date|"
    "date paid|paid date|paye date|date encaissement|encaisse|encaissee|settled",
}
"""Folded headings of each column without fillers, the most telling first.

What is left to pay comes before the total, and the total with tax before the one without: a letter asks for
what is owed.
"""

_RANKS = {
    core: (field, rank)
    for field, cores in reversed(_CORES.items())
    for rank, core in reversed([*enumerate(cores.split("|"))])
}


_ALONE = 5
"""How well `Facture` alone names the number: as `number` does."""


def fold(text: str) -> str:
    """What headings and words are compared by: lower case, without accents, signs and double spaces."""
    plain = unicodedata.normalize("NFKD", re.sub("[°º]", "o ", text).replace("#", "no ")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", plain.replace("œ", "oe")))


def field_of(heading: str) -> tuple[str, int] | None:
    """The field that a heading names, and how well: 0 is best. None if it names none."""
    words = [word for word in fold(heading).split() if word not in _FILLERS]
    while words and (words[-1].upper() in CURRENCY_DIGITS or words[-1] in _SIGNS):
        words.pop()
    core = [word for word in words if word not in _INVOICE]
    return _RANKS.get(" ".join(core)) if core or not words else ("number", _ALONE)


def currency_of(text: str) -> str | None:
    """The currency that a text names by its code or its sign; `?` for a sign of several; None for none."""
    words: list[str] = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    for sign, code in _SIGNS.items():
        if sign in text or sign in words:
            return code
    for sign, code in _DOLLARS.items():
        if re.search(rf"\b{sign} ?\$|\$ ?{sign}\b", text, re.IGNORECASE):
            return code
    for word in words:
        if word.upper() in CURRENCY_DIGITS:
            return word.upper()
    return "?" if _UNCLEAR & {*words, *text} else None
