"""The API's password cannot be guessed quickly, and guesses keep nobody else out."""

import asyncio
import json

import pytest

from deployments.doors import password as guesses
from deployments.environment import PROCESS_HEADER, process_key
from support.programs.desk_visitor import basic

RIGHT = basic("admin:zhaoshang-2013")


def tell(visitor, headers):
    return visitor.send("GET", "/api/flows", headers=headers).status_code


def guess(visitor):
    for number in range(guesses.MAX_FAILURES):
        assert tell(visitor, basic(f"admin:{number}")) == 200  # it goes on to Prefect, which refuses it


def test_after_ten_guesses_an_address_waits(guarded):
    guess(guarded)
    late = guarded.send("GET", "/api/flows", headers=RIGHT)
    assert (late.status_code, int(late.headers["retry-after"]) > 200) == (429, True)
    guarded.address = "10.0.0.5"
    assert tell(guarded, RIGHT) == 200


def test_a_page_with_an_old_password_may_ask_as_often_as_it_likes(guarded):
    for _each in range(50):
        tell(guarded, basic("admin:old"))
    assert tell(guarded, RIGHT) == 200


def test_guesses_do_not_keep_the_installations_own_processes_out(guarded):
    guess(guarded)
    assert tell(guarded, {**RIGHT, PROCESS_HEADER: process_key()}) == 200
    assert tell(guarded, {**RIGHT, PROCESS_HEADER: "guessed"}) == 429


def test_the_key_of_its_own_processes_gives_nobody_more_guesses(guarded):
    for number in range(guesses.MAX_FAILURES * 2):
        tell(guarded, {**basic(f"admin:{number}"), PROCESS_HEADER: ""})
    assert tell(guarded, RIGHT) == 429


def test_what_only_looks_like_a_password_counts_as_one(guarded):
    for number in range(guesses.MAX_FAILURES):
        tell(guarded, {"Authorization": f"Basic !{number}"})
    assert tell(guarded, RIGHT) == 429


def login(visitor, token, headers=()):
    """The messages a websocket's application gets, and those its visitor gets."""
    to_prefect, to_visitor = [], []
    said = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps({"token": token})}]

    async def receive():
        return said.pop(0)

    async def send(message):
        to_visitor.append(message)

    async def prefect(_scope, receive, _send):
        to_prefect.extend([await receive(), await receive()])

    visitor.door.app = prefect
    head = [(b"host", b"127.0.0.1:4200"), *headers]
    scope = {"type": "websocket", "path": "/api/events/out", "headers": head, "client": (visitor.address, 1)}
    scope["extensions"] = {"websocket.http.response": {}}
    asyncio.run(visitor.door(scope, receive, send))
    return to_prefect, to_visitor


def test_guesses_by_websocket_count_too(guarded):
    for number in range(guesses.MAX_FAILURES):
        assert len(login(guarded, f"admin:{number}")[0]) == 2
    (refused, *_rest) = login(guarded, "admin:zhaoshang-2013")[1]
    assert (refused["type"], refused["status"]) == ("websocket.http.response.start", 429)
    ours = (PROCESS_HEADER.lower().encode(), process_key().encode())
    assert len(login(guarded, "admin:zhaoshang-2013", [ours])[0]) == 2


def test_websockets_opened_beforehand_give_no_further_guesses(guarded, monkeypatch):
    monkeypatch.setattr("deployments.doors.api.refuse_guesser", lambda _address: None)
    guess(guarded)
    assert login(guarded, "admin:zhaoshang-2013")[0][1]["type"] == "websocket.disconnect"


@pytest.mark.parametrize("origin", [b"http://evil.example", b"null"])
def test_a_websocket_of_a_foreign_page_is_refused(guarded, origin):
    to_prefect, (refused, *_rest) = login(guarded, "x", [(b"origin", origin)])
    assert (to_prefect, refused["status"]) == ([], 403)
