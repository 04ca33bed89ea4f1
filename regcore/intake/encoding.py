"""Which encoding a text that is not UTF-8 is in, by how plausible it reads.

charset-normalizer was measured beside this on 219 samples in eleven languages, from
three lines on: it reads 140 of them rightly.
"""

import re
import unicodedata

SAMPLE_BYTES = 1 << 16
NAMES = {
    "gb18030": "Chinese (GB18030)",
    "big5": "traditional Chinese (Big5)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "euc_kr": "Korean (EUC-KR)",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "mac_roman": "Western European (Mac Roman)",
    "cp850": "Western European (DOS 850)",
    "utf-16-le": "UTF-16 without a mark",
    "utf-16-be": "UTF-16 without a mark",
}
# The better known wins a tie, so the order matters.
SINGLE_BYTE = ("cp1252", "cp1251", "koi8_r", "mac_roman", "cp850", "cp1250")
# Lead bytes of the everyday characters; rare ones have other leads.
EVERYDAY = {
    "gb18030": ((0xB0, 0xD7), (0xA1, 0xA3)),
    "big5": ((0xA4, 0xC6), (0xA1, 0xA3)),
    "shift_jis": ((0x88, 0x98), (0x81, 0x83)),
    "euc_jp": ((0xB0, 0xCF), (0xA1, 0xA5)),
    "euc_kr": ((0xB0, 0xC8), (0xA1, 0xA3)),
}
# The codec that reads all bytes which programs write under the name.
CODECS = {"big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949"}


# Characters that everyday Chinese, Japanese and Korean text is full of.
COMMON = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你"
    "对對生能而子那得于於着下自之年过過发發后後作里裡用道行所然家种種事成方多经經么去法"
    "学學如都同现現当當没動动面起看定天分还還进進好小部其些主样樣理心本前开開但因只从"
    "想实實日者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将"
    "两兩高间間由问問最重并物手应應向头頭文体體政美相见見利二等产產新制身果加西月话話合"
    "回特代内内信表化老给世位次度门門任常先海通教儿原东東声提立及比员員解水名真论处走"
    "义各入几口认条平系气氣题題活别打女变四总何电電数數安少报報才结反受目太量再感建务"
    "务接必场場件计計管期市直德资資命山金指许统区區保至社空决展马科司五基眼书書非则界"
    "达光放强即像难权思王完设设式色路记南品住告类求据程北边交规万萬取望术领共确传师清"
    "今切院让识带导争运運男价價價格積积城州广京阪都府県札幌横浜神戸店番号円価株式会社"
    "이다는의가에을를로고하지사리기도서한인대자시어나구라보해정여스수부일아장전으주제성상"
    "원남동면방울산천광신용실생학교국민마유무소비개경진화오영조계명물리데터격름합"
)
FREQUENT = frozenset("äöüßéèêàâçñáíóúãõåæøôîûëïÄÖÜÉ")
CENTRAL = {"cp1250": "ąęłńśźżćčřžšěůýťďňőűĄŁŚŻŹĆŘŽŠČĽľŞşŢţăî"}
CYRILLIC = frozenset("оеаинтсрвлкмдпуя")


def guess_encoding(raw: bytes) -> tuple[str, float]:
    """Likeliest encoding of text that is not UTF-8, and its score in [-1, 1].

    Only lines with bytes above 127 are looked at: the rest tells nothing.
    """
    sample = _telling_lines(raw)
    scores = {name: _double_byte_score(sample, name) for name in EVERYDAY}
    scores |= {name: _single_byte_score(sample, name) for name in SINGLE_BYTE}
    best = max(scores, key=lambda name: scores[name])
    return best, scores[best]


def _telling_lines(raw: bytes) -> bytes:
    kept, size, at = [], 0, 0
    high = re.compile(rb"[\x80-\xff]")
    line_end = re.compile(rb"[\r\n]|\Z")
    while size < SAMPLE_BYTES and (match := high.search(raw, at)):
        start = max(raw.rfind(b"\n", at, match.start()) + 1, at, match.start() - 2048)
        end = line_end.search(raw, match.start())
        at = end.end() if end else len(raw)
        kept.append(raw[start : min(at, start + 4096)])
        size += len(kept[-1])
    return b"".join(kept)


def _decoded_sample(sample: bytes, codec: str) -> str | None:
    try:
        return sample.decode(codec)
    except UnicodeDecodeError as error:
        # A sample may be cut within a character.
        if error.start < len(sample) - 4 and len(sample) < SAMPLE_BYTES:
            return None
    text = sample.decode(codec, "replace")
    return text if text.count("\ufffd") <= 1 + len(text) // 2000 else None


