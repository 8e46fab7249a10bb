"""Receives a form with a file, within bounds of size, time and number."""

import asyncio
import errno
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from deployments.desk.errors import incomplete_form
from deployments.desk.uploads.form import MAX_REQUEST_BYTES, FormReceiver, ReceivedForm, too_large
from deployments.desk.uploads.space import check_space, disk_full
from deployments.doors.body import too_slow
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _

MAX_DURATION = 1800.0  # seconds a browser may take to send the whole file
MAX_DRAIN = 20.0  # seconds a refused file is still read: browsers show no reply before they have sent what they began
SLOTS = asyncio.Semaphore(4)  # files received at the same time …
MOST_PER_ADDRESS = 3  # … so many of them from one address: the last place is for others
RECEIVING: Counter[str] = Counter()  # files, by address


async def receive(request: Request, check: Callable[[dict[str, str]], None]) -> ReceivedForm:
    """The form, once its whole file is on disk. If anything goes wrong, no part of the file stays.

    `check` gets the fields that precede the file, and may raise.
    """
    pieces = request.stream()
    address = request.client.host if request.client else ""
    try:
        if SLOTS.locked() or RECEIVING[address] >= MOST_PER_ADDRESS:
            what = _("Other files are being handed in just now.")
            raise RequestRefused(503, what, _("Try again in a minute."), {"Retry-After": "60"})
        RECEIVING[address] += 1
        try:
            async with SLOTS:
                return await _receive(request, pieces, check)
        finally:
            RECEIVING[address] -= 1
            if not RECEIVING[address]:
                del RECEIVING[address]
    except RequestRefused:
        with suppress(TimeoutError, ClientDisconnect, RequestRefused):
            async with asyncio.timeout(MAX_DRAIN):
                async for _piece in pieces:
                    pass
        raise


async def _receive(
    request: Request, pieces: AsyncIterator[bytes], check: Callable[[dict[str, str]], None]
) -> ReceivedForm:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_REQUEST_BYTES:
        raise too_large()
    content_type, options = parse_options_header(request.headers.get("content-type"))
    if content_type != b"multipart/form-data" or not options.get(b"boundary"):
        raise incomplete_form()
    await run_in_threadpool(check_space)
    deadline = time.monotonic() + MAX_DURATION
    try:
        receiver = FormReceiver(options[b"boundary"], check)
    except FormParserError as problem:
        raise incomplete_form() from problem
    try:
        while receiver.form is None:
            piece = await _next_piece(pieces, deadline)
            await run_in_threadpool(receiver.take, piece)
        return receiver.form
    except (FormParserError, ClientDisconnect) as problem:
        raise incomplete_form() from problem
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from problem
        raise
    finally:
        receiver.close()


async def _next_piece(pieces: AsyncIterator[bytes], deadline: float) -> bytes:
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            piece = await anext(pieces, None)
    except TimeoutError as problem:
        raise too_slow() from problem
    if piece is None:
        raise incomplete_form()
    return piece
