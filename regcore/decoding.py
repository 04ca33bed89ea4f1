"""Bytes to text: which encoding, how certain, and what was repaired."""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from regcore.refusals import IntakeError

SAMPLE_BYTES = 1 << 16
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
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


@dataclass(frozen=True)
class Decoded:
    """Text without a byte order mark or NULs, the encoding used, what to say."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Text of a file, in the encoding asked for or guessed.

    Raises
    ------
    IntakeError
        If the bytes are no text, or not text in the encoding asked for.
    """
    if encoding is not None:
        return _cleaned(_as_asked(raw, encoding))
    marked = next((name for bom, name in BOMS if raw.startswith(bom)), None)
    if marked is not None:
        return _cleaned(_with_mark(raw, marked))
    unmarked = _utf16_by_nuls(raw)
    if unmarked is not None:
        return _cleaned(unmarked)
    return _cleaned(_utf8_or_guess(raw))


def _as_asked(raw: bytes, encoding: str) -> Decoded:
    try:
        codec = codecs.lookup(encoding)
        if not getattr(codec, "_is_text_encoding", True):
            raise LookupError
        text, _ = codec.decode(raw, "strict")
    except LookupError:
        raise IntakeError(
            f"The encoding «{encoding}» is not known; choose another one."
        ) from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = raw.count(b"\n", 0, start) + 1
        repaired = _repaired_utf8(raw) if codec.name.startswith("utf-8") else None
        if repaired is not None:
            return Decoded(repaired.text, encoding, repaired.notes)
        if codec.name == "utf-16" or codec.name.startswith("utf-16-"):
            return _with_mark(raw, encoding)
        raise IntakeError(
            f"Line {line} cannot be read as {encoding}; choose another encoding."
        ) from None
    return Decoded(text, encoding)