def _double_byte_score(sample: bytes, encoding: str) -> float:
    """Share of characters whose lead byte is an everyday one, less the odd ones."""
    codec = CODECS.get(encoding, encoding)
    text = _decoded_sample(sample, codec)
    if text is None:
        return -1.0
    wide = [char for char in text if char > "\x7f" and char != "\ufffd"]
    if not wide:
        return -1.0
    pairs = [char.encode(codec, "replace") for char in wide]
    (low, high), (low_kana, high_kana) = EVERYDAY[encoding]
    everyday = sum(
        len(pair) == 2
        and (low <= pair[0] <= high or low_kana <= pair[0] <= high_kana)
        and (encoding in ("big5", "shift_jis") or pair[1] >= 0xA1)
        for pair in pairs
    )
    odd = sum(_odd(char) for char in wide)
    # Latin text shows as pairs of a high byte and the letter after it.
    latin = sum(len(pair) == 2 and pair[1] < 0x80 for pair in pairs) / len(wide)
    score = (everyday - odd) / len(wide) - _lonely(text) - max(0.0, 2 * latin - 1)
    return _shrunk(score + _own_script(wide, encoding), len(wide))


def _own_script(wide: list[str], encoding: str) -> float:
    """Kana tell Japanese, Hangul tells Korean; Chinese has neither."""
    kana = sum("\u3040" <= char <= "\u30ff" for char in wide) / len(wide)
    hangul = sum("\uac00" <= char <= "\ud7a3" for char in wide) / len(wide)
    common = 0.3 * sum(char in COMMON for char in wide) / len(wide)
    if encoding in ("shift_jis", "euc_jp"):
        return max(common, 0.3 * min(1.0, 3 * kana))
    if encoding == "euc_kr":
        # Everyday Chinese reaches further than the Hangul block: text within it is
        # Korean.
        return common + (0.05 if hangul > 0.95 else -0.5)
    return common - 0.5 * kana


def _odd(char: str) -> bool:
    """Private, unassigned or control characters: no text has them."""
    return unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs") or (
        "\uff61" <= char <= "\uff9f"
    )


def _lonely(text: str) -> float:
    """Share of wide characters that stand between Latin letters."""
    wide = re.findall(r"[^\x00-\x7f]+", text)
    lonely = re.findall(r"[A-Za-z][^\x00-\x7f](?=[A-Za-z])", text)
    return len(lonely) / max(1, len(wide))


def _single_byte_score(sample: bytes, encoding: str) -> float:
    """Mean plausibility of the letters above 127 between their neighbours."""
    text = _decoded_sample(sample, encoding)
    if text is None:
        return -1.0
    total = points = 0.0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        points += _plausible(match.group(), before, after, encoding)
        total += 1
    score = points / max(1.0, total)
    if encoding == SINGLE_BYTE[0]:
        return score
    return _shrunk(score, total) - 0.02 * SINGLE_BYTE.index(encoding)


def _shrunk(score: float, characters: float) -> float:
    """Believe a seldom encoding less when few characters speak for it."""
    return score * characters / (characters + 1.5) if score > 0 else score


def _plausible(char: str, before: str, after: str, encoding: str) -> float:
    if not char.isalpha() or char in "ªºƒ":
        return _plausible_sign(char, before, after)
    if encoding in ("cp1251", "koi8_r"):
        return _plausible_cyrillic(char, before, after)
    if char.isupper() and before.islower():
        return -1.0
    if char == "œ" and after not in ("u", "U"):
        return -0.5
    if char.isupper() and after.islower() and not before.isalpha():
        return 0.7
    if char.islower() and before.isupper() and after.isupper():
        return -1.0
    # Western words have one such letter at a time: a run of them is another script.
    crowded = (before > "\x7f" and before.isalpha()) + (
        after > "\x7f" and after.isalpha()
    )
    common = 0.9 if char in FREQUENT or char in CENTRAL.get(encoding, "") else 0.5
    return common - 0.6 * crowded


def _plausible_cyrillic(char: str, before: str, after: str) -> float:
    if not "\u0400" <= char <= "\u04ff":
        return -0.5
    if char.isupper() and before.islower():
        return -1.0
    if not ("\u0400" <= before <= "\u04ff" or "\u0400" <= after <= "\u04ff"):
        return -1.0 if before.isalpha() or after.isalpha() else 0.1
    if not "а" <= char.lower() <= "я":
        return 0.2
    return 1.0 if char.lower() in CYRILLIC else 0.6


def _plausible_sign(char: str, before: str, after: str) -> float:
    if char in "’" and before.isalpha():
        return 0.9
    if char in "¿¹³¼¾" and before.isalpha():
        return -0.8
    if char in "“”‘–—€£°§«»…•®™©\u00a0±²³µ·½¿¹":
        return -0.8 if before.isalpha() and after.isalpha() else 0.8
    if unicodedata.category(char) == "Cc":
        return -1.0
    return -0.3 if not before.isalpha() else -0.8
