"""Vietnamese written before Unicode: TCVN3 (ABC) and VNI, as text that was read with a western code page."""

import re
from collections.abc import Callable

from tungnha.territory.vietnamese import fold

_TCVN3_FROM = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§"
_TCVN3_TO = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ"
_TCVN3 = str.maketrans(_TCVN3_FROM, _TCVN3_TO)

_VNI_PAIRS = {
    "a": ("ùøûõïêéèúüëâáàåãä", "áàảãạăắằẳẵặâấầẩẫậ"),
    "e": ("ùøûõïâáàåãä", "éèẻẽẹêếềểễệ"),
    "o": ("ùøûõïâáàåãä", "óòỏõọôốồổỗộ"),
    "ô": ("ùøûõï", "ớờởỡợ"),
    "u": ("ùøûõï", "úùủũụ"),
    "ö": ("ùøûõï", "ứừửữự"),
    "y": ("ùøûõ", "ýỳỷỹ"),
}
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI = {
    base + mark: letter
    for base, (marks, letters) in _VNI_PAIRS.items()
    for mark, letter in zip(marks, letters, strict=True)
}
_VNI |= _VNI_ALONE
_VNI |= {key.upper(): letter.upper() for key, letter in _VNI.items()}
_VNI |= {
    key[0].upper() + key[1:]: letter.upper()
    for key, letter in list(_VNI.items())
    if len(key) == 2 and key.islower()
}
_VNI_MARKS = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_SYLLABLE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|q|r|s|th|tr|t|v|x)?"
    r"(?:uye|uya|uyu|uoi|uou|uay|oai|oao|oay|oeo|ieu|yeu|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ye"
    r"|a|e|i|o|u|y)(?:ch|c|m|ng|nh|n|p|t)?"
)
_WORD = re.compile(r"[^\W\d_]+")
_STRANGE = re.compile(r"[µ¶·¸¹¨»¼½¾©®ª«¬\u00ad×÷¡¢£¤¥¦§ÆæßþøØåÅëËïÏöÖüÜäÄñÑÿ]")


def _plausibility(text: str) -> float:
    """Share of the words that could be Vietnamese syllables, less every character no Vietnamese text has."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    good = sum(_SYLLABLE.fullmatch(fold(word)) is not None for word in words)
    return (good - 2 * len(_STRANGE.findall(text))) / len(words)


def from_tcvn3(text: str) -> str:
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    return _VNI_MARKS.sub(lambda match: _VNI[match.group()], text)


_ONLY_UNICODE = re.compile("[\u1ea0-\u1ef9]")
_WAYS: dict[str, Callable[[str], str]] = {"unicode": str, "tcvn3": from_tcvn3, "vni": from_vni}


def is_unicode(text: str) -> bool:
    """Whether a text has a letter that no older way could have given."""
    return _ONLY_UNICODE.search(text) is not None


def detect(sample: str) -> str:
    """How a text was written: `unicode`, `tcvn3` or `vni`. Ties are Unicode.

    A letter that only Unicode's Vietnamese block has settles it, whatever language the rest is in.
    """
    if is_unicode(sample):
        return "unicode"
    return max(_WAYS, key=lambda way: round(_plausibility(_WAYS[way](sample)), 3))


def convert(text: str, way: str) -> str:
    """Text written one way, as Unicode."""
    return _WAYS[way](text)
