"""Every table, gathered: import this where all of them must be known."""

from models.base import Base
from models.bulletin import bulletin
from models.campaigns import campaign, revisit, target
from models.escalation import action_item, calendar, channel, escalation, notice, policy, question, withdrawn
from models.events import outbox
from models.ledger import cell_days, history, organisation, project
from models.office_files import imported_file
from models.office_files.sheets import remembered_mapping

__all__ = ["Base"]
