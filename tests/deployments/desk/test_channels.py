"""The desk's page of channels takes addresses and keys, and never shows one."""

import pytest
from sqlalchemy import select

from deployments.desk.security import tokens
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.words import Role
from support.programs.desk_visitor import COOKIE, OWN_PAGE, Browser
from support.programs.receiver import KEY, receiving
from tasks.database import transaction
from tasks.notices.addresses import Address, address_of, keep_address
from tasks.notices.secret_key import key_file

URL = "https://oapi.dingtalk.com/robot/send?access_token=topsecret"

pytestmark = pytest.mark.usefixtures("ledger")


def send(browser: Browser, path: str = "/channels", **fields: str):
    return browser.post(path, data={"token": tokens.token_for(COOKIE), **fields}, headers=OWN_PAGE)


def test_an_address_is_taken_and_never_shown_again(browser):
    reply = send(browser, name="robot", url=f" {URL} ", key=KEY)
    assert (reply.status_code, reply.headers["location"]) == (303, "/channels/robot")  # also while Prefect is down
    assert address_of("robot") == Address(URL, KEY)
    shown = browser.get("/channels").text + browser.get("/channels/robot").text
    assert "oapi.dingtalk.com" in shown
    assert [secret in shown for secret in ("topsecret", KEY, "access_token")] == [False] * 3
    with transaction() as session:
        assert set(session.scalars(select(Change.actor).where(Change.table_name == "channel"))) == {"desk"}


def test_what_is_left_empty_stays_and_a_key_can_be_removed(browser):
    send(browser, name="robot", url=URL, key=KEY)
    send(browser, name="robot", url="https://oa.office/hook", key="")
    assert address_of("robot") == Address("https://oa.office/hook", KEY)
    send(browser, name="robot", url="", key="another")
    assert address_of("robot") == Address("https://oa.office/hook", "another")
    send(browser, name="robot", url="", key="", without_key="1")
    assert address_of("robot") == Address("https://oa.office/hook")


@pytest.mark.parametrize("path", ["/channels", "/channels/robot/test", "/channels/robot/delete"])
def test_only_the_desks_own_forms_count(browser, path):
    with receiving() as receiver:
        keep_address("robot", receiver.address, actor="test")
        fields = {"name": "robot", "url": URL}
        headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
        token = {"token": tokens.token_for(COOKIE)}
        assert browser.post(path, data=fields | token, headers=headers).status_code == 403
        assert browser.post(path, data=fields, headers=OWN_PAGE).status_code == 403
        assert browser.get(path).status_code in (200, 405)
        assert receiver.messages == []
        assert address_of("robot") == Address(receiver.address)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("Robot", URL),
        ("机器人", URL),
        ("", URL),
        ("../up", URL),
        ("a" * 101, URL),
        ("robot", ""),
        ("robot", "gopher://oa.office/"),
        ("robot", "oa.office/hook"),
        ("robot", "https://oa.office/\r\nX: 1"),
    ],
)
def test_what_can_be_no_channel_is_refused_in_plain_words(browser, name, url):
    reply = send(browser, name=name, url=url)
    assert reply.status_code == 400
    assert "topsecret" not in reply.text
    assert browser.get("/channels").text.count("/channels/") == 0


def test_a_test_message_says_how_it_fared(browser):
    with receiving() as receiver:
        send(browser, name="robot", url=receiver.address, key=KEY)
        assert "已收下" in send(browser, "/channels/robot/test").text
        receiver.always = 403
        assert "403" in send(browser, "/channels/robot/test").text
    failed = send(browser, "/channels/robot/test")
    assert "无人监听" in failed.text
    assert receiver.address not in failed.text
    assert [message.is_signed for message in receiver.messages] == [True, True]
    assert receiver.messages[0].body["notices"] == []
    assert send(browser, "/channels/nobody/test").status_code == 404


def test_a_channel_that_people_name_and_nobody_set_up_is_listed(browser):
    with transaction(source="test") as session:
        unit = Unit(name="清丰县")
        session.add(Person(name="张三", role=Role.LEADER, unit=unit, channels=["named-only"]))
    assert "named-only" in browser.get("/channels").text
    assert "设置地址" in browser.get("/channels/named-only").text
    assert browser.get("/channels/unknown").status_code == 404


def test_without_the_key_the_page_says_which_channel_cannot_be_read_and_what_to_do(browser):
    send(browser, name="robot", url=URL)
    key_file().unlink()
    assert "robot" in browser.get("/channels").text
    reply = send(browser, name="another", url=URL)
    assert reply.status_code == 409
    assert all(word in reply.text for word in ("robot", "LUODI_SECRET_KEY", "secret.key"))
    assert "secret.key" in send(browser, "/channels/robot/test").text
