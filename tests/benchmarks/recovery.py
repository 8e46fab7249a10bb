"""How long answers wait after a death.

Forms are answered while the worker, then the server, is killed with -9 and started again; printed
are the seconds from the new worker's start, or from the server's first answer, to the next form.
By `PYTHONPATH=tests .venv/bin/python tests/benchmarks/recovery.py`; sizes: `RECOVERY_KILLS`,
`RECOVERY_FORMS`.
"""

import os
import random
import statistics
import time
from collections.abc import Callable

from benchmarks.run import scratch_office
from deployments import children
from deployments.up import own_command, server_command
from models.escalation.question import Ask
from support.office import Office
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE

KILLS, FORMS = int(os.environ.get("RECOVERY_KILLS", "20")), int(os.environ.get("RECOVERY_FORMS", "5"))


def kill_worker(office: Office) -> None:
    office.kill_worker()
    log = office.folder / "worker-again.log"
    office.workers.append(children.start(own_command("worker"), log, office.environment()))


def kill_server(office: Office) -> None:
    if office.server:
        office.server.kill()
        office.server.wait()
    log = office.folder / "server.log"
    office.server = children.start(server_command(office.port), log, office.environment())
    wait_for(office.is_served, "the server", patience=120)


def waits(office: Office, forms: dict[int, Ask], kill: Callable[[Office], None]) -> list[float]:
    """Answer all forms, the kill among them; the seconds until each next form waits."""
    half = len(forms) // 2
    for number, form in enumerate(list(forms.values())):
        assert office.visit(form).is_accepted
        if number == half - 1:
            time.sleep(random.uniform(0, 0.3))  # noqa: S311 - not a secret
            break
    kill(office)
    back = time.monotonic()
    for form in list(forms.values())[half:]:
        assert office.visit(form).is_accepted
    seconds: dict[int, float] = {}

    def all_ask() -> bool:
        for project_id in forms.keys() - seconds.keys():
            if following := office.waiting(LIFECYCLE, project_id, forms[project_id]):
                seconds[project_id], forms[project_id] = time.monotonic() - back, following
        return len(seconds) == len(forms)

    wait_for(all_ask, "every next form", patience=900)
    return list(seconds.values())


def main() -> None:
    with scratch_office() as office:
        projects = office.sign(FORMS)
        office.open_runs()
        forms = {project_id: office.visit_asked(project_id) for project_id in projects}
        for name, kill in (("worker", kill_worker), ("server", kill_server)):
            found = sorted(second for _kill in range(KILLS) for second in waits(office, forms, kill))
            print(
                f"{name}: {KILLS} kills, median {statistics.median(found):.1f} s, longest {found[-1]:.1f} s", flush=True
            )
        visits = [len(office.visits(project_id)) for project_id in projects]
        print(f"answers {2 * KILLS * FORMS}, in the ledger {sum(visits)}")


if __name__ == "__main__":
    main()
