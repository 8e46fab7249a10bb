"""Registers the automations of `automations.yaml`: off until there is a block to tell by."""

import uuid
from functools import cache
from importlib.resources import files
from typing import Any, TypedDict, cast

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import PrefectHTTPStatusError

from models.i18n import gettext as _
from tasks.database import transaction
from tasks.ledger.locks import one_at_a_time

BLOCK = "office"
# Prefect's variable that remembers what was made and put on: what was deleted since stays deleted
REMEMBERED = "luodi_automations"


class Remembered(TypedDict):
    id: str
    was_put_on: bool


@cache
def declared() -> list[dict[str, Any]]:
    """The automations of `automations.yaml`."""
    declaration = yaml.safe_load((files("deployments") / "automations.yaml").read_text("utf-8"))
    return cast(list[dict[str, Any]], declaration["automations"])


def set_up_automations(client: SyncPrefectClient) -> None:
    """Make the automations that never were; put on those that never were, once the block is there.

    With nothing to do it is one call, or two as long as there is no block.
    """
    if not _is_anything_to_do(client):
        return
    with transaction() as session:
        one_at_a_time(session, "automations")
        remembered, block = _remembered(client), _block(client)
        for entry in declared():
            if entry["key"] not in remembered:
                remembered[entry["key"]] = {"id": str(_make(client, entry)), "was_put_on": False}
                _remember(client, remembered)
            if block:
                _put_on(client, entry, remembered[entry["key"]], block)
        _remember(client, remembered)


def _is_anything_to_do(client: SyncPrefectClient) -> bool:
    remembered = _remembered(client)
    made = [remembered[entry["key"]] for entry in declared() if entry["key"] in remembered]
    is_off = not all(each["was_put_on"] for each in made)
    return len(made) < len(declared()) or (is_off and _block(client) is not None)


def _make(client: SyncPrefectClient, entry: dict[str, Any]) -> uuid.UUID:
    """Prefect takes a notification only with its block: until then the automation does nothing."""
    name, description = _worded(entry, "name", "description")
    if there := client.read_automations_by_name(name):  # made by one that was killed before it noted so
        return there[0].id
    off = AutomationCore(
        name=name, description=description, enabled=False, trigger=entry["trigger"], actions=[DoNothing()]
    )
    return client.create_automation(off)


def _worded(entry: dict[str, Any], *fields: str) -> list[str]:
    """The texts of an automation in the office's language."""
    return [_(text) for text in (entry[field] for field in fields)]


def _put_on(client: SyncPrefectClient, entry: dict[str, Any], made: Remembered, block: uuid.UUID) -> None:
    """Put it on, unless somebody has deleted it or put it to use before."""
    if made["was_put_on"]:
        return
    made["was_put_on"] = True
    automation = _read(client, made["id"])
    if automation is None or automation.enabled or any(action.type != "do-nothing" for action in automation.actions):
        return
    subject, body = _worded(entry, "subject", "body")
    # The client leaves out what is not said, the type as well
    notification = SendNotification(type="send-notification", block_document_id=block, subject=subject, body=body)
    parts = automation.model_dump(exclude={"id", "owner_resource"}) | {"enabled": True, "actions": [notification]}
    client.update_automation(automation.id, AutomationCore(**parts))


def _read(client: SyncPrefectClient, automation_id: str) -> Automation | None:
    try:
        return client.read_automation(automation_id)
    except PrefectHTTPStatusError as problem:
        if problem.response.status_code == 404:
            return None
        raise


def _block(client: SyncPrefectClient) -> uuid.UUID | None:
    """The number of the block of whatever kind that notifies, by its name."""
    body: Any = {
        "block_documents": {"name": {"any_": [BLOCK]}},
        "block_schemas": {"block_capabilities": {"all_": ["notify"]}},
        "limit": 1,
    }
    found = client.request("POST", "/block_documents/filter", json=body).json()
    return uuid.UUID(found[0]["id"]) if found else None


def _remembered(client: SyncPrefectClient) -> dict[str, Remembered]:
    variable = client.read_variable_by_name(REMEMBERED)
    return cast(dict[str, Remembered], dict(cast(Any, variable.value))) if variable else {}


def _remember(client: SyncPrefectClient, remembered: dict[str, Remembered]) -> None:
    value = cast(Any, remembered)
    if client.read_variable_by_name(REMEMBERED):
        client.update_variable(VariableUpdate(name=REMEMBERED, value=value))
    else:
        client.create_variable(VariableCreate(name=REMEMBERED, value=value))
