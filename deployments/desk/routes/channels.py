"""Channels: where notices go. An address and a key can be set and tried here, never read."""

import re
import uuid
from asyncio import Semaphore
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from deployments.desk.errors import SERVER_DOWN
from deployments.desk.pages import page
from deployments.desk.security.forms import form_fields
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from tasks.notices import blocks
from tasks.notices.addresses import forget_address, keep_address
from tasks.notices.digest import message
from tasks.notices.overview import ShownChannel, channels
from tasks.notices.receiver import WrongAddress, web_address
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, kept_channel

ACTOR = "desk"
NAME = re.compile(r"[a-z0-9-]{1,100}")  # what Prefect takes as the name of a block
TESTS = Semaphore(2)  # test messages under way at the same time

router = APIRouter()


@router.get("/channels")
def list_channels(request: Request) -> Response:
    return page(request, "channels.html", channels=channels())


@router.get("/channels/{name}")
def show_channel(request: Request, name: str) -> Response:
    return page(request, "channel.html", channel=known(name), outcome="", has_arrived=False)


@router.post("/channels")
async def set_channel(request: Request) -> Response:
    fields = await form_fields(request)
    name, url = fields.get("name", "").strip(), fields.get("url", "").strip()
    key = "" if "without_key" in fields else fields.get("key", "").strip() or None
    await run_in_threadpool(keep, name, url, key)
    return RedirectResponse(f"/channels/{name}", 303)


@router.post("/channels/{name}/test")
async def test_channel(request: Request, name: str) -> Response:
    await form_fields(request)
    if TESTS.locked():
        what = _("Other test messages are being sent just now.")
        raise RequestRefused(503, what, _("Try again in a minute."), {"Retry-After": "60"})
    async with TESTS:
        fault = await run_in_threadpool(send_test, name)
    outcome = fault or _("The receiver has taken the test message.")
    shown = await run_in_threadpool(known, name)
    return page(request, "channel.html", channel=shown, outcome=outcome, has_arrived=not fault)


@router.post("/channels/{name}/delete")
async def delete_channel(request: Request, name: str) -> Response:
    await form_fields(request)
    await run_in_threadpool(delete, name)
    return RedirectResponse("/channels", 303)


def known(name: str) -> ShownChannel:
    """The channel of that name; 404 if neither the ledger nor a person has one."""
    for shown in channels():
        if shown.name == name:
            return shown
    raise RequestRefused(404, _("There is no such channel."), _("Go back to the list and choose another one."))


def keep(name: str, url: str, key: str | None) -> None:
    """Keep what was entered, and show the channel at Prefect's server; ledger first."""
    if not NAME.fullmatch(name):
        remedy = _("Take small letters, digits and dashes, and write the same name into the sheet of people.")
        raise RequestRefused(400, _("This cannot be the name of a channel."), remedy)
    if url or not is_set(name):
        try:
            web_address(url)
        except WrongAddress as problem:
            raise RequestRefused(
                400, str(problem), _("Go back and enter it again, like https://oa.office/hook.")
            ) from None
    keep_address(name, url, key, actor=ACTOR)
    with suppress(*SERVER_DOWN):  # the next reconciliation does it
        blocks.show_name(name)


def is_set(name: str) -> bool:
    return any(shown.is_set for shown in channels() if shown.name == name)


def send_test(name: str) -> str:
    """Post a test message; returns why it was not taken, or nothing."""
    title = _("Luodi: test message")
    body = message(title, _("This is a test of the channel “%(name)s”. There is nothing to do.") % {"name": name})
    try:
        kept_channel(known(name).name).post(body, str(uuid.uuid4()))
    except (DeliveryRefused, DeliveryDelayed) as problem:
        return str(problem)
    return ""


def delete(name: str) -> None:
    """Delete the block, then the address: the block of a channel that is kept is made again."""
    blocks.hide(known(name).name)
    forget_address(name, actor=ACTOR)
