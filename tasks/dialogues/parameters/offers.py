"""What the forms that start a run let people choose from the ledger: units, squads, campaigns that are open."""

from collections.abc import Callable, Mapping

from prefect import get_client
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.i18n import mark
from tasks.database import snapshot
from tasks.dialogues.parameters.campaign_plan import offer_places
from tasks.ledger.lookups import squad_names, unit_names
from tasks.revisits.open import open_names
from tasks.runs.prefect_api import offer

NO_SQUAD = mark("(no squad)")
Names = Callable[[Session], list[str]]


def _squads(session: Session) -> list[str]:
    names = squad_names(session)
    return [_(NO_SQUAD), *names] if names else []


OFFERS: Mapping[str, Mapping[str, Names]] = {
    "campaign-plan": {"units": unit_names},  # in the entries of its list: see `offer_places`
    "ledger-export": {"units": unit_names},
    "revisit-campaign": {"units": unit_names, "squad": _squads},
    "close-revisit-campaign": {"campaign": open_names},
    "slow-landing": {"units": unit_names},
}
"""By deployment and parameter."""


def offered(deployment: str) -> dict[str, list[str]]:
    """What the form that starts a deployment's run offers from the ledger, by parameter."""
    with snapshot() as session:
        return {name: names(session) for name, names in OFFERS.get(deployment, {}).items()}


def offer_choices() -> None:
    """Let all such forms offer what the ledger has by now: for whoever has just entered some of it."""
    with get_client(sync_client=True) as client:
        for deployment in OFFERS:
            offer(client, deployment, offered(deployment))
    offer_places()
