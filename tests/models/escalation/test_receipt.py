"""A receiver that answers 200 and says in the body that it did not take the message, has not."""

import json

import pytest

from models.escalation.receipt import LONGEST, Objection, is_page, objection


@pytest.mark.parametrize(
    "body",
    [
        '{"errcode":0,"errmsg":"ok"}',  # 企业微信, 钉钉
        '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}',  # 飞书
        '{"Extra":null,"StatusCode":0,"StatusMessage":"success"}',  # 飞书, the older form
        '{"code":"0"}',
        '{"code":"0000","msg":"受理"}',
        '{"code":200,"msg":"操作成功"}',
        '{"code":20000}',
        '{"code":"SUCCESS"}',
        '{"code":0.0}',
        '{"code":1,"msg":"success"}',  # 1 is success in some systems
        '{"code":1,"success":true}',
        '{"status":1}',
        '{"status":"accepted"}',
        '{"status":200}',
        '{"success":true,"error":null}',
        '{"success":true,"error":"none"}',
        '{"ret":0}',
        '{"ok":true,"result":{"code":4}}',  # only the answer itself counts
        '{"code":0,"data":{"code":"TZ-17","name":"家具产业园"}}',  # what was made, with its own code
        '{"id":7,"data":{"code":"TZ-17","status":"open"}}',
        '{"code":0,"data":{"code":"MSG-1","message":"督办提醒","status":"failed before"}}',
        '{"errcode":0,"data":{"errcode":0}}',
        "已送达3条，失败0条",
        '[{"errcode":0},{"errcode":0}]',
        '{"result":"ok"}',
        '{"result":0}',
        '{"data":{"state":"failed jobs","result":"fail"}}',  # of whatever that is
        '{"errors":[]}',
        '{"errcode":0,"errmsg":"o',  # cut off
        '{"code":2',  # … and this may be 200
        '{"data":{"code":1',
        "推送成功，失败0条",
        "true",
        "1 message delivered",
        "fa",
        '{"code":null,"error":""}',
        '{"error":[]}',
        "{}",
        "[]",
        "null",
        "1",
        '"ok"',
        "ok",
        "",
        "<html><body>OK</body></html>",
        "[" * 60_000,
        "\x00\xff",
        '{"code":' + "9" * 6000 + "}",  # longer than Python reads a number
    ],
)
def test_what_says_success_or_nothing_of_it_was_taken(body: str) -> None:
    assert objection(body.encode()) is None
    assert not is_page(body.encode())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"errcode":93000,"errmsg":"invalid webhook url"}', "errcode 93000 invalid webhook url"),
        ('{"errcode":"310000","errmsg":"keywords not in content"}', "errcode 310000 keywords not in content"),
        ('{"errcode":40008,"errmsg":"ok"}', "errcode 40008 ok"),  # nothing but errors has such a number
        ('{"code":19024,"msg":"Key Words Not Found","data":{}}', "code 19024 Key Words Not Found"),
        ('{"StatusCode":19001,"StatusMessage":"token 无效"}', "statuscode 19001 token 无效"),
        ('{"code":9499,"msg":"Bad Request","data":{}}', "code 9499 Bad Request"),
        ('{"code":0,"StatusCode":19001}', "statuscode 19001"),
        ('{"code":1,"msg":"参数错误"}', "code 1 参数错误"),
        ('{"code":1}', "code 1"),
        ('{"code":401,"msg":"请先登录"}', "code 401 请先登录"),
        ('{"code":"E-17","message":"签名\\n不符"}', "code E-17 签名 不符"),
        ('{"code":false}', "code False"),
        ('{"ret":-3,"msg":""}', "ret -3"),
        ('{"code":-1,"msg":"参数错误"}', "code -1 参数错误"),
        ('{"code":Infinity}', "code inf"),
        ('{"code":1.5}', "code 1.5"),
        ('{"success":false,"message":"未授权"}', "未授权"),
        ('{"success":"false"}', '{"success": "false"}'),
        ('{"ok":false,"error":"no_service"}', "no_service"),
        ('{"status":"error","detail":"no such key"}', "no such key"),
        ('{"status":403,"error":"Forbidden","path":"/x"}', "Forbidden"),
        ('{"error":{"code":3,"message":"denied"}}', "denied"),
        ('{"error":"unknown hook"}', "unknown hook"),
        ('"{\\"errcode\\":93000}"', "errcode 93000"),  # packed twice
        ('\ufeff{"errcode":93000}', "errcode 93000"),
        ('{"id":7,"data":{"errcode":93000}}', "errcode 93000"),  # packed into another answer
        ('{"code":200,"data":{"errcode":93000,"errmsg":"invalid webhook url"}}', "errcode 93000 invalid webhook url"),
        ('{"code":0,"result":{"data":{"success":false,"msg":"无权限"}}}', "无权限"),
        ('{"data":{"code":500017,"msg":"机器人已停用"}}', "code 500017 机器人已停用"),
        ('[{"errcode":0},{"errcode":93000}]', "errcode 93000"),
        ('{"data":[{"errcode":93000}]}', "errcode 93000"),
        ('{"result":"fail"}', '{"result": "fail"}'),
        ('{"state":"失败","msg":"无权限"}', "无权限"),
        ('{"msg":"fail"}', "fail"),
        ('{"errors":[{"message":"unknown hook"}]}', "unknown hook"),
        ("fail", "fail"),
        ('"fail"', "fail"),
        ("Error: invalid token\n", "Error: invalid token"),
        ("发送失败：机器人已停用", "发送失败：机器人已停用"),
        ("false", '{"success": false}'),
        ('{"errcode":93000', "errcode 93000"),  # cut off
        ('{"errcode":93000,"errmsg":"invalid web', "errcode 93000"),
        ('{"code":19024,"msg":"Key Words Not Found","data":{"a', "code 19024 Key Words Not Found"),
        ('{"id":7,"data":{"errcode":93000,"errmsg":"inv', "errcode 93000"),
    ],
)
def test_an_error_in_the_body_is_an_objection_in_the_receivers_words(body: str, why: str) -> None:
    assert objection(body.encode()) == Objection(why, heals=False)


