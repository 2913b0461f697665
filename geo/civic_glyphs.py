"""A text in the plain glyphs that patterns are written in, every position kept."""

from __future__ import annotations

# Variants of one sign that people type for each other; one glyph for one glyph, so positions stay.
_VARIANTS = {
    " ": "\t\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000",
    "-": "‐‑‒–—―−－﹣─━〜～~",
    "/": "∕⁄／",
    "·": "•‧・･",
    "'": "‘’ʼ′`´",
    '"': "“”„″",
    "〇": "○◯",
}
# Traditional forms of the words that place a thing; names themselves are folded by their index.
_TRADITIONAL = (
    "號樓棟單組與橋閘對側門邊燈桿區鄉鎮莊園東處裡裏縣層電話點後間斜臺廠場學車離約萬兩貳參陸鄰營壩"
    "灣澗圍灘馬頭衛國際館廳廣會資產編碼標誌牆橫豎這個們說請從過進裝壞線纜為沒還"
)
_SIMPLIFIED = (
    "号楼栋单组与桥闸对侧门边灯杆区乡镇庄园东处里里县层电话点后间斜台厂场学车离约万两贰叁陆邻营坝"
    "湾涧围滩马头卫国际馆厅广会资产编码标志墙横竖这个们说请从过进装坏线缆为没还"
)


def _table() -> dict[int, str]:
    wide = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    variants = {ord(glyph): plain for plain, glyphs in _VARIANTS.items() for glyph in glyphs}
    traditional = {ord(a): b for a, b in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)}
    return wide | traditional | variants


_TABLE = _table()


def plain(text: str) -> str:
    """The text in lower case and half width, of the same length: position i is still position i.

    Letters whose lower case is longer (İ) stay as they are. Line ends stay line ends.
    """
    narrow = text.translate(_TABLE)
    lower = narrow.lower()
    if len(lower) == len(narrow):
        return lower
    return "".join(low if len(low := glyph.lower()) == 1 else glyph for glyph in narrow)
