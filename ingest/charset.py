"""Bytes to text, by what the bytes say: a byte order mark, valid UTF-8, the XML declaration, the header, a guess."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A `<` or `{`, after white space perhaps, in units of two or four bytes.
_BEGINNINGS = (
    ("utf-32-be", re.compile(rb"\0\0\0[<{\s]")),
    ("utf-32-le", re.compile(rb"[<{\s]\0\0\0")),
    ("utf-16-be", re.compile(rb"(?:\0\s)*\0[<{]\0[^\0]")),
    ("utf-16-le", re.compile(rb"(?:\s\0)*[<{]\0[^\0]\0")),
)
_EBCDIC = "<?xml".encode("cp037")
_EBCDIC_DECLARATION = re.compile(r"""\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}\?>\s*")
_HEADER = re.compile(r"""\bcharset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Two letters of a Cyrillic word stand side by side; accented letters of Latin words stand alone.
_HIGH_RUN = re.compile(rb"[\xa8\xaa\xaf\xb2-\xb4\xb8\xba\xbf-\xff]+")
# Python's names of charsets.  Its other codecs (base64, idna) are none, and what shows its declaration in ASCII is not
# UTF-16, whatever the declaration says.
_CHARSETS = re.compile(
    r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-[rtu]|mac-\w+|gb\w+|hz|big5\w*|euc_\w+|shift_jis\w*|iso2022_\w+|tis-620|johab"
    r"|kz1048|ptcp154"
)
# What names mean on the web (WHATWG Encoding, section 4.2), where Python knows them otherwise or not at all.
_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
}  # fmt: skip
_ALIASES = {
    "x-sjis": "cp932", "windows-31j": "cp932", "x-euc-jp": "euc_jp", "windows-874": "cp874", "dos-874": "cp874",
    "x-gbk": "gb18030", "x-cp1251": "cp1251", "x-cp1250": "cp1250", "x-cp1252": "cp1252", "x-x-big5": "big5",
    "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "x-mac-roman": "mac-roman", "win-1251": "cp1251",
}  # fmt: skip
_SAMPLE_BYTES = 64 * 1024


def text_of(body: bytes, content_type: str = "") -> str:
    """The text of a feed's document, without its byte order mark and XML declaration; never fails.

    Valid UTF-8 is UTF-8 whatever the declaration says: other text is hardly ever valid UTF-8 by accident, and wrong
    declarations are common.  What cannot be decoded becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _without_declaration(body[len(mark) :].decode(name, "replace"))
    unmarked = _unmarked(body)
    if unmarked is not None:
        return _without_declaration(body.decode(unmarked, "replace"))
    try:
        return _without_declaration(body.decode("utf-8"))
    except UnicodeDecodeError:
        return _without_declaration(body.decode(_single_byte(body, content_type), "replace"))


def _unmarked(body: bytes) -> str | None:
    """The charset of bytes that are no ASCII from the first letter on (XML 1.0, appendix F), or that escape from it."""
    for name, beginning in _BEGINNINGS:
        if beginning.match(body):
            return name
    declared = _DECLARATION.search(body[:1024])
    escaping = b"iso-2022-" if b"\x1b" in body else b"hz" if b"~{" in body else b"-"
    if declared is not None and declared[1].lower().startswith(escaping):
        return _known(declared[1].decode("ascii"))
    if body.startswith(_EBCDIC):
        named = _EBCDIC_DECLARATION.search(body[:400].decode("cp037"))
        return (_known(named[1]) if named else None) or "cp037"
    return None


def _single_byte(body: bytes, content_type: str) -> str:
    declared = _DECLARATION.search(body[:1024])
    header = _HEADER.search(content_type)
    names = [declared[1].decode("ascii") if declared else "", header[1] if header else ""]
    for name in names:
        known = _known(name)
        # It was tried: mostly UTF-8 with some broken bytes stays UTF-8, the rest was declared wrongly.
        if known == "utf-8":
            if _mostly_utf8(body):
                return known
        elif known is not None:
            return known
    return "utf-8" if _mostly_utf8(body) else _guess(body)


def _known(name: str) -> str | None:
    name = _ALIASES.get(name.lower(), name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    if _CHARSETS.fullmatch(found) is None:
        return None
    return _MEANT.get(found, found)


def _mostly_utf8(body: bytes) -> bool:
    sample = body[:_SAMPLE_BYTES].decode("utf-8", "replace")
    broken = sample.count("\ufffd")
    # Text in a charset of single bytes has next to no valid sequence; a few foreign bytes in UTF-8 have many around.
    return broken * 4 <= sum(character > "\x7f" for character in sample)


def _guess(body: bytes) -> str:
    runs = [len(run) for run in _HIGH_RUN.findall(body[:_SAMPLE_BYTES])]
    return "cp1251" if sum(length for length in runs if length > 1) * 2 > sum(runs) else "cp1252"


def _without_declaration(text: str) -> str:
    text = text.lstrip("\ufeff")
    return _XML_DECLARATION.sub("", text, count=1)