@pytest.mark.parametrize(
    "body",
    [
        '{"errcode":45009,"errmsg":"api freq out of limit"}',
        '{"errcode":-1,"errmsg":"system busy"}',
        '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}',
        '{"errcode":90030,"errmsg":"webhook over limit"}',
        '{"code":11232,"msg":"frequency limited psm"}',
        '{"code":9499,"msg":"too many request","data":{}}',
        '{"code":429}',
        '{"code":"503","msg":"维护中"}',
        '{"status":502,"error":"Bad Gateway"}',
        '{"success":false,"msg":"系统繁忙，请稍后再试"}',
        '{"code":0,"data":{"errcode":45009}}',
        "系统繁忙，请稍后再试",
        "too many requests",
    ],
)
def test_what_heals_is_sent_again_later(body: str) -> None:
    refused = objection(body.encode())
    assert refused is not None
    assert refused.heals


def test_words_in_the_offices_old_encoding_are_read() -> None:
    assert objection('{"errcode":1,"errmsg":"密钥无效"}'.encode("gb18030")) == Objection(
        "errcode 1 密钥无效", heals=False
    )


def test_what_is_shown_of_it_is_short_and_one_line() -> None:
    refused = objection(json.dumps({"errcode": 1, "errmsg": "错\r\n\x1b[31m" * 5000}).encode())
    assert refused is not None
    assert len(refused.why) < LONGEST + 20
    assert refused.why.isprintable()


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"<!DOCTYPE html><html><head><title>\xe7\x99\xbb\xe5\xbd\x95</title></head></html>", True),
        (b"\n<html><form action='/login'></form></html>", True),
        (b"<html><head><meta http-equiv='refresh' content='0'></head></html>", True),
        (b"<html>OK</html>", False),
        (b'{"title":"<html><form>"}', False),
    ],
)
def test_a_login_page_is_told_from_a_receivers_answer(body: bytes, page: bool) -> None:
    assert is_page(body) is page
