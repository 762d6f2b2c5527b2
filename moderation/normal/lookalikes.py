"""Letters that look like Latin ones. Written by hand after the idea of Unicode's confusables (UTS 39).

Mathematical, circled and full-width alphabets are not here: compatibility folding knows them, but not the letters on
dark circles and squares. Capitals are here for rules that tell case apart.
"""

from __future__ import annotations

from string import ascii_uppercase

_ALIKE = {
    "a": "аɑαᴀꭺąⱥᶏ∀ɐ", "b": "ЬƄɓᏏᑲʙƀьбßвꞵ", "c": "сϲᴄⅽꮯƈȼↄ", "d": "ԁɗᏧᑯⅾđðժɖᴅ", "e": "еҽɛєℯ℮εᴇɘəꬲɇëҿ",
    "f": "ƒꬵẝſғʄϝꞙք", "g": "ɡցɢǥɠԍᶃց", "h": "һհɦᏂћнʜħ", "i": "іıɩιɪίꙇⅰϊιї", "j": "јϳʝɉյ",
    "k": "кκᴋƙқҝĸⱪ", "l": "ⅼɭłʟƚⱡɫӏ׀∣", "m": "мᴍⅿɱṃ₥ʍ", "n": "ոռɴпηɲƞŋṇᴨӣит", "o": "оοσօᴏøөχ๐໐ഠ०০੦૦௦౦೦൦ဝ๏",
    "p": "рρᴘƿϸþᵽƥ", "q": "ԛգզɋʠ", "r": "гᴦɾʀɍꮁѓя", "s": "ѕꜱʂƨᏚș", "t": "тτᴛƭŧʈţт", "u": "ᴜυսцʊʉμմ",
    "v": "νѵᴠⅴѷʋᶌ∨", "w": "ԝաɯᴡѡωшщ", "x": "хχⅹ×ҳᕁᕽ", "y": "уγүʏყɣўƴɏч", "z": "ᴢʐƶȥɀꮓʑ",
}  # fmt: skip
_CAPITALS = {
    "A": "АΑᎪᗅ", "B": "ВΒᏴᗷ", "C": "СϹᏟ", "D": "ᎠᗞĐ", "E": "ЕΕᎬ", "F": "Ϝᖴ", "G": "ԌᏀ", "H": "НΗᎻᕼ", "I": "ІΙ",
    "J": "ЈᎫᒍ", "K": "КΚᏦ", "L": "ᏞᒪŁӀ", "M": "МΜᎷ", "N": "Ν", "O": "ОΟՕØ", "P": "РΡᏢᑭ", "R": "ᎡᏒᖇ", "S": "ЅᏕՏ",
    "T": "ТΤᎢ", "U": "Ս∪ᑌ", "V": "ѴᏙᐯ", "W": "ԜᎳ", "X": "ХΧ", "Y": "ҮΥ", "Z": "ΖᏃ",
}  # fmt: skip
# Where the alphabets on dark circles and squares begin.
_DARK = (0x1F150, 0x1F170)


def _table() -> dict[str, str]:
    small = {sign: letter for letter, signs in _ALIKE.items() for sign in signs}
    # Cherokee's letters fold their case upwards and to its own block: both ways of writing them are given.
    capitals = {sign: letter for letter, signs in _CAPITALS.items() for sign in signs}
    for first in _DARK:
        capitals |= {chr(first + number): letter for number, letter in enumerate(ascii_uppercase)}
    folded = {sign.casefold(): letter.lower() for sign, letter in capitals.items() if len(sign.casefold()) == 1}
    return folded | capitals | small


LOOKALIKES = {sign: letter for sign, letter in _table().items() if not sign.isascii()}
