"""Cards and bank accounts."""

from __future__ import annotations

from random import Random

from tests.moderation.recognizers.labelled.check_digits import iban_digits, luhn_digit
from tests.moderation.recognizers.labelled.ordinary import ordinary
from tests.moderation.recognizers.labelled.sample import digits, grouped, labelled, wrong_digit

_PAYING = (
    "My card is {}, please charge it.",
    "Meine Karte: {}",
    "Card number={}&amount=20.00",
    "Paga con la tarjeta {} (caduca 12/29).",
    "He wrote down {} on a napkin",
    'pan: "{}"',
    "Ma carte bancaire est la {}, merci !",
    "It was charged to {} 12/27 for 40 dollars.",
)
# Numbers that the schemes and the payment providers publish for tests.
_CARDS = (
    "4242424242424242", "4000056655665556", "5555555555554444", "2223003122003222", "5200828282828210",
    "5105105105105100", "378282246310005", "371449635398431", "6011111111111117", "6011000990139424",
    "3056930009020004", "36227206271667", "6555900000604105", "3566002020360505", "6200000000000005",
    "6200000000000047", "6205500000000000004", "4111 1111 1111 1111",
    "4111.1111.1111.1111", "4111\u20131111\u20131111\u20131111", "4012888888881881", "3782 822463 10005",
    "5500-0000-0000-0004", "30569309025904", "3530111333300000", "6759649826438453", "2200 0000 0000 0053",
)  # fmt: skip
_PREFIXES = {
    14: ("36", "300"),
    15: ("34", "37"),
    16: ("4", "51", "53", "55", "2221", "2720", "6011", "65", "3528", "62"),
}


def card(random: Random) -> str:
    length = random.choice((14, 15, 16, 16, 16, 16))
    prefix = random.choice(_PREFIXES[length])
    body = prefix + digits(random, length - len(prefix) - 1)
    number = body + luhn_digit(body)
    sizes = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    return random.choice((number, grouped(number, sizes, " "), grouped(number, sizes, "-")))


def _long_number(random: Random) -> str:
    return digits(random, random.randint(12, 22))


def _counted(random: Random) -> str:
    return " ".join(str(random.randint(10, 99)) for _ in range(8))


def _fraction(random: Random) -> str:
    return f"0.4{card(random).replace(' ', '').replace('-', '')}"


CARD = labelled(
    "card",
    _PAYING,
    [card],
    known=_CARDS,
    lookalikes=[lambda random: wrong_digit(random, card(random)), _long_number, _counted, _fraction],
    ordinary=ordinary("card"),
)

# The examples of the IBAN Registry.
_IBANS = (
    "AD12 0001 2030 2003 5910 0100", "AE070331234567890123456", "AL47212110090000000235698741",
    "AT611904300234573201", "AZ21NABZ00000000137010001944", "BA391290079401028494", "BE68539007547034",
    "BG80BNBG96611020345678", "BH67BMAG00001299123456", "BI4210000100010000332045181",
    "BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00", "CH9300762011623852957",
    "CR05015202001026284066", "CY17002001280000001200527600", "CZ6508000000192000145399",
    "DE89 3704 0044 0532 0130 00", "DJ2100010000000154000100186", "DK5000400440116243",
    "DO28BAGR00000001212453611324", "EE382200221020145685", "EG380019000500000000263180002",
    "ES9121000418450200051332", "FI2112345600000785", "FK88SC123456789012", "FO6264600001631634",
    "FR14 2004 1010 0505 0001 3M02 606", "GB29 NWBK 6016 1331 9268 19", "GE29NB0000000101904917",
    "GI75NWBK000000007099453", "GL8964710001000206", "GR1601101250000000012300695", "GT82TRAJ01020000001210029690",
    "HR1210010051863000160", "HU42117730161111101800000000", "IE29AIBK93115212345678", "IL620108000000099999999",
    "IQ98NBIQ850123456789012", "IS140159260076545510730339", "IT60 X054 2811 1010 0000 0123 456",
    "JO94CBJO0010000000000131000302", "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100",
    "LB62099900000001001901229114", "LC55HEMM000100010012001200023015", "LI21088100002324013AA",
    "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001", "LY83002048000020100120361",
    "MC5811222000010123456789030", "MD24AG000225100013104168", "ME25505000012345678951", "MK07250120000058984",
    "MN121234123456789123", "MR1300020001010000123456753", "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR", "NL91 ABNA 0417 1643 00", "NO93 8601 1117 947", "PK36SCBL0000001123456702",
    "PL61109010140000071219812874", "PS92PALS000000000400123456702", "PT50000201231234567890154",
    "QA58DOHB00001234567890ABCDEFG", "RO49AAAA1B31007593840000", "RS35260005601001611379",
    "SA0380000000608010167519", "SC18SSCB11010000000000001497USD", "SE4550000000058398257466",
    "SI56263300012039086", "SK3112000000198742637541", "SM86U0322509800000000270100", "ST23000100010051845310146",
    "SV62CENR00000000000000700025", "TL380080012345678910157", "TN5910006035183598478831",
    "TR330006100519786457841326", "UA213223130000026007233566001", "VA59001123000012345678",
    "VG96VPVG0000012345678901", "XK051212012345678906",
)  # fmt: skip
_TRANSFER = (
    "Please transfer it to {} today.",
    "Überweise es bitte auf {}, danke.",
    "IBAN: {}",
    "Mon compte est {} chez ma banque.",
    "La cuenta es {}.",
    "Il mio conto corrente ({}) va bene",
    "rekening {} op naam van Jansen",
    'iban="{}"',
)
_SHAPES = (("DE", 18), ("NL", 14), ("FR", 23), ("ES", 20), ("IT", 23), ("GB", 18), ("AT", 16), ("CH", 17), ("BE", 12))


def iban(random: Random) -> str:
    country, length = random.choice(_SHAPES)
    body = digits(random, length)
    if country in ("NL", "GB"):
        body = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4)) + body[4:]
    number = country + iban_digits(country, body) + body
    return random.choice((number, " ".join(number[at : at + 4] for at in range(0, len(number), 4)), number.lower()))


def _swapped(random: Random) -> str:
    number = iban(random).replace(" ", "")
    places = [at for at in range(4, len(number) - 1) if number[at] != number[at + 1]]
    place = random.choice(places)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _part_number(random: Random) -> str:
    return "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=2)) + digits(random, random.randint(8, 22))


IBAN = labelled(
    "iban",
    _TRANSFER,
    [iban],
    known=_IBANS,
    lookalikes=[lambda random: wrong_digit(random, iban(random)), _swapped, _part_number],
    ordinary=ordinary("iban"),
)