def _with_mark(raw: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(raw.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        at_end = error.start >= len(raw) - 4
        damaged = raw.decode(encoding, "replace")
    lost = damaged.count("\ufffd")
    if not at_end and lost > 0.01 * len(damaged):
        if encoding != "utf-8-sig":
            raise IntakeError(
                f"The file starts like {encoding.upper()} text but does not go on so; "
                "save it again as UTF-8."
            )
        return _utf8_or_guess(raw)
    text = damaged.rstrip("\ufffd") if at_end else damaged
    where = "at the end" if at_end else f"in {lost} places"
    return Decoded(
        text, encoding, (f"The text is damaged {where}: a character is cut off.",)
    )


def _utf16_by_nuls(raw: bytes) -> Decoded | None:
    """UTF-16 without a mark: Latin letters, digits and commas leave one byte zero."""
    head = raw[: SAMPLE_BYTES & ~1]
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if half < 4 or max(even, odd) < 0.2 * half or min(even, odd) > 0.02 * half:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = raw[: len(raw) & ~1].decode(encoding)
    except UnicodeDecodeError:
        return None
    note = "The text is UTF-16 without a mark, which is a guess from its zero bytes."
    return Decoded(text, encoding, (note,))


def _utf8_or_guess(raw: bytes) -> Decoded:
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        repaired = _repaired_utf8(raw)
    if repaired is not None:
        return repaired
    encoding, score = guess_encoding(raw)
    if score < 0 and _binary_share(raw) > 0.02:
        raise IntakeError(
            "This is not text in any known encoding, "
            "but some binary file; upload a CSV file."
        )
    how = "a guess" if score > 0.5 else "an uncertain guess"
    note = (
        f"The text is not UTF-8; it was read as {NAMES[encoding]}, {how}: "
        "if letters look wrong, choose another encoding."
    )
    codec = CODECS.get(encoding, encoding)
    try:
        return Decoded(raw.decode(codec), encoding, (note,))
    except UnicodeDecodeError:
        text = raw.decode(codec, "replace")
    lost = text.count("\ufffd")
    return Decoded(
        text, encoding, (note, f"{lost} characters could not be read at all.")
    )


def _repaired_utf8(raw: bytes) -> Decoded | None:
    """UTF-8 that is cut at the end, or glued to lines in another encoding."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data"
        start = error.start
    else:
        return None
    if cut and raw[:start].strip():
        note = "The last character of the file is cut off and was left out."
        return Decoded(raw[:start].decode("utf-8"), "utf-8", (note,))
    good = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", raw[: 1 << 22]))
    lines = raw.splitlines(keepends=True)
    bad = [number for number, line in enumerate(lines, 1) if not _is_utf8(line)]
    high = sum(1 for line in lines if not line.isascii())
    # Text of another encoding hardly ever has many lines that happen to be UTF-8.
    if high - len(bad) < max(3, 0.3 * high) or good < 3:
        return None
    text = "".join(
        line.decode("utf-8") if _is_utf8(line) else line.decode("cp1252", "replace")
        for line in lines
    )
    note = (
        f"{len(bad)} lines (first: line {bad[0]}) are not UTF-8 as the rest is; "
        "they were read as Western European (Windows-1252)."
    )
    return Decoded(text, "utf-8", (note,))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


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
    kept, size = [], 0
    for match in re.finditer(rb"[^\r\n]*[\x80-\xff][^\r\n]*[\r\n]*", raw):
        kept.append(match.group()[:4096])
        size += len(kept[-1])
        if size > SAMPLE_BYTES:
            break
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
    score = (everyday - odd) / len(wide) - _lonely(text)
    return score + _own_script(wide, encoding)


def _own_script(wide: list[str], encoding: str) -> float:
    """Kana tell Japanese, Hangul tells Korean; Chinese has neither."""
    kana = sum("\u3040" <= char <= "\u30ff" for char in wide) / len(wide)
    hangul = sum("\uac00" <= char <= "\ud7a3" for char in wide) / len(wide)
    if encoding in ("shift_jis", "euc_jp"):
        return 0.1 * min(1.0, 5 * kana)
    if encoding == "euc_kr":
        # The everyday Chinese characters reach further than the Hangul block, so
        # a text that stays within it is Korean.
        return 0.1 if hangul > 0.95 else -0.5
    return -0.5 * kana


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
    return points / max(1.0, total) - 0.02 * SINGLE_BYTE.index(encoding)


def _plausible(char: str, before: str, after: str, encoding: str) -> float:
    if not char.isalpha() or char in "ªºƒ":
        return _plausible_sign(char, before, after)
    if encoding in ("cp1251", "koi8_r"):
        return _plausible_cyrillic(char, before, after)
    if char.isupper() and before.islower():
        return -1.0
    if char.isupper() and after.islower() and not before.isalpha():
        return 0.7
    if char.islower() and before.isupper() and after.isupper():
        return -1.0
    # Western words have one such letter at a time: a run of them is another script.
    crowded = (before > "\x7f" and before.isalpha()) + (
        after > "\x7f" and after.isalpha()
    )
    common = 0.9 if char in "äöüßéèêàâçñáíóúãõåæøôîûëïÄÖÜÉ" else 0.5
    return common - 0.6 * crowded


def _plausible_cyrillic(char: str, before: str, after: str) -> float:
    if not "\u0400" <= char <= "\u04ff":
        return -0.5
    if char.isupper() and before.islower():
        return -1.0
    alone = not ("\u0400" <= before <= "\u04ff") and not ("\u0400" <= after <= "\u04ff")
    if alone and (before.isalpha() or after.isalpha()):
        return -1.0
    return 0.95 if "а" <= char.lower() <= "я" else 0.2


def _plausible_sign(char: str, before: str, after: str) -> float:
    if char in "’" and before.isalpha():
        return 0.9
    if char in "“”‘–—€£°§«»…•®™©\u00a0±²³µ·½":
        return 0.2 if before.isalpha() and after.isalpha() else 0.8
    if unicodedata.category(char) == "Cc":
        return -1.0
    return -0.3 if not before.isalpha() else -0.8


def _binary_share(raw: bytes) -> float:
    head = raw[:SAMPLE_BYTES]
    control = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b\x1c\x1d\x1e\x1f\x01"))
    return 1 - len(head.translate(None, control)) / max(1, len(head))


def _cleaned(decoded: Decoded) -> Decoded:
    """Text without inner byte order marks, NULs and a DOS end mark, with notes."""
    text, notes = decoded.text, list(decoded.notes)
    if "\x00" in text:
        text = _without_nuls(text, notes)
    text = text.removeprefix("\ufeff").rstrip("\x1a")
    if "\ufeff" in text:
        notes.append(
            f"{text.count(chr(0xFEFF))} byte order marks inside the text were left "
            "out: the file looks like several files put together."
        )
        text = text.replace("\ufeff", "")
    controls = len(re.findall(r"[\x02-\x08\x0e-\x1a]", text[:SAMPLE_BYTES]))
    if controls > 0.05 * min(len(text), SAMPLE_BYTES):
        raise IntakeError("This is a binary file, not text; upload a CSV file.")
    return Decoded(text, decoded.encoding, tuple(notes))


def _without_nuls(text: str, notes: list[str]) -> str:
    kept = text.rstrip("\x00")
    padding = len(text) - len(kept)
    if not kept.strip("\x00"):
        raise IntakeError(
            "The file holds nothing but zero bytes: the copy was interrupted; "
            "upload it again."
        )
    inner = kept.count("\x00")
    if inner > 0.1 * len(kept):
        raise IntakeError("This is a binary file, not text; upload a CSV file.")
    if padding:
        notes.append(f"{padding} zero bytes at the end of the file were left out.")
    if inner:
        line = kept.count("\n", 0, kept.index("\x00")) + 1
        notes.append(f"{inner} zero bytes (first: line {line}) were left out.")
    return kept.replace("\x00", "")
