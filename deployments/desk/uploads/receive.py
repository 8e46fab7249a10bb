"""Takes a form with a file in, within bounds of size, time and number."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from deployments.desk.errors import RequestRefused
from deployments.desk.uploads.form import LARGEST_REQUEST, HandedIn, Intake, incomplete, too_large
from deployments.desk.uploads.space import check_space, no_space
from models.i18n import gettext as _

AT_ONCE = 4
"""Files taken in at the same time."""
SILENCE = 30.0
"""Seconds a browser may take to send the next piece."""
PATIENCE = 1800.0
"""Seconds for a whole file."""
POLITE = 20.0
"""Seconds of a refused file that are still read: browsers show no reply before they have sent what they began."""


SLOTS = asyncio.Semaphore(AT_ONCE)


async def receive(request: Request, check: Callable[[dict[str, str]], None]) -> HandedIn:
    """The form with its file, once all of it is on disk; whatever goes wrong, no part of the file stays.

    `check` is given the fields that stand before the file, and may raise.

    Raises:
        RequestRefused: 400, 403, 408, 413, 415, 503 or 507; the rest of what the browser sends is read for a while.
    """
    pieces = request.stream()
    try:
        if SLOTS.locked():
            what = _("Other files are being handed in just now.")
            raise RequestRefused(503, what, _("Try again in a minute."), {"Retry-After": "60"})
        async with SLOTS:
            return await _receive(request, pieces, check)
    except RequestRefused:
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(POLITE):
                async for _piece in pieces:
                    pass
        raise


async def _receive(request: Request, pieces: AsyncIterator[bytes], check: Callable[[dict[str, str]], None]) -> HandedIn:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_REQUEST:
        raise too_large()
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise incomplete()
    await run_in_threadpool(check_space)
    deadline = time.monotonic() + PATIENCE
    try:
        intake = Intake(options[b"boundary"], check)
    except FormParserError as problem:
        raise incomplete() from problem
    try:
        while intake.form is None:
            piece = await _next(pieces, deadline)
            await run_in_threadpool(intake.take, piece)
        return intake.form
    except (FormParserError, ClientDisconnect) as problem:
        raise incomplete() from problem
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_space() from problem
        raise
    finally:
        intake.close()


async def _next(pieces: AsyncIterator[bytes], deadline: float) -> bytes:
    try:
        async with asyncio.timeout(min(SILENCE, max(0.0, deadline - time.monotonic()))):
            piece = await anext(pieces, None)
    except TimeoutError as problem:
        raise RequestRefused(
            408, _("The file came too slowly."), _("Check the network and send it again.")
        ) from problem
    if piece is None:
        raise incomplete()
    return piece
