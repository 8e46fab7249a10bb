"""What the columns of history are called in the office. Data; a test holds it against the tables."""

from models.i18n import mark as _

TOPICS = {
    "policy": _("Policies carried out"),
    "promises": _("Promises kept"),
    "supplies": _("Land, power, labour and funds secured"),
    "environment": _("Investment environment"),
    "service": _("Service"),
    "difficulties": _("Difficulties and problems"),
}
"""The six topics of the revisit register, by the names visits store them under."""

FIELDS: dict[str, dict[str, str]] = {
    "project": {
        "code": _("Project code"),
        "name": _("Project name"),
        "investor_id": _("Investor"),
        "sector": _("Sector"),
        "is_sme": _("Small or medium enterprise"),
        "unit_id": _("Responsible unit"),
        "amount": _("Total investment"),
        "currency": _("Currency"),
        "signed_on": _("Signed on"),
        "officer_id": _("Assigned officer"),
        "leader_id": _("Responsible leader"),
        "squad_id": _("Squad"),
        "origin_activity": _("Promotion activity"),
        "stage": _("Stage"),
        "exit": _("Kind of exit"),
        "exit_reason": _("Reason for the exit"),
        "ended_on": _("Landed or exited on"),
        "extra": _("Other columns"),
    },
    "project_co_unit": {"unit_id": _("Supporting unit")},
    "milestone": {
        "kind": _("Milestone"),
        "planned_on": _("Planned for"),
        "done_on": _("Reached on"),
        "evidence": _("Evidence"),
    },
    "progress": {"happened_on": _("Happened on"), "text": _("Progress"), "reported_by": _("Reported by")},
    "capital_event": {
        "kind": _("Kind"),
        "happened_on": _("Happened on"),
        "amount": _("Sum"),
        "currency": _("Currency"),
        "evidence": _("Evidence"),
    },
    "action_item": {
        "kind": _("Kind"),
        "investor_id": _("Investor"),
        "unit_id": _("Unit"),
        "milestone_id": _("Milestone"),
        "verifies_id": _("What is verified"),
        "owner_id": _("Owner"),
        "leader_id": _("Responsible leader"),
        "opened_on": _("Opened on"),
        "due_on": _("Due"),
        "closed_on": _("Closed on"),
        "result": _("Result"),
        "is_paused": _("Put on hold"),
        "promised_on": _("Promised by"),
        "round": _("Round"),
        "entry_step": _("First step after the due date"),
        "resumed_step": _("Step at which the clock stopped"),
    },
    "pause": {
        "from_on": _("On hold from"),
        "until_on": _("On hold until"),
        "reason": _("Reason"),
        "granted_by": _("Granted by"),
    },
    "extension": {
        "former_due_on": _("Former due date"),
        "due_on": _("New due date"),
        "reason": _("Reason"),
        "granted_by": _("Granted by"),
    },
    "visit": {
        "visited_on": _("Visited on"),
        "outcome": _("Outcome"),
        "progress": _("Progress"),
        "topics": _("Six topics of the revisit"),
        "filled_in_by": _("Filled in by"),
    },
    "blocker": {
        "category": _("Category"),
        "recipient_unit_id": _("Unit that must solve it"),
        "description": _("What the problem is"),
        "proposed_solution": _("Proposed solution"),
        "resolution": _("How it was resolved"),
        "coordination_asked_on": _("Coordination asked for on"),
    },
    "investor": {"name": _("Investor"), "registered_in": _("Investor registered in")},
    "person": {
        "delegate_id": _("Acts for the leader"),
        "delegate_from": _("Acts from"),
        "delegate_until": _("Acts until"),
    },
}
UNTOLD = {"id", "recorded_at", "project_id", "item_id"}
"""Columns that say nothing to a reader."""

SOURCES = {
    "project-lifecycle": _("Visit form"),
    "blocker-resolution": _("Blocker form"),
    "investor-visit": _("Form of a visit to an investor"),
    "escalation": _("Answer to what was raised"),
    "record-fact": _("Form to record a fact"),
    "change-assignment": _("Form to change the assignment"),
    "correction": _("Form to correct the ledger"),
    "ledger-import": _("Import of a ledger file"),
    "revisit-campaign": _("Revisit campaign"),
    "close-revisit-campaign": _("End of a revisit campaign"),
    "escalation-sweep": _("Sweep of deadlines"),
    "notice-delivery": _("Delivery of notices"),
    "ladder-policy": _("Change of the ladder's numbers"),
    "reconciliation": _("Reconciliation"),
    "open-runs": _("Opening of runs"),
    "sql": _("Straight in the database"),
    "luodi": _("Luodi itself"),
}
"""What history calls Luodi's own parts, as actors and at the head of sources."""
