"""Figures of amounts in Chinese signs: 一亿二千万, 壹亿, 三点五亿."""

import re

SIGNS = ("零〇", "一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
DIGITS = {sign: digit for digit, signs in enumerate(SIGNS) for sign in signs}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
D = f"[{''.join(sign for sign, digit in DIGITS.items() if digit)}]"
ZERO = "[零〇]"
ANY = f"{''.join(DIGITS)}{''.join(TENS)}万萬亿億点點几幾数數\\d."
# 一亿二 and 二千三 leave out what they count at the end: no pattern takes them.
BELOW_HUNDRED = rf"(?:{ZERO}?{D}[十拾]{D}?|{ZERO}{D})?"
BELOW_THOUSAND = rf"(?:{ZERO}?{D}[百佰])?{BELOW_HUNDRED}"
GROUP = rf"(?:{D}[千仟]{BELOW_THOUSAND}|{D}[百佰]{BELOW_HUNDRED}|{D}?[十拾]{D}?|{D})"
NUMBER = re.compile(
    rf"(?<![{ANY}])(?:(?P<yi>{GROUP})[亿億](?:{ZERO}?(?P<wan>{GROUP})[万萬])?|(?P<only_wan>{GROUP})[万萬]"
    rf"|(?P<whole>{GROUP})[点點](?P<part>[{''.join(DIGITS)}]+)(?P<size>[万萬亿億]))(?![{ANY}])"
)


def in_figures(text: str) -> str:
    """A text with its Chinese numbers of 万 and 亿 in figures: 一亿二千万元 is 12000万元."""
    return NUMBER.sub(_in_figures, text)


def _in_figures(match: re.Match[str]) -> str:
    if match["whole"]:
        part = "".join(str(DIGITS[sign]) for sign in match["part"])
        return f"{_count(match['whole'])}.{part}{match['size']}"
    if match["only_wan"] or match["wan"]:
        return f"{_count(match['yi'] or '') * 10**4 + _count(match['only_wan'] or match['wan'])}万"
    return f"{_count(match['yi'])}亿"


def _count(group: str) -> int:
    """A number below ten thousand."""
    count, digit = 0, 0
    for sign in group:
        if sign in DIGITS:
            digit = DIGITS[sign]
        else:
            count += (digit or 1) * TENS[sign]
            digit = 0
    return count + digit
