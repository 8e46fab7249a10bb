"""How long Prefect keeps events: ours for years, so that a project's feed is its timeline."""

import json

OURS = "P1095D"  # three years; Prefect's own would be a week, for all
A_WEEK = 7 * 24 * 3600  # seconds
RUN_STATES = (
    *("Scheduled", "Late", "Pending", "Running", "Suspended", "Paused", "Resuming", "Completed", "Failed", "Crashed"),
    *("Cancelling", "Cancelled", "Retrying", "AwaitingRetry", "AwaitingConcurrencySlot", "Cached", "RolledBack"),
)
# Of what Prefect tells of itself, whatever comes often; it takes no patterns here.
OFTEN = (
    *(f"prefect.{kind}.{state}" for kind in ("flow-run", "task-run") for state in RUN_STATES),
    *(f"prefect.{kind}.{status}" for kind in ("work-pool", "work-queue") for status in ("ready", "not-ready")),
    *(f"prefect.deployment.{status}" for status in ("ready", "not-ready", "created", "updated", "deleted")),
    *(f"prefect.automation.{state}" for state in ("triggered", "resolved")),
    *(f"prefect.automation.action.{state}" for state in ("triggered", "executed", "failed")),
    *("prefect.work-pool.updated", "prefect.work-queue.updated", "prefect.flow-run.heartbeat"),
)
KEPT = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": OURS,
    "PREFECT_SERVER_SERVICES_DB_VACUUM_EVENT_RETENTION_OVERRIDES": json.dumps(dict.fromkeys(OFTEN, A_WEEK)),
}
