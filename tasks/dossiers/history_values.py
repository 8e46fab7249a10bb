"""Values out of history's JSON as people read them: labels, days, amounts, yes and no."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, Enum, Numeric

from models.ledger.project import in_words
from models.words import Currency
from tasks.documents.text import yes_or_no


def readable(value: Any, kind: object, currency: Currency) -> str:
    """A value of a column of that type, without the names of others."""
    match kind:
        case Enum(enum_class=word) if word is not None:
            return _label(word, value)
        case Boolean():
            return yes_or_no(bool(value))
        case Numeric():
            return in_words(Decimal(str(value)), currency)
        case Date():
            return str(date.fromisoformat(value))
    return text(value)


def text(value: Any) -> str:
    """A value out of JSON as it was entered."""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a whole number out of a workbook
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _label(word: Any, value: Any) -> str:
    try:
        return str(word(value).label)
    except ValueError:  # a word of former days
        return str(value)
