"""How a message is posted: as signed JSON, to the address of a channel."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from pydantic import SecretStr

from models.escalation.receipt import HEALS, is_page, objection
from models.i18n import gettext as _
from tasks.notices.addresses import Address, address_of
from tasks.notices.receiver import Answer, Silence, WrongAddress, ask, web_address
from tasks.notices.secret_key import NoSecretKey

SLUG = "luodi-webhook"
POST_SECONDS = 20.0  # for all tries of one message together
PAUSES = (0.5, 1.0, 2.0)  # seconds between its tries; the hourly run waits longer, a worker must not
REACH_SECONDS = 5.0
NOT_HEAD = 501  # whoever knows no HEAD may say so like this
MOVED = (301, 308)
HIDDEN = "*" * 8  # what Prefect's API shows in place of a secret
SHORTEST_SECRET = 6  # characters; shorter parts of an address are words


class DeliveryRefused(Exception):
    """The receiver refuses the message for good: correct the channel the text names."""


class DeliveryDelayed(Exception):
    """The receiver cannot take the message now; the hourly run tries again."""


class NoAnswer(DeliveryDelayed):
    """The receiver did not answer at all, or too late."""


class LuodiWebhook(Block):
    """Posts a person's notices as signed JSON, to an office system or a robot.

    The blocks that people see at Prefect's server have a name and nothing secret: what is typed
    into one is moved to the ledger, see `tasks/notices/blocks.py`.
    """

    _block_type_name = "Luodi webhook"
    _block_type_slug = SLUG

    url: SecretStr = SecretStr("")
    key: SecretStr = SecretStr("")  # shared with the receiver; without one, messages are not signed
    kept: str = ""  # what people see in place of the two once Luodi keeps them

    def post(self, body: dict[str, Any], idempotency_key: str, *, tries_again: bool = True) -> None:
        """Post a message; the same key tells the receiver that it is the same message.

        What can heal is tried again within seconds, unless whoever asks does that.

        Raises `DeliveryRefused` when trying again cannot help, `DeliveryDelayed` when it can; by
        what the answer's body says, too, for many a receiver answers 200 to everything.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        headers |= self.signature(content, int(time.time()))
        pauses = PAUSES if tries_again else ()
        status, answered = self._ask("POST", POST_SECONDS, headers=headers, content=content, pauses=pauses)
        if status in HEALS or status >= 500:
            raise DeliveryDelayed(_("The receiver answered %(status)s.") % {"status": status})
        if refused := objection(answered):
            text = _("The receiver answered %(status)s, and did not take the message: %(why)s.")
            why = self._without_secrets(refused.why).rstrip(".。")
            raise (DeliveryDelayed if refused.heals else DeliveryRefused)(text % {"status": status, "why": why})
        if not 200 <= status < 300:
            raise DeliveryRefused(_("The receiver answered %(status)s.") % {"status": status})
        if is_page(answered):
            text = _(
                "A web page for people answered %(status)s, such as a login: no receiver took the message. "
                "Correct the address, or let Luodi pass without a login."
            )
            raise DeliveryRefused(text % {"status": status})

    def reach(self) -> str:
        """What the receiver answers to a HEAD, in words; no message is sent.

        Raises `DeliveryRefused` if messages would be refused, `DeliveryDelayed` if they would wait.
        """
        status = self._ask("HEAD", REACH_SECONDS).status
        if status in MOVED:
            raise DeliveryRefused(_("The receiver has moved: it answered %(status)s.") % {"status": status})
        if status >= 500 and status != NOT_HEAD:
            raise DeliveryDelayed(_("The receiver answered %(status)s.") % {"status": status})
        return _("It answers (%(status)s to a HEAD).") % {"status": status}

    def _ask(self, method: str, seconds: float, **request: Any) -> Answer:
        try:
            return ask(method, self.url.get_secret_value(), seconds=seconds, **request)
        except WrongAddress as problem:
            raise DeliveryRefused(str(problem)) from None
        except Silence as problem:
            raise NoAnswer(_("The receiver cannot be reached: %(why)s") % {"why": problem}) from None

    def _without_secrets(self, text: str) -> str:
        """The receiver's words, without what they repeat of the address or of the key."""
        url = web_address(self.url.get_secret_value())
        parts = re.split(r"[/?&=]", url.raw_path.decode("ascii", errors="replace"))
        for secret in {self.key.get_secret_value(), url.password, *url.path.split("/"), *url.params.values(), *parts}:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, HIDDEN)
        return text

    def signature(self, content: bytes, moment: int) -> dict[str, str]:
        """Headers that prove who wrote this, and when: HMAC-SHA256 of `moment.content`."""
        key = self.key.get_secret_value()
        if not key:
            return {}
        code = hmac.new(key.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()
        return {"X-Luodi-Timestamp": str(moment), "X-Luodi-Signature": f"sha256={code}"}


def channel(name: str) -> LuodiWebhook:
    """The channel as it will be used next: what is typed into its block will soon be what is kept.

    Raises `DeliveryRefused` when there is none, `DeliveryDelayed` when it cannot be opened here.
    """
    return _opened(name, (_typed_into_block, address_of))


def kept_channel(name: str) -> LuodiWebhook:
    """The same, once blocks were taken over: asks Prefect's server only for what is not kept."""
    return _opened(name, (address_of, _typed_into_block))


def _opened(name: str, sources: Sequence[Callable[[str], Address | None]]) -> LuodiWebhook:
    try:
        address = next(filter(None, (source(name) for source in sources)), None)
    except NoSecretKey as problem:
        raise DeliveryDelayed(str(problem)) from None
    if address is None:
        hint = _("The channel “%(name)s” has no address: set it at the desk, under Channels.")
        raise DeliveryRefused(hint % {"name": name})
    return LuodiWebhook(url=SecretStr(address.url), key=SecretStr(address.key))


def _typed_into_block(name: str) -> Address | None:
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        return typed(client.read_block_document_by_name(name, SLUG).data)
    return None


def typed(data: Mapping[str, object]) -> Address | None:
    """What somebody typed into a block; None if it says only what Luodi keeps."""
    url, key = (_text(data.get(name)) for name in ("url", "key"))
    return Address(url, key) if url or key else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and value != HIDDEN else ""
