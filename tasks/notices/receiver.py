"""Asks a receiver, and waits no longer than a deadline, whatever it does.

The deadline holds for names, connections, TLS, sending and the answer together; a time-out per
read would begin anew with every byte.
"""

import asyncio
import base64
import errno
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from models.escalation.receipt import HEALS
from models.i18n import gettext as _
from models.i18n import mark

CONNECT_SECONDS = 3.05  # for each address of a name; a packet lost on the way is sent again after 1 s and 3 s
BODY_SECONDS = 2.0  # what says whether a message was taken comes at once
BODY_BYTES = 65536  # the answers of robots have less than 1000
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}", re.IGNORECASE)
LONGEST_HOST = 253
CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CERTIFICATE_FAULTS = {  # by OpenSSL's number
    9: mark("its certificate is not valid yet"),
    10: mark("its certificate has expired"),
    18: mark("it signed its certificate itself"),
    19: mark("its certificate is signed by an authority that is not known here"),
    20: mark("its certificate is signed by an authority that is not known here"),
    21: mark("its certificate is signed by an authority that is not known here"),
    23: mark("its certificate was revoked"),
    62: mark("its certificate is for another name"),
    64: mark("its certificate is for another address"),
}
CONNECTION_FAULTS = {
    errno.ECONNREFUSED: mark("nobody listens there"),
    errno.ECONNRESET: mark("it broke the connection off"),
    errno.EPIPE: mark("it broke the connection off"),
    errno.ETIMEDOUT: mark("it cannot be connected to in time"),
    errno.ENETUNREACH: mark("there is no way to its network"),
    errno.EHOSTUNREACH: mark("there is no way to its machine"),
}
OTHER_FAULTS: Mapping[type[Exception], str] = {
    socket.gaierror: mark("its name is not known"),
    ssl.SSLError: mark("it offers no encryption that can be used"),
    httpcore.TimeoutException: mark("it cannot be connected to in time"),
    httpcore.ProxyError: mark("the proxy does not lead there"),
    httpcore.ProtocolError: mark("what it answers is no HTTP"),
    httpcore.NetworkError: mark("it broke the connection off"),
}


class WrongAddress(ValueError):
    """Nothing can be posted to such an address; the message says why, and does not name it."""


class Silence(Exception):
    """The receiver gave no answer; the message says why, and does not name its address."""


class Answer(NamedTuple):
    status: int
    body: bytes = b""  # its beginning, or as much as came in time


def web_address(address: str) -> httpx.URL:
    """The parts of an address; WrongAddress unless HTTP can be spoken there."""
    try:
        url = httpx.URL(address.strip())
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise WrongAddress(_("The address is no web address.")) from None
    if url.scheme not in ("http", "https"):
        raise WrongAddress(_("The address must begin with https:// or http://."))
    if not _is_host(host) or url.port not in (None, *range(1, 65536)):
        raise WrongAddress(_("The address is no web address."))
    return url


def _is_host(host: str) -> bool:
    if ":" in host:
        return True  # an IPv6 address, which the parser has looked at
    return len(host) <= LONGEST_HOST and all(map(LABEL.fullmatch, host.removesuffix(".").split(".")))


def ask(
    method: str,
    address: str,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    pauses: Sequence[float] = (),
) -> Answer:
    """What a receiver answers; redirects are not followed.

    What can heal is tried again after each of the pauses. Raises `WrongAddress`, and `Silence` when
    no try got an answer in all those seconds.
    """
    url = web_address(address)
    sent = {"Host": url.netloc.decode("ascii"), "Content-Length": str(len(content)), **(headers or {})}
    if url.userinfo:
        sent["Authorization"] = f"Basic {base64.b64encode(f'{url.username}:{url.password}'.encode()).decode()}"
    request = httpcore.Request(
        method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=list(sent.items()),
        content=content,
        extensions={"timeout": {"connect": CONNECT_SECONDS}},
    )
    try:
        return asyncio.run(_tries(request, _proxy(url), seconds, pauses))
    except TimeoutError:
        raise Silence(_("it did not answer within %(count)s seconds") % {"count": f"{seconds:g}"}) from None
    except Exception as fault:  # httpcore's, the system's, the certificate's: their texts may name the address
        raise Silence(_reason(fault)) from None


