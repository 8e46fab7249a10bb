"""What comes in with a request: JSON that can be stored, of bounded size, in bounded time."""

import asyncio
import json

import pytest

from deployments.doors import api, body
from deployments.doors.json_text import MAX_DEPTH, check_json
from deployments.doors.refusal import RequestRefused

RESUME = "/api/flow_runs/3f1c6a52-5e8b-4a59-9d1b-1c9a4b7d2e10/resume"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/jsonx",
        "application/json, text/plain",
        "",
        "*/*",
    ],
)
def test_only_json_comes_in(visitor, kind):
    for content in (b"{}", b""):
        reply = visitor.send("POST", RESUME, content=content, headers={**api_headers(), "Content-Type": kind})
        assert (reply.status_code, "application/json" in reply.json()["detail"]) == (415, True)
    assert visitor.reached == []


def api_headers() -> dict[str, str]:
    return {"Prefect-Csrf-Token": "t", "Prefect-Csrf-Client": "c"}


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_comes_in_as_it_was_sent(visitor, kind):
    content = '{"run_input": {"progress": "封顶 😀"}}'.encode()
    assert visitor.post(RESUME, content, **{"Content-Type": kind}).status_code == 200
    assert visitor.reached == [(RESUME, content)]


def test_a_request_without_body_needs_no_type(visitor):
    assert visitor.send("DELETE", "/api/flow_runs/1", headers=api_headers()).status_code == 200
    assert visitor.send("POST", "/api/flow_runs/count", content=b"{}", headers=api_headers()).status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_nothing_compressed_comes_in(visitor, encoding):
    assert visitor.post(RESUME, {}, **{"Content-Encoding": encoding}).status_code == 415


def test_an_answer_has_a_largest_size_and_other_bodies_a_larger_one(visitor):
    answer = {"run_input": {"progress": "长" * (api.LARGEST_ANSWER // 3)}}
    for path in (RESUME, f"{RESUME}/", "/api/deployments/1/create_flow_run"):
        reply = visitor.post(path, answer)
        assert (reply.status_code, "1024" in reply.json()["detail"]) == (413, True)
    assert visitor.post("/api/artifacts/", answer).status_code == 200
    assert visitor.post("/api/artifacts/", b'"' + b"x" * api.LARGEST_BODY + b'"').status_code == 413


def test_a_body_of_untold_length_is_counted(visitor):
    async def pieces():
        for _each in range(api.LARGEST_ANSWER // 1000 + 2):
            yield b" " * 1000

    headers = {**api_headers(), "Content-Type": "application/json"}
    assert visitor.send("POST", RESUME, content=pieces(), headers=headers).status_code == 413
    assert visitor.door._held == 0


def test_all_bodies_together_take_a_bounded_memory(visitor, monkeypatch):
    monkeypatch.setattr(api, "MOST_HELD", 1000)
    reply = visitor.post("/api/logs/", b"[" + b" " * 1000 + b"]")
    assert (reply.status_code, reply.headers["retry-after"], visitor.door._held) == (503, "60", 0)


@pytest.mark.parametrize(
    "text",
    [
        rb'"\u0000"',
        rb'"\ud800"',
        rb'"a\uDFFFb"',
        rb'"\udc00\ud800"',
        rb'"\ud83d \ude00"',
        rb'"\\\ud800"',
        rb'"\\ud83d\ude00"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        b'{"__prefect_kind": "json", "value": "\\"\\\\ud800\\""}',
        b'{"__prefect_\\u006bind": "json", "value": "\\"\\\\ud800\\""}',
        b'{"__prefect_kind": "json", "value": "\\"\\u005cud800\\""}',
        b'[{"__prefect_kind": "none", "value": {"__prefect_kind": "json", "value": "{\\"a\\": \\"\\u005cu0000\\"}"}}]',
    ],
)
def test_a_character_that_cannot_be_stored_is_refused_with_a_reason(visitor, text):
    reply = visitor.post(RESUME, b'{"run_input": {"progress": ' + text + b"}}")
    assert (reply.status_code, visitor.reached) == (422, [])
    assert reply.json()["detail"].startswith("提交的内容里有无法保存的字符")


@pytest.mark.parametrize(
    "text", [r'"\ud83d\ude00"', r'"\\u0000 is how NUL is written"', r'"\\\\ud800"', r'"\u6d4e\n\"\\"', '"😀"', '"[{[{"']
)
def test_other_characters_come_in_however_they_are_written(text):
    check_json(f'{{"run_input": {text}}}'.encode())


@pytest.mark.parametrize(
    "start",
    [b'"__prefect_kind": "jinja"', b'"__prefect_kind"\n:"jinja"', b'"\\u005F\\u005fprefect_kind": "j\\u0069nja"'],
)
@pytest.mark.parametrize("path", [RESUME, "/api/deployments/1", "/api/deployments/1/create_flow_run/bulk"])
def test_no_template_comes_in_which_prefect_would_render_in_its_only_thread(visitor, start, path):
    reply = visitor.post(path, b"{" + start + b', "template": "{{ 9 ** (9 ** 9) }}"}')
    assert (reply.status_code, visitor.reached) == (422, [])
    assert "模板" in reply.json()["detail"]


@pytest.mark.parametrize(
    "text", [r'{"a": "\u0022"}', '{"__prefect_kind": "none", "value": "jinja"}', r'""__prefect_kind": "jinja""']
)
def test_other_kinds_of_values_and_texts_about_templates_come_in(text):
    check_json(text.encode())


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_is_nested_only_so_deeply(opening, closing):
    check_json(f"{opening * MAX_DEPTH}1{closing * MAX_DEPTH}".encode())
    check_json(json.dumps([[{"a": [[]]}] for _each in range(1000)]).encode())
    check_json(b'["' + b"[" * 1000 + b'"]')
    with pytest.raises(RequestRefused):
        check_json(opening.encode() * (MAX_DEPTH + 1))
    with pytest.raises(RequestRefused):
        check_json(opening.encode() * 100_000)


def test_who_sends_too_slowly_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(body, "WINDOW", 0.3)

    async def trickle():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    with pytest.raises(RequestRefused) as refusal:
        asyncio.run(body.whole(body.Pace(trickle), 1000, {}))
    assert refusal.value.status == 408


def test_who_sends_steadily_may_take_longer(monkeypatch):
    monkeypatch.setattr(body, "WINDOW", 0.3)
    monkeypatch.setattr(body, "MIN_BYTES", 100)
    sent = iter([True] * 9 + [False])

    async def steady():
        await asyncio.sleep(0.1)
        return {"type": "http.request", "body": b" " * 60, "more_body": next(sent)}

    assert len(asyncio.run(body.whole(body.Pace(steady), 1000, {}))) == 600
