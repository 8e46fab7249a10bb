"""The ledger's choices in forms that start a run; `choice_of` names them."""

from collections.abc import Callable, Mapping

from prefect import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.exceptions import PrefectHTTPStatusError
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.i18n import mark
from models.words import OPENED_KINDS, Sector
from tasks.database import snapshot
from tasks.dialogues.parameters.campaign_plan import ANY_SECTOR, EACH_COUNTY, WHOLE_CITY
from tasks.escalation.policy import campaign_names
from tasks.escalation.undo import sweep_names
from tasks.ledger.lookups import squad_names, unit_names
from tasks.revisits.open import open_names
from tasks.runs.forms import with_choices

NO_SQUAD, EVERY_KIND, EVERY_CAMPAIGN = mark("(no squad)"), mark("(every kind)"), mark("(every campaign)")


def _squads(session: Session) -> list[str]:
    names = squad_names(session)
    return [_(NO_SQUAD), *names] if names else []


CHOICES: Mapping[str, Callable[[Session], list[str]]] = {
    "units": unit_names,
    "places": lambda session: [_(WHOLE_CITY), _(EACH_COUNTY), *unit_names(session)],
    "sectors": lambda _session: [_(ANY_SECTOR), *(sector.label for sector in Sector)],
    "squads": _squads,
    "kinds": lambda _session: [_(EVERY_KIND), *(kind.label for kind in OPENED_KINDS)],
    "campaigns": lambda session: [_(EVERY_CAMPAIGN), *campaign_names(session)],
    "revisit campaigns": open_names,
    "sweeps": sweep_names,
}


def current_choices() -> dict[str, list[str]]:
    with snapshot() as session:
        return {name: names(session) for name, names in CHOICES.items()}


def offer_choices() -> None:
    """Let every form that starts a run offer what the ledger has now.

    Raises:
        PrefectHTTPStatusError: where parameters that an operator set do not fit; once the rest is
            renewed.
    """
    choices, misfit = current_choices(), None
    with get_client(sync_client=True) as client:
        for deployment in client.read_deployments():
            schema = deployment.parameter_openapi_schema
            renewed = with_choices(schema, choices)
            if renewed != schema:
                try:
                    client.update_deployment(deployment.id, DeploymentUpdate(parameter_openapi_schema=renewed))
                except PrefectHTTPStatusError as problem:
                    misfit = problem
    if misfit:
        raise misfit
