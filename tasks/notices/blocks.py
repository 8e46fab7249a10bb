"""Channels as people see them at Prefect's server: blocks that hold a name and nothing secret.

An address typed into a block is moved to the ledger; a block that is missing is made again.
"""

from collections.abc import Mapping
from contextlib import suppress

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import BlockDocumentCreate, BlockDocumentUpdate
from prefect.client.schemas.objects import BlockDocument
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from sqlalchemy import select

from models.escalation.channel import Channel
from models.i18n import gettext as _
from models.i18n import mark
from tasks.database import transaction
from tasks.notices.addresses import keep_address, seal_by_newest_key
from tasks.notices.secret_key import NoSecretKey
from tasks.notices.webhook import SLUG, LuodiWebhook, typed

ACTOR = "channels"
FIELDS = {
    "url": (mark("Address"), mark("https://… that takes a POST of JSON; empty: as it was")),
    "key": (mark("Signing key"), mark("Shared with the receiver, who can check the signature; empty: as it was")),
    "kept": (mark("What Luodi keeps"), mark("Luodi writes this itself")),
}


def take_over() -> list[str]:
    """Move what was typed into blocks to the ledger, and make missing blocks again.

    Safe to repeat, and to be done by several at once. Returns what failed.
    """
    try:
        seal_by_newest_key()
        blocks = _blocks()
        for block in blocks:
            _take_over(block)
        _show_all({str(block.name): block.data for block in blocks})
    except NoSecretKey as problem:
        return [str(problem)]
    except Exception as fault:  # its text may hold what was typed
        return [_("The channels' blocks could not be taken over: %(why)s") % {"why": type(fault).__name__}]
    return []


def _blocks() -> list[BlockDocument]:
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        return client.read_block_documents_by_type(SLUG, include_secrets=True)  # all: this call has no pages
    return []  # the block type is not registered yet


def _take_over(block: BlockDocument) -> None:
    address = typed(block.data)
    if address:
        keep_address(str(block.name), address.url, address.key or None, actor=ACTOR)


def _show_all(shown: Mapping[str, Mapping[str, object]]) -> None:
    with transaction() as session:
        channels = session.scalars(select(Channel).order_by(Channel.name)).all()
    for channel in channels:
        if shown.get(channel.name) != _data(channel):
            show(channel, shown.get(channel.name))


def _data(channel: Channel) -> dict[str, str]:
    text = _("Address (%(host)s) and key are kept by Luodi. Change them at the desk, under Channels.")
    return {"url": "", "key": "", "kept": text % {"host": channel.host or "–"}}


def show(channel: Channel, seen: Mapping[str, object] | None = None) -> None:
    """Make or mend the block of a channel, unless somebody typed into it since it was seen."""
    with get_client(sync_client=True) as client:
        kind = client.read_block_type_by_slug(SLUG)
        schema = client.get_most_recent_block_schema_for_block_type(kind.id)
        block = BlockDocumentCreate(
            name=channel.name,
            data=_data(channel),
            block_type_id=kind.id,
            block_schema_id=schema.id if schema else None,
        )
        try:
            client.create_block_document(block)
        except ObjectAlreadyExists:
            there = client.read_block_document_by_name(channel.name, SLUG, include_secrets=True)
            if seen is not None and there.data != seen:
                return
            mended = BlockDocumentUpdate(
                block_schema_id=block.block_schema_id, data=block.data, merge_existing_data=False
            )
            client.update_block_document(there.id, mended)


def show_name(name: str) -> None:
    """Make or mend the block of the channel of that name."""
    with transaction() as session:
        channel = session.get_one(Channel, name)
    show(channel)


def hide(name: str) -> None:
    """Delete the block of a channel, if there is one."""
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        client.delete_block_document(client.read_block_document_by_name(name, SLUG, include_secrets=False).id)


def register() -> None:
    """Offer the block at Prefect's server, its texts in the office's language."""
    for name, field in LuodiWebhook.model_fields.items():
        title, description = FIELDS[name]
        field.title, field.description = _(title), _(description)
    LuodiWebhook._description = _(
        "Where notices are sent. Set it at the desk, under Channels. What is typed here can be read by everyone who "
        "reaches this server, until Luodi takes it over within ten minutes; then only a reference stays."
    )
    LuodiWebhook.model_rebuild(force=True)
    LuodiWebhook.register_type_and_schema()
