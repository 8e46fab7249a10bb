"""Where notices go: channels are Prefect blocks, which hold addresses and secrets."""

import hashlib
import hmac
import json
import logging
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from prefect.blocks.core import Block
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from models.i18n import gettext as _

# Its warnings name addresses, which hold secrets
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
PATIENCE = (3.05, 10)  # seconds to connect and to wait for the reply
DEFAULT_PORTS = {"http": 80, "https": 443}
HEALS = (408, 425, 429, 500, 502, 503, 504)
TRIES = Retry(
    total=3,
    backoff_factor=0.5,
    status_forcelist=HEALS,
    allowed_methods=["POST"],
    respect_retry_after_header=False,  # the hourly run waits long enough, a worker must not
    redirect=False,
    raise_on_status=False,
)


class DeliveryRefused(Exception):
    """The receiver refuses the message for good: correct the channel the text names."""


class DeliveryDelayed(Exception):
    """The receiver cannot take the message now; the hourly run tries again."""


class LuodiWebhook(Block):
    """Posts a person's notices as signed JSON, to an office system or a robot."""

    _block_type_name = "Luodi webhook"
    _block_type_slug = "luodi-webhook"

    url: SecretStr
    key: SecretStr = SecretStr("")  # shared with the receiver; without one, messages are not signed

    def post(self, body: dict[str, Any], idempotency_key: str) -> None:
        """Post a message; the same key tells the receiver that it is the same message.

        Raises `DeliveryRefused` when trying again cannot help, `DeliveryDelayed` when it can.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        try:
            with requests.Session() as session:
                for scheme in ("http://", "https://"):
                    session.mount(scheme, HTTPAdapter(max_retries=TRIES))
                address = self.url.get_secret_value()
                signed = headers | self.signature(content, int(time.time()))
                status = session.post(
                    address, data=content, headers=signed, timeout=PATIENCE, allow_redirects=False, stream=True
                ).status_code
        except ValueError:  # as requests and urllib3 call an address that can be none
            raise DeliveryRefused(_("The address is no web address.")) from None
        except requests.RequestException as problem:
            why = type(problem).__name__  # its text names the address, which may hold a secret
            raise DeliveryDelayed(_("The receiver cannot be reached: %(why)s") % {"why": why}) from None
        if status in HEALS or status >= 500:
            raise DeliveryDelayed(_("The receiver answered %(status)s.") % {"status": status})
        if not 200 <= status < 300:
            raise DeliveryRefused(_("The receiver answered %(status)s.") % {"status": status})

    def reach(self) -> None:
        """Find out whether anybody listens at the address, without sending anything.

        Raises `DeliveryRefused` if it is no web address, `DeliveryDelayed` if nobody answers.
        """
        try:
            address = urlsplit(self.url.get_secret_value())
            port = address.port or DEFAULT_PORTS[address.scheme]
            if not address.hostname:
                raise ValueError
            socket.create_connection((address.hostname, port), timeout=PATIENCE[0]).close()
        except (ValueError, KeyError):
            raise DeliveryRefused(_("The address is no web address.")) from None
        except OSError as problem:
            why = problem.strerror or type(problem).__name__
            raise DeliveryDelayed(_("The receiver cannot be reached: %(why)s") % {"why": why}) from None

    def signature(self, content: bytes, moment: int) -> dict[str, str]:
        """Headers that prove who wrote this, and when: HMAC-SHA256 of `moment.content`."""
        key = self.key.get_secret_value()
        if not key:
            return {}
        code = hmac.new(key.encode(), f"{moment}.".encode() + content, hashlib.sha256).hexdigest()
        return {"X-Luodi-Timestamp": str(moment), "X-Luodi-Signature": f"sha256={code}"}


def channel(name: str) -> LuodiWebhook:
    """The channel of that name; `DeliveryRefused` when there is no such block."""
    try:
        return LuodiWebhook.load(name)  # type: ignore[return-value]
    except ValueError as problem:
        hint = _("There is no block “%(name)s” of the type Luodi webhook: create it under Blocks.")
        raise DeliveryRefused(hint % {"name": name}) from problem
