"""What ends a step that takes too long."""

from models.i18n import gettext as _


class Overdue(BaseException):
    """Raised inside a step past its deadline; `except Exception` does not catch it."""

    def __str__(self) -> str:
        return _("It took too long.")
