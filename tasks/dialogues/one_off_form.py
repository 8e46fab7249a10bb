"""A form that an operator starts by hand for one project."""

from abc import abstractmethod
from typing import Any

from sqlalchemy.orm import Session

from tasks.database import transaction
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import project_by_code
from tasks.runs.brief import label
from tasks.runs.dialogue import Dialogue, F
from tasks.runs.prefect_api import Label


def project_id_of(code: str) -> int:
    """The number of the project with that code.

    Raises:
        Refused: when there is none.
    """
    with transaction() as session:
        return project_by_code(session, code).id


class OneOffForm(Dialogue[F]):
    """A form about one project that is asked until an answer is accepted; then its run is over."""

    is_standing = False

    def label(self, session: Session) -> Label:
        """Code, name and purpose; county, sector and stage as tags."""
        return label(lock_project(session, self.subject_id), self.purpose)

    @property
    @abstractmethod
    def purpose(self) -> str:
        """What the form is for, as the runs list says it."""

    @property
    def parameters(self) -> dict[str, Any]:
        """None: people start these runs, and nothing starts them anew."""
        return {}
