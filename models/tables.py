"""Every table, gathered: import this where all of them must be known."""

from models import (
    action_item,
    ask,
    bulletin,
    calendar,
    change,
    escalation,
    imported_file,
    organisation,
    policy,
    project,
    revisit,
    target,
)
from models.base import Base

__all__ = [
    "Base",
    "action_item",
    "ask",
    "bulletin",
    "calendar",
    "change",
    "escalation",
    "imported_file",
    "organisation",
    "policy",
    "project",
    "revisit",
    "target",
]
