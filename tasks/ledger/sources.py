"""Who or what wrote an entry of history, in words."""

from models.i18n import gettext, mark

SOURCES = {  # Luodi's own parts, as actors and at the head of sources
    "project-lifecycle": mark("Visit form"),
    "blocker-resolution": mark("Blocker form"),
    "investor-visit": mark("Form of a visit to an investor"),
    "escalation": mark("Answer to what was raised"),
    "record-fact": mark("Form to record a fact"),
    "change-assignment": mark("Form to change the assignment"),
    "correction": mark("Form to correct the ledger"),
    "ledger-import": mark("Import of a ledger file"),
    "revisit-campaign": mark("Revisit campaign"),
    "close-revisit-campaign": mark("End of a revisit campaign"),
    "escalation-sweep": mark("Sweep of deadlines"),
    "undo-sweep": mark("Undoing of a sweep"),
    "begin-backlog": mark("Beginning of what came in long overdue"),
    "notice-delivery": mark("Delivery of notices"),
    "ladder-policy": mark("Change of the ladder's numbers"),
    "reconciliation": mark("Reconciliation"),
    "new-calendar": mark("New calendar of working days"),
    "open-runs": mark("Opening of runs"),
    "sql": mark("Straight in the database"),
    "luodi": mark("Luodi itself"),
}


def named(actor: str) -> str:
    return gettext(SOURCES[actor]) if actor in SOURCES else actor


def source(recorded: str) -> str:
    """Where it came from: a form and its number, a file with its sheet and row, a part of Luodi."""
    first, _space, rest = recorded.partition(" ")
    return f"{gettext(SOURCES[first])} {rest}".strip() if first in SOURCES else recorded
