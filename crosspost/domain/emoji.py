"""Emoji sequences as X counts them: each weighs 2, however many code points it takes.

Only sequences recommended for general interchange (Unicode's RGI set) are one emoji. Anything else joined by
U+200D counts piece by piece: taking it for one would make a text look shorter than X finds it.
"""

from __future__ import annotations

from functools import lru_cache

import regex

# Regions that have a flag: ISO 3166-1, and the few Unicode adds. Other pairs of letters are two signs.
_FLAGS = """
AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU
FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO
IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR
PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ
TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_SUBDIVISIONS = "gbeng gbsct gbwls"  # the three flags written with tag characters that networks draw
# Joined sequences without a person in front.
_JOINED = "🐕🦺 🐈⬛ 🐻❄ 🐦⬛ 🐦🔥 🍋🟩 🍄🟫 ⛓💥 😮💨 😵💫 😶🌫 🙂↔ 🙂↕ 👁🗨 ❤🔥 ❤🩹 🏳🌈 🏳⚧ 🏴☠"


def _signs(letters: str) -> str:
    return "".join(chr(ord(letter) - ord("A") + 0x1F1E6) for letter in letters)


def _tagged(name: str) -> str:
    return "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in name) + "\U000e007f"


@lru_cache(maxsize=1)
def sequences() -> regex.Pattern[str]:
    """One match per emoji; a bare © or digit is text, a lone variation selector is left to its own weight."""
    flags = "|".join(_signs(flag) for flag in _FLAGS.split())
    tagged = "|".join(_tagged(name) for name in _SUBDIVISIONS.split())
    joined = "|".join("\ufe0f?\u200d".join(pair) + "\ufe0f?" for pair in _JOINED.split())
    tone = r"\p{Emoji_Modifier}"
    adult = f"[👨👩🧑]{tone}?"
    role = "[⚕⚖✈🌾🍳🍼🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🎄🦯🦼🦽🩰]"
    person = rf"(?:\p{{Emoji_Modifier_Base}}(?:{tone}|\ufe0f)?|[👯🤼🧞🧟])"
    return regex.compile(
        rf"[0-9#*]\ufe0f?\u20e3|{flags}|{tagged}|{joined}"
        rf"|{adult}\u200d(?:❤\ufe0f?\u200d(?:💋\u200d)?|🤝\u200d|🐰\u200d|🫯\u200d){adult}"
        rf"|🫱{tone}?\u200d🫲{tone}?"
        r"|[👨👩🧑](?:\u200d[👨👩🧑])?(?:\u200d[👦👧🧒]){1,2}"
        rf"|{adult}\u200d(?:[🦰-🦳]|{role}\ufe0f?(?:\u200d➡\ufe0f?)?)"
        rf"|{person}\u200d[♀♂⚧]\ufe0f?(?:\u200d➡\ufe0f?)?|[🏃🚶🧎]{tone}?\u200d➡\ufe0f?|🧑{tone}?\u200d🧑"
        rf"|\p{{Emoji_Modifier_Base}}{tone}"
        r"|[\p{Emoji}--[0-9#*©®\U0001F1E6-\U0001F1FF]]\ufe0f?|[©®]\ufe0f",
        regex.VERSION1,
    )
