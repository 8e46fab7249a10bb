"""What the columns of history are called in the office. Data; a test holds it against the tables."""

from models.i18n import mark

TOPICS = {
    "policy": mark("Policies carried out"),
    "promises": mark("Promises kept"),
    "supplies": mark("Land, power, labour and funds secured"),
    "environment": mark("Investment environment"),
    "service": mark("Service"),
    "difficulties": mark("Difficulties and problems"),
}
"""The six topics of the revisit register, by the names visits store them under."""

FIELDS: dict[str, dict[str, str]] = {
    "project": {
        "code": mark("Project code"),
        "name": mark("Project name"),
        "investor_id": mark("Investor"),
        "sector": mark("Sector"),
        "is_sme": mark("Small or medium enterprise"),
        "unit_id": mark("Responsible unit"),
        "amount": mark("Total investment"),
        "currency": mark("Currency"),
        "signed_on": mark("Signed on"),
        "officer_id": mark("Assigned officer"),
        "leader_id": mark("Responsible leader"),
        "squad_id": mark("Squad"),
        "origin_activity": mark("Promotion activity"),
        "stage": mark("Stage"),
        "exit": mark("Kind of exit"),
        "exit_reason": mark("Reason for the exit"),
        "ended_on": mark("Landed or exited on"),
        "extra": mark("Other columns"),
    },
    "project_co_unit": {"unit_id": mark("Supporting unit")},
    "milestone": {
        "kind": mark("Milestone"),
        "planned_on": mark("Planned for"),
        "done_on": mark("Reached on"),
        "evidence": mark("Evidence"),
    },
    "progress": {"happened_on": mark("Happened on"), "text": mark("Progress"), "reported_by": mark("Reported by")},
    "capital_event": {
        "kind": mark("Kind"),
        "happened_on": mark("Happened on"),
        "amount": mark("Sum"),
        "currency": mark("Currency"),
        "evidence": mark("Evidence"),
    },
    "action_item": {
        "kind": mark("Kind"),
        "investor_id": mark("Investor"),
        "unit_id": mark("Unit"),
        "milestone_id": mark("Milestone"),
        "verifies_id": mark("What is verified"),
        "owner_id": mark("Owner"),
        "leader_id": mark("Responsible leader"),
        "opened_on": mark("Opened on"),
        "due_on": mark("Due"),
        "closed_on": mark("Closed on"),
        "result": mark("Result"),
        "is_paused": mark("Put on hold"),
        "promised_on": mark("Promised by"),
        "round": mark("Round"),
        "entry_step": mark("First step after the due date"),
        "resumed_step": mark("Step at which the clock stopped"),
    },
    "pause": {
        "from_on": mark("On hold from"),
        "until_on": mark("On hold until"),
        "reason": mark("Reason"),
        "granted_by": mark("Granted by"),
    },
    "extension": {
        "former_due_on": mark("Former due date"),
        "due_on": mark("New due date"),
        "reason": mark("Reason"),
        "granted_by": mark("Granted by"),
    },
    "visit": {
        "visited_on": mark("Visited on"),
        "outcome": mark("Outcome"),
        "progress": mark("Progress"),
        "topics": mark("Six topics of the revisit"),
        "filled_in_by": mark("Filled in by"),
    },
    "blocker": {
        "category": mark("Category"),
        "recipient_unit_id": mark("Unit that must solve it"),
        "description": mark("What the problem is"),
        "proposed_solution": mark("Proposed solution"),
        "resolution": mark("How it was resolved"),
        "coordination_asked_on": mark("Coordination asked for on"),
    },
    "investor": {"name": mark("Investor"), "registered_in": mark("Investor registered in")},
    "person": {
        "delegate_id": mark("Acts for the leader"),
        "delegate_from": mark("Acts from"),
        "delegate_until": mark("Acts until"),
    },
}
UNTOLD = {"id", "recorded_at", "project_id", "item_id"}
"""Columns that say nothing to a reader."""

SOURCES = {
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
    "notice-delivery": mark("Delivery of notices"),
    "ladder-policy": mark("Change of the ladder's numbers"),
    "reconciliation": mark("Reconciliation"),
    "open-runs": mark("Opening of runs"),
    "sql": mark("Straight in the database"),
    "luodi": mark("Luodi itself"),
}
"""What history calls Luodi's own parts, as actors and at the head of sources."""
