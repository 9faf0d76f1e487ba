"""Terms of payment in words."""

from app.core.text import Language
from app.web.words import load_texts, say


def terms_words(days: int, end_of_month: bool, language: Language) -> str:  # noqa: FBT001 - as the columns are
    """Terms of payment as an invoice states them: `30 jours fin de mois`, `30 days`."""
    words = load_texts(language, "common")["terms"]
    moment = "none" if days == 0 else "one" if days == 1 else "many"
    return str(say(words[f"{moment}_end_of_month" if end_of_month else moment], n=days))
