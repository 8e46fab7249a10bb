"""What a worker mends beside its runs: what a dead one left behind, and lost deployments."""

import time

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound

from deployments.automations import set_up_automations
from deployments.deploy import restore
from deployments.entrypoints import entrypoints
from deployments.slots import free_lost
from tasks.runs.prefect_api import start_unless_one_waits
from tasks.runs.reconciliation import restart_dead

CHECKS_DEPLOYMENTS = 60.0  # seconds between two looks whether all are there
RECONCILIATION = "reconciliation"


class Upkeep:
    """Knows what is due; asked for from the worker's loop, done in a thread."""

    def __init__(self) -> None:
        self._mends = True  # at the start: whoever served before us may have died
        self._checks_at = 0.0

    def mend(self) -> None:
        """Let what dead or failed executions left behind be mended soon."""
        self._mends = True

    def check_deployments(self) -> None:
        """Let the deployments be looked at soon."""
        self._checks_at = 0.0

    @property
    def is_due(self) -> bool:
        return self._mends or time.monotonic() >= self._checks_at

    def take(self) -> None:
        """Do what is due: first what answers wait for."""
        if self._mends:
            self._mend()
        else:
            self._checks_at = time.monotonic() + CHECKS_DEPLOYMENTS
            with get_client(sync_client=True) as client:
                self._mends = bool(restore(client)) or self._mends
                free_lost(client)
                set_up_automations(client)

    def _mend(self) -> None:
        self._mends = False
        try:
            with get_client(sync_client=True) as client:
                restart_dead(client, list(entrypoints()))
                start_unless_one_waits(client, RECONCILIATION)  # without the ledger, none is executed
        except ObjectNotFound:  # no deployment: registered now, it is an occasion to mend
            self.check_deployments()
        except Exception:
            self._mends = True
            raise
