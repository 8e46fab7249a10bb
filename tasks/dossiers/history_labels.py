"""What history calls sources and topics of visits. Columns have their labels in `models/`."""

from models.i18n import mark

TOPICS = {  # of the revisit register, by the names visits store them under
    "policy": mark("Policies carried out"),
    "promises": mark("Promises kept"),
    "supplies": mark("Land, power, labour and funds secured"),
    "environment": mark("Investment environment"),
    "service": mark("Service"),
    "difficulties": mark("Difficulties and problems"),
}

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
    "notice-delivery": mark("Delivery of notices"),
    "ladder-policy": mark("Change of the ladder's numbers"),
    "reconciliation": mark("Reconciliation"),
    "open-runs": mark("Opening of runs"),
    "sql": mark("Straight in the database"),
    "luodi": mark("Luodi itself"),
}
