"""By which names we are called, and which page a request comes from."""

from collections.abc import Collection, Mapping
from enum import Enum, auto
from urllib.parse import urlsplit

from starlette.types import Scope

from deployments import environment
from models.settings import settings
from tasks.files import desk

LOOPBACK = ("127.0.0.1", "localhost", "::1")
Head = Mapping[bytes, bytes]  # a request's headers by name


class Sender(Enum):
    """What sent a request."""

    OWN_PAGE = auto()
    FOREIGN_PAGE = auto()  # of another site or port, or one that hides where it comes from
    NO_PAGE = auto()  # a program, or a person who entered the address


def head_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name. One that is sent twice fits nothing: its values stand in two lines."""
    head: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        head[name] = head[name] + b"\n" + value if name in head else value
    return head


def own_names() -> set[str]:
    """This machine, the hosts in the addresses that others reach us by, and LUODI_HOSTS."""
    office = settings()
    addresses = (desk(), office.prefect_ui_api_url, office.prefect_api_url)
    listening = "" if office.desk_host in environment.EVERYWHERE else office.desk_host.lower()
    return {*LOOPBACK, *office.host_names, *(urlsplit(address).hostname or "" for address in addresses), listening} - {
        ""
    }


def host_name(host: bytes) -> str | None:
    """The lower-case name in a Host header, without the port; None if the header is malformed."""
    text = host.decode("latin-1")
    try:
        parts = urlsplit(f"//{text}")
        _port = parts.port  # raises ValueError if it is no number
    except ValueError:
        return None
    return parts.hostname if parts.netloc == text and "@" not in text else None


def origin_of(address: str) -> str:
    """The origin browsers name for a page of that address; '' if it is no whole address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def sender_of(head: Head, own_origins: Collection[bytes]) -> Sender:
    """What sent the request, by what the browser says of itself; programs say nothing."""
    origin = head.get(b"origin")
    if origin is not None:
        return Sender.OWN_PAGE if origin in own_origins else Sender.FOREIGN_PAGE
    match head.get(b"sec-fetch-site"):
        case None | b"none":
            return Sender.NO_PAGE
        case b"same-origin":
            return Sender.OWN_PAGE
    return Sender.FOREIGN_PAGE


def is_link(scope: Scope, head: Head) -> bool:
    """Whether somebody followed a link to us, which opens in a tab, not within another page."""
    is_reading = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    is_in_tab = head.get(b"sec-fetch-dest", b"document") == b"document"
    return is_reading and is_in_tab and b"origin" not in head and head.get(b"sec-fetch-mode") == b"navigate"