async def _tries(
    request: httpcore.Request, proxy: httpx.Proxy | None, seconds: float, pauses: Sequence[float]
) -> Answer:
    answer, tries = None, iter([*pauses, None])
    try:
        async with asyncio.timeout(seconds) as limit:
            for pause in tries:
                try:
                    answer = await _answer(request, proxy, limit.when() or 0)
                    if answer.status not in HEALS:
                        return answer
                except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
                    answer = None
                    if pause is None:
                        raise
                await asyncio.sleep(pause or 0)
    except TimeoutError:
        if answer is None:
            raise
    return answer or Answer(0)


async def _answer(request: httpcore.Request, proxy: httpx.Proxy | None, deadline: float) -> Answer:
    network = _Network()
    try:
        async with _pool(proxy, network) as pool:
            response = await pool.handle_async_request(request)
            body = b"" if response.status in HEALS else await _beginning(response, deadline)
            await response.aclose()
            return Answer(response.status, body)
    finally:
        await network.close()


async def _beginning(response: httpcore.Response, deadline: float) -> bytes:
    """The beginning of the body; whoever has answered is not asked again for a lost body."""
    body = bytearray()
    until = min(asyncio.get_running_loop().time() + BODY_SECONDS, deadline - 0.1)
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        async with asyncio.timeout_at(until):
            async for part in response.aiter_stream():
                body += part
                if len(body) >= BODY_BYTES:
                    break
    return bytes(body[:BODY_BYTES])


def _pool(proxy: httpx.Proxy | None, network: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    certificates = _certificates(*map(os.environ.get, CA_BUNDLES))
    if proxy is None:
        return httpcore.AsyncConnectionPool(ssl_context=certificates, network_backend=network)
    return httpcore.AsyncHTTPProxy(
        str(proxy.url), proxy_auth=proxy.raw_auth, ssl_context=certificates, network_backend=network
    )


@lru_cache(maxsize=4)
def _certificates(*bundles: str | None) -> ssl.SSLContext:
    """Whom we trust: the authorities the environment names, else those everybody trusts."""
    if bundle := next(filter(None, bundles), None):
        is_folder = Path(bundle).is_dir()
        return ssl.create_default_context(cafile=None if is_folder else bundle, capath=bundle if is_folder else None)
    return httpx.create_ssl_context()


def _proxy(url: httpx.URL) -> httpx.Proxy | None:
    """The proxy of the environment, unless NO_PROXY names the host or its network."""
    proxies = getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    if not address or proxy_bypass(url.host) or _is_in(url.host, proxies.get("no", "")):
        return None
    return httpx.Proxy(address if "://" in address else f"http://{address}")


def _is_in(host: str, networks: str) -> bool:
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        for network in networks.split(","):
            with suppress(ValueError):
                if address in ipaddress.ip_network(network.strip(), strict=False):
                    return True
    return False


class _Network(httpcore.AnyIOBackend):
    """Looks names up in a thread nobody waits for: the system's resolver cannot be interrupted.

    Closes its connections itself: a pool forgets one whose TLS handshake is cancelled.
    """

    def __init__(self) -> None:
        self._streams: list[httpcore.AsyncNetworkStream] = []

    async def close(self) -> None:
        for stream in self._streams:
            await stream.aclose()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _look_up(host, port)
        while True:
            address = addresses.pop(0)
            try:
                stream = await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException):
                if not addresses:
                    raise
            else:
                self._streams.append(stream)
                return stream


async def _look_up(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], fault: Exception | None) -> None:
        if answer.done():
            return
        if fault:
            answer.set_exception(fault)
        else:
            answer.set_result(addresses)

    def look_up() -> None:
        addresses, fault = [], None
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in known))
        except Exception as problem:  # whatever it is, somebody waits to hear of it
            fault = problem
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses, fault)

    Thread(target=look_up, daemon=True).start()
    try:
        return await answer
    except OSError as problem:
        raise httpcore.ConnectError from problem


def _reason(fault: BaseException) -> str:
    """Why there was no answer, in plain words and without the address."""
    causes = list(_causes(fault))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _(CERTIFICATE_FAULTS.get(cause.verify_code, mark("its certificate cannot be trusted")))
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno in CONNECTION_FAULTS:
            return _(CONNECTION_FAULTS[cause.errno])
    for kind, text in OTHER_FAULTS.items():
        if any(isinstance(cause, kind) for cause in causes):
            return _(text)
    return type(fault).__name__


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__
