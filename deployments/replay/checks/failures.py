"""How a replay ends that finds the ledger not as it must be."""

from collections.abc import Sequence
from datetime import date

from models.i18n import gettext as _


class ReplayFailed(RuntimeError):
    """The ledger is not as it must be: the message says on which day, and what is wrong."""

    def __init__(self, day: date, faults: Sequence[str]) -> None:
        message = _("The replay stopped on %(day)s, for the ledger is not as it must be:\n%(faults)s")
        super().__init__(message % {"day": day, "faults": "\n".join(f"- {fault}" for fault in faults)})
