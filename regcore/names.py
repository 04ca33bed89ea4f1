"""What the name of a column suggests, in several languages."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_CASE = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")

_ID_WORD = re.compile(
    "ids?|u?uid|guid|key|code?|no|nr|num|number|index|idx|row|rownames?|rownum|serial|"
    "record|case|line|linenr|ref|reference|isbn|ssn|email|phone|hash|token|url|"
    "identifier|identifiant|c[oó]digo|n[uú]mero|nummer|номер|ид|код"
)
_ID_COMPOUND = re.compile(
    "(user|customer|client|order|product|item|account|patient|passenger|person|case|"
    "record|row|employee|student|member|device|session|transaction|respondent|subject|"
    "sample|object|launch|invoice|store|school|game|player|team|kunden|line|serial)"
    "(id|nr|no|num|number|nummer)"
)
_ID_SIGN = re.compile("编号|序号|編號|序號|番号|代码|번호")


def words_of(name: object) -> tuple[str, ...]:
    """Return the words of a name in lower case: «userID» is user and id."""
    spaced = _CASE.sub(" ", str(name).strip())
    return tuple(word.lower() for word in _WORD.findall(spaced))


def suggests_id(name: object) -> bool:
    """Whether a name says that its column tells rows apart."""
    return _ID_SIGN.search(str(name)) is not None or any(
        _ID_WORD.fullmatch(word) or _ID_COMPOUND.fullmatch(word)
        for word in words_of(name)
    )
