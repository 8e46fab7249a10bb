"""Runs the checks, all at once, within a bound: what hangs is named and holds up no other."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from prefect.context import SyncClientContext
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    temporary_settings,
)

from deployments.doctor.findings import Finding, wrong
from deployments.doctor.threads import begin
from models.i18n import enumerated
from models.i18n import gettext as _

# Seconds
WHOLE_PATIENCE = 9.0  # for the command with its start; where that alone took long, the checks still get …
LEAST_PATIENCE = 5.0
CALL_PATIENCE = 3.0  # for one answer of the server
IMPATIENT: Mapping[Any, Any] = {
    PREFECT_API_REQUEST_TIMEOUT: CALL_PATIENCE,
    PREFECT_CLIENT_MAX_RETRIES: 0,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,  # it would raise; a check of ours says it in plain words
}


@dataclass(frozen=True)
class Check:
    """One look at one part; left out when a check it `needs` finds something wrong."""

    subject: str  # what it looks at, in English: it is named where the look fails or hangs
    look: Callable[[], Iterable[Finding]]
    needs: tuple["Check", ...] = ()


def examine(checks: Sequence[Check], patience: float) -> Iterator[Finding]:
    """What the checks find, in their order; at last, in one finding, those that have not ended.

    A check that others need stands before them.
    """
    deadline = time.monotonic() + patience
    results: dict[Check, Future[list[Finding]]] = {}
    with temporary_settings(IMPATIENT), SyncClientContext.get_or_create():  # one client: making one is slow
        for check in checks:
            results[check] = begin(partial(_look, check, [results[needed] for needed in check.needs]))
        hanging = []
        for check, result in results.items():
            try:
                yield from result.result(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                hanging.append(_(check.subject))
    if hanging:
        what = _("Not examined, for it took longer than %(seconds)s seconds: %(subjects)s.")
        remedy = _("Mend first what is wrong above; if nothing is, stop `luodi up` and start it again.")
        yield wrong(what % {"seconds": f"{patience:g}", "subjects": enumerated(hanging)}, remedy)


def _look(check: Check, needed: Sequence[Future[list[Finding]]]) -> list[Finding]:
    """What a check finds, once those it needs have ended; a fault of it is a finding, too."""
    if any(finding.is_wrong for result in needed for finding in result.result()):
        return []
    try:
        return list(check.look())
    except Exception as fault:  # such as a ledger that goes down while we look
        why = f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
        what = _("Could not be examined: %(subject)s (%(why)s)")
        remedy = _("Run `luodi doctor` again; if it stays so, see the folder logs in LUODI_HOME.")
        return [wrong(what % {"subject": _(check.subject), "why": why}, remedy)]
