"""What the flows share that an operator starts by hand for one project."""

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


class Errand(Dialogue[F]):
    """One form about one project, asked until an answer is accepted; then the run is over."""

    is_standing = False

    def label(self, session: Session) -> Label:
        """Code, name and the errand; county, sector and stage as tags."""
        return label(lock_project(session, self.subject_id), self.errand)

    @property
    @abstractmethod
    def errand(self) -> str:
        """What the errand is called in the runs list."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Errands are started by people; nothing starts them anew."""
        return {}
