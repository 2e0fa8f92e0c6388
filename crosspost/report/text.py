"""Outside text made fit to show: no control characters, and nothing that a font at hand cannot draw."""

from __future__ import annotations

import unicodedata

from crosspost.report import fonts

REPLACEMENT = "\ufffd"
BOX = "\u25a1"
# Marks that only change how the letter before is drawn, and direction overrides that could turn a line around.
_DROPPED = {0x200B, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_DROPPED |= {0x061C, 0x200C, 0x200D, 0x200E, 0x200F, 0x00AD}
# What turns an emoji into another one: the keycap around a digit, and the tags that make a region's flag of a flag.
_DROPPED |= {0x20E3, *range(0xE0020, 0xE0080)}
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def clean(text: str) -> str:
    """One line of valid text: white space runs are one space, controls and lone surrogates become U+FFFD."""
    if text.isprintable():  # of all that is replaced or left out below nothing is
        return _single(text)
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029":
            kept.append(" ")
        elif category in ("Cc", "Cs", "Cn", "Co"):
            kept.append(REPLACEMENT)
        elif ord(char) in range(0x202A, 0x202F) or ord(char) in range(0x2066, 0x206A):
            continue
        else:
            kept.append(char)
    return _single("".join(kept))


def _single(text: str) -> str:
    """Runs of spaces as one, none at the ends. A no-break space is no such space."""
    return " ".join(word for word in text.split(" ") if word)


class Drawable:
    """Replaces what the fonts cannot draw by a box, and remembers what it replaced.

    Emoji that are made of several come apart into those: a family is its people, a flag its country's two letters,
    and a skin tone goes with the person it is of.
    """

    def __init__(self) -> None:
        self.replaced: set[str] = set()

    def __call__(self, text: str) -> str:
        supported = fonts.glyphs()
        kept: list[str] = []
        for char in unicodedata.normalize("NFC", clean(text)):
            if ord(char) in _DROPPED or (ord(char) in _SKIN_TONES and kept and ord(kept[-1]) in fonts.emoji()):
                continue
            if ord(char) in _FLAG_LETTERS:
                kept.append(chr(ord("A") + ord(char) - _FLAG_LETTERS.start))
            elif ord(char) in supported:
                kept.append(char)
            elif not unicodedata.combining(char):
                self.replaced.add(char)
                kept.append(BOX)
            else:
                self.replaced.add(char)
        return _single("".join(kept))

    def named(self) -> tuple[str, ...]:
        """What was replaced, as code points with their names."""
        return tuple(f"U+{ord(char):04X} {unicodedata.name(char, 'without a name')}" for char in sorted(self.replaced))
