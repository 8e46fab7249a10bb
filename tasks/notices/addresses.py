"""Addresses and signing keys of channels: sealed in the ledger, opened to send a message."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from models.escalation.channel import Channel
from models.i18n import gettext as _
from tasks.database import transaction
from tasks.notices.receiver import WrongAddress, web_address
from tasks.notices.secret_key import NoSecretKey, fingerprint, known_keys, seal, sealing_key, unseal

LOCK = "SELECT pg_advisory_xact_lock(hashtext('luodi.channels'))"


@dataclass(frozen=True)
class Address:
    url: str = field(repr=False)
    key: str = field(repr=False, default="")  # shared with the receiver; without one, messages are not signed

    @property
    def host(self) -> str:
        try:
            return web_address(self.url).host
        except WrongAddress:
            return ""


def address_of(name: str) -> Address | None:
    """Where a channel's messages go; None if the ledger has no such channel.

    Raises `NoSecretKey` if it was sealed with a key that is not here.
    """
    with transaction() as session:
        channel = session.get(Channel, name)
    return _open(channel) if channel else None


def keep_address(name: str, url: str = "", key: str | None = None, *, actor: str) -> None:
    """Set a channel's address and key; what is not given stays as it was.

    Raises `NoSecretKey` if a channel was sealed with a key that is not here: this machine's key
    would then be one that the others cannot open.
    """
    with transaction(actor, actor) as session:
        session.execute(text(LOCK))
        _refuse_another_key(session)
        channel = session.get(Channel, name)
        former = _open(channel) if channel else Address("")
        address = Address(url or former.url, former.key if key is None else key)
        if channel is None or address != former:
            channel = channel or Channel(name=name)
            channel.host, channel.has_key, channel.changed_at = address.host, bool(address.key), datetime.now(UTC)
            _seal(channel, address)
            session.add(channel)


def forget_address(name: str, *, actor: str) -> None:
    with transaction(actor, actor) as session:
        session.execute(delete(Channel).where(Channel.name == name))


def seal_by_newest_key() -> None:
    """Seal anew what an older of our keys sealed, so that it may be thrown away."""
    keys = known_keys()
    if not keys:
        return
    with transaction() as session:
        older = select(Channel).where(Channel.sealed_with.in_([fingerprint(key) for key in keys[1:]]))
        for channel in session.scalars(older.order_by(Channel.name).with_for_update()):
            _seal(channel, _open(channel))


def _refuse_another_key(session: Session) -> None:
    known = [fingerprint(key) for key in known_keys()]
    foreign = session.scalars(select(Channel).where(Channel.sealed_with.not_in(known)).order_by(Channel.name))
    if channel := foreign.first():
        _open(channel)


def _seal(channel: Channel, address: Address) -> None:
    kept = {"name": channel.name, "url": address.url, "key": address.key}
    channel.sealed, channel.sealed_with = seal(json.dumps(kept, ensure_ascii=False)), fingerprint(sealing_key())


def _open(channel: Channel) -> Address:
    try:
        kept = json.loads(unseal(channel.sealed))
    except NoSecretKey as problem:
        why = _(
            "The address of the channel “%(name)s” cannot be read: %(why)s. Bring that key; if it is lost, delete the "
            "channel at the desk and set it anew."
        )
        raise NoSecretKey(why % {"name": channel.name, "why": problem}) from None
    if kept["name"] != channel.name:
        why = _("What the ledger holds for the channel “%(name)s” was sealed for another one: set it anew at the desk.")
        raise NoSecretKey(why % {"name": channel.name})
    return Address(kept["url"], kept["key"])
