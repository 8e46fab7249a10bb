"""The events there are: what each is called, what it is about, and what it says.

`docs/events.md` has the same as a table; a test holds both together.
"""

from collections.abc import Mapping
from typing import NamedTuple

from models.i18n import mark
from models.words import BlockerCategory, Exit, ItemKind, ItemResult, Stage, Step, VisitOutcome, Word


class EventKind(NamedTuple):
    label: str
    payload: tuple[str, ...]  # numbers, days and words of closed sets: nothing that somebody wrote
    about: str = ""  # empty: the project, else the investor, else the unit of its row


ITEM = ("item_id", "kind", "due_on")
RAISED = (*ITEM, "step", "round", "raised_on")
EVENTS: Mapping[str, EventKind] = {
    "luodi.project.signed": EventKind(mark("Project signed"), ("signed_on",)),
    "luodi.project.landed": EventKind(mark("Project landed"), ("landed_on",)),
    "luodi.project.exited": EventKind(mark("Project exited"), ("exited_on", "exit")),
    "luodi.project.reopened": EventKind(mark("Project opened again"), ("former_stage",)),
    "luodi.visit.made": EventKind(mark("Visit made"), ("item_id", "visited_on", "due_on", "outcome")),
    "luodi.blocker.opened": EventKind(mark("Blocker opened"), ("item_id", "category", "opened_on", "due_on")),
    "luodi.blocker.resolved": EventKind(mark("Blocker resolved"), ("item_id", "resolved_on", "due_on")),
    "luodi.escalation.raised": EventKind(mark("Escalation"), (*RAISED, "document_no")),
    "luodi.escalation.answered": EventKind(mark("Escalation answered"), (*RAISED, "answer", "promised_on")),
    "luodi.item.closed": EventKind(mark("Item closed"), (*ITEM, "closed_on", "result")),
    "luodi.item.reopened": EventKind(mark("Item opened again"), ITEM),
    "luodi.bulletin.issued": EventKind(
        mark("Weekly bulletin issued"),
        ("bulletin_id", "year", "number", "week_from", "week_until", "issued_on"),
        "bulletin",
    ),
    "luodi.ledger.imported": EventKind(
        mark("Ledger file imported"),
        ("row_count", "new", "changed", "unchanged", "landed", "exited", "rows_left_out", "cells_left_out"),
        "ledger",
    ),
    "luodi.campaign.opened": EventKind(
        mark("Revisit campaign opened"), ("campaign_id", "due_on", "projects", "investors", "is_new"), "campaign"
    ),
    "luodi.campaign.closed": EventKind(
        mark("Revisit campaign closed"), ("campaign_id", "closed_on", "is_cancelled"), "campaign"
    ),
    "luodi.sweep.undone": EventKind(mark("Sweep undone"), ("sweep_id", "withdrawn", "kept"), "sweep"),
}
# Counts of a file that people read
COUNTS: Mapping[str, str] = {
    "new": mark("%(count)s projects new"),
    "changed": mark("%(count)s changed"),
    "landed": mark("%(count)s landed"),
    "exited": mark("%(count)s exited"),
}
# Parts of a payload that are words people read a label of
WORDS: Mapping[str, type[Word]] = {
    "kind": ItemKind,
    "step": Step,
    "result": ItemResult,
    "outcome": VisitOutcome,
    "category": BlockerCategory,
    "exit": Exit,
    "former_stage": Stage,
}
