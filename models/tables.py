"""Every table, gathered: import this where all of them must be known."""

from models import action_item, ask, calendar, change, escalation, imported_file, organisation, policy, project
from models.base import Base

__all__ = [
    "Base",
    "action_item",
    "ask",
    "calendar",
    "change",
    "escalation",
    "imported_file",
    "organisation",
    "policy",
    "project",
]
