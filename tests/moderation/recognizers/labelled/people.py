"""Numbers that states give to people and companies."""

from __future__ import annotations

from random import Random

from tests.moderation.recognizers.labelled.check_digits import (
    bsn_digit,
    cnpj_digits,
    codice_letter,
    cpf_digits,
    mod11_10_digit,
    mrz_digit,
    nhs_digit,
    verhoeff_digit,
)
from tests.moderation.recognizers.labelled.ordinary import ordinary
from tests.moderation.recognizers.labelled.sample import Maker, digits, grouped, labelled, wrong_digit

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _wrong(make: Maker) -> Maker:
    return lambda random: wrong_digit(random, make(random))


def _ssn(random: Random) -> str:
    area = random.choice([area for area in range(1, 900) if area != 666])
    return f"{area:03d}-{random.randint(1, 99):02d}-{random.randint(1, 9999):04d}"


def _no_ssn(random: Random) -> str:
    return random.choice(
        (
            f"000-{random.randint(10, 99)}-{digits(random, 4)}",
            f"666-{random.randint(10, 99)}-{digits(random, 4)}",
            f"{random.randint(100, 600)}-00-{digits(random, 4)}",
            f"{random.randint(100, 600)}-{random.randint(10, 99)}-0000",
            f"9{digits(random, 2)}-{random.randint(10, 49)}-{digits(random, 4)}",
            digits(random, 9),
            f"{digits(random, 3)}-{digits(random, 3)}-{digits(random, 4)}",
            f"{_ssn(random)}-{digits(random, 2)}",
            f"{digits(random, 2)}-{_ssn(random)}",
            f"{digits(random, 3)}-{digits(random, 2)} {digits(random, 4)}",
        )
    )


US_SSN = labelled(
    "us-ssn",
    (
        "Her number is {} as far as I know.",
        "SSN: {}",
        "ssn={};",
        "John Doe, {}, Springfield",
        "social security no. {}?",
    ),
    [_ssn, _ssn, lambda random: _ssn(random).replace("-", " ")],
    known=("536-22-8145", "219-09-9999", "457-55-5462", "536\u201322\u20138145", "536 - 22 - 8145"),
    lookalikes=[_no_ssn],
    elsewhere=("Part {} is in stock.", "See file {}.", "The code was {} then", "{}"),
    ordinary=ordinary("us-ssn"),
)
US_SSN_PLAIN = labelled(
    "us-ssn in one piece",
    ("SSN {}", "SSN: {}.", "my social security number is {}", "Social Security No {} on file", "ssn={}"),
    [lambda random: _ssn(random).replace("-", "")],
    lookalikes=[lambda random: "000" + digits(random, 6), lambda random: digits(random, 10)],
)


def _itin(random: Random) -> str:
    group = random.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{digits(random, 2)}-{group}-{digits(random, 4)}"


def _no_itin(random: Random) -> str:
    group = random.choice((*range(10, 50), 66, 67, 68, 69, 89, 93))
    return random.choice((f"9{digits(random, 2)}-{group}-{digits(random, 4)}", _ssn(random), digits(random, 9)))


US_ITIN = labelled(
    "us-itin",
    ("The ITIN is {}.", "ITIN {}", "Form W-7 gave me {} last year", "taxpayer id: {}"),
    [_itin, _itin, lambda random: _itin(random).replace("-", " ")],
    known=("912-70-1234", "900-70-0000"),
    lookalikes=[_no_itin],
    ordinary=ordinary("us-itin"),
)


def _nino(random: Random) -> str:
    while True:
        pair = random.choice("ABCEGHJKLMNOPRSTWXYZ") + random.choice("ABCEGHJKLMNPRSTWXYZ")
        if pair not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
            break
    body = digits(random, 6)
    number = f"{pair}{body}{random.choice('ABCD')}"
    if number[0] == "O":
        number = f"A{number[1:]}"
    return random.choice((number, grouped(number, (2, 2, 2, 2, 1), " ")))


def _no_nino(random: Random) -> str:
    pair = random.choice(("BG", "GB", "NK", "KN", "TN", "NT", "ZZ", "DA", "FY", "QQ", "UA", "VB", "AO", "CI"))
    return random.choice(
        (
            f"{pair}{digits(random, 6)}A",
            f"{_nino(random)[:-1]}{random.choice('EFGXYZ')}",
            f"AB{digits(random, 7)}",
            f"{digits(random, 2)}{digits(random, 6)}C",
            f"ab{digits(random, 6)}c",
            f"XAB{digits(random, 6)}C",
        )
    )


UK_NINO = labelled(
    "uk-nino",
    ("My NI number is {}.", "{} is on the payslip", "National Insurance: {}", "employee {}, started in May"),
    [_nino],
    known=("AB123456C", "AA 12 34 56 D", "JG103759A"),
    lookalikes=[_no_nino],
    elsewhere=("part {}", "Model {} is sold out.", "hash {} of it"),
    ordinary=ordinary("uk-nino"),
)


def _nhs(random: Random) -> str:
    while True:
        body = digits(random, 9)
        if (check := nhs_digit(body)) is not None:
            break
    return random.choice((body + check, grouped(body + check, (3, 3, 4), " "), grouped(body + check, (3, 3, 4), "-")))


_NHS = ("NHS number: {}", "Her NHS no. is {}.", "NHS {} (checked)", "nhs number {} belongs to him")
UK_NHS = labelled(
    "uk-nhs",
    _NHS,
    [_nhs],
    known=("943 476 5919", "9434765919", "401 023 2137"),
    lookalikes=[_wrong(_nhs), lambda random: digits(random, random.choice((8, 9, 11, 12)))],
    ordinary=(*ordinary("uk-nhs"), *(f"Call {_nhs(Random(number))} now" for number in range(60))),
)


def _tax_id(random: Random) -> str:
    while True:
        pool = random.sample("0123456789", 9 if random.random() < 0.5 else 8)
        body = pool + [pool[0]] * (10 - len(pool))
        random.shuffle(body)
        text = "".join(body)
        if text[0] != "0" and not any(digit * 3 in text for digit in pool):
            break
    number = text + mod11_10_digit(text)
    return random.choice((number, grouped(number, (2, 3, 3, 3), " "), grouped(number, (2, 3, 3, 3), " ")))


DE_TAX_ID = labelled(
    "de-tax-id",
    ("Meine Steuer-ID lautet {}.", "IdNr. {}", "Steuerliche Identifikationsnummer: {}", "{} steht auf dem Bescheid"),
    [_tax_id],
    known=("86095742719", "47036892816", "65929970489", "57549285017", "25768131411", "86 095 742 719"),
    lookalikes=[_wrong(_tax_id), lambda random: digits(random, 11), lambda random: digits(random, 12)],
    ordinary=ordinary("de-tax-id"),
)


def _id_card(random: Random) -> str:
    while True:
        body = random.choice("LMNPRTVWXY") + "".join(random.choices("CFGHJKLMNPRTVWXYZ0123456789", k=8))
        if sum(sign.isdigit() for sign in body) >= 2:
            return body + mrz_digit(body)


def _no_id_card(random: Random) -> str:
    return random.choice(
        (
            wrong_digit(random, _id_card(random)),
            f"{random.choice('ABDEIOQSU')}{_id_card(random)[1:]}",
            "LNPRTVWXYZ",
            _id_card(random)[:8],
            "".join(random.choices(_LETTERS, k=10)),
            _id_card(random) + digits(random, 3),
        )
    )


DE_ID_CARD = labelled(
    "de-id-card",
    ("Personalausweis {}", "Ausweisnummer: {}", "Die Nummer {} steht vorne.", "{} gültig bis 2031"),
    [_id_card],
    known=("T220001293", "L01X00T471", "LZ6311T475"),
    lookalikes=[_no_id_card],
    elsewhere=("Teil {} fehlt", "Gutschein {} einlösen", "{}"),
    ordinary=ordinary("de-id-card"),
)
DE_ID_CARD_PLAIN = labelled(
    "de-id-card without check digit",
    ("Personalausweis {}", "Ausweisnummer: {}", "Mein Perso hat die Nummer {}.", "Personalausweisnummer: {}, gültig"),
    [lambda random: _id_card(random)[:9]],
    lookalikes=[lambda random: digits(random, 7), lambda random: "".join(random.choices("aeiou", k=9))],
)


def _nir(random: Random) -> str:
    department = random.choice((*(f"{number:02d}" for number in range(1, 96) if number != 20), "2A", "2B", "99"))
    place, order = f"{random.randint(1, 990):03d}", f"{random.randint(1, 999):03d}"
    body = f"{random.choice('12')}{random.randint(0, 99):02d}{random.randint(1, 12):02d}{department}{place}{order}"
    value = int(body) if department.isdigit() else 0
    if not department.isdigit():
        value = int(body[:5] + {"2A": "19", "2B": "18"}[department] + body[7:])
    number = f"{body}{97 - value % 97:02d}"
    return random.choice(
        (
            number,
            grouped(number, (1, 2, 2, 2, 3, 3, 2), " "),
            f"{grouped(body, (1, 2, 2, 2, 3, 3), ' ')} / {number[13:]}",
        )
    )


FR_NIR = labelled(
    "fr-nir",
    ("Mon numéro de sécurité sociale est {}.", "NIR : {}", "Assuré {}, né à Lyon", "sécu={}"),
    [_nir],
    known=("255081416802538", "2 55 08 14 168 025 38", "1 85 05 78 006 084 91", "269054958815780"),
    lookalikes=[_wrong(_nir), lambda random: digits(random, 15), lambda random: digits(random, 14)],
    ordinary=ordinary("fr-nir"),
)
FR_NIR_PLAIN = labelled(
    "fr-nir without its key",
    ("Mon numéro de sécurité sociale est {}.", "NIR : {}", "n° sécu {} (sans clé)", "Sécurité sociale {}"),
    [lambda random: _nir(random).replace(" ", "").replace("/", "")[:13]],
    lookalikes=[lambda random: f"9{digits(random, 12)}", lambda random: digits(random, 11)],
)
_SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"


def _dni(random: Random) -> str:
    number = random.randint(1_000_000, 99_999_999)
    letter = _SPANISH[number % 23]
    dotted = f"{number:,}".replace(",", ".")
    return random.choice(
        (f"{number:08d}{letter}", f"{number:08d}-{letter}", f"{dotted}-{letter}", f"{number:08d}{letter.lower()}")
    )


def _nie(random: Random) -> str:
    first, number = random.randrange(3), random.randint(0, 9_999_999)
    letter = _SPANISH[(first * 10_000_000 + number) % 23]
    return random.choice((f"{'XYZ'[first]}{number:07d}{letter}", f"{'XYZ'[first]}-{number:07d}-{letter}"))


def _wrong_letter(make: Maker) -> Maker:
    def wrong(random: Random) -> str:
        number = make(random)
        return number[:-1] + random.choice([letter for letter in _LETTERS if letter != number[-1].upper()])

    return wrong


ES_DNI = labelled(
    "es-dni",
    ("Mi DNI es {}.", "DNI: {}", "con DNI {} y domicilio en Madrid", "nif={}"),
    [_dni],
    known=("12345678Z", "00000000T", "99999999R", "01234567L", "12.345.678-Z"),
    lookalikes=[_wrong(_dni), _wrong_letter(_dni), lambda random: f"{digits(random, 7)}{random.choice('IOU')}"],
    ordinary=ordinary("es-dni"),
)
ES_NIE = labelled(
    "es-nie",
    ("Su NIE es {}.", "NIE: {}", "titular del NIE {} desde 2020", "nie={}"),
    [_nie],
    known=("X1234567L", "Y0000000Z", "Z0000000M", "X0000000T"),
    lookalikes=[_wrong(_nie), _wrong_letter(_nie), lambda random: f"X{digits(random, 8)}"],
    ordinary=ordinary("es-nie"),
)


def _codice(random: Random) -> str:
    letters = "".join(random.choices("BCDFGLMNPRSTV", k=6))
    day = random.randint(1, 31) + random.choice((0, 40))
    body = (
        f"{letters}{random.randint(0, 99):02d}{random.choice('ABCDEHLMPRST')}{day:02d}{random.choice('ABCDEFGHILM')}"
    )
    body += f"{random.randint(1, 999):03d}"
    if random.random() < 0.1:
        body = body[:14] + "LMNPQRSTUV"[int(body[14])]
    code = body + codice_letter(body)
    return random.choice((code, code, code.lower(), grouped(code, (3, 3, 5, 5), " ")))


IT_CODICE_FISCALE = labelled(
    "it-codice-fiscale",
    ("Il mio codice fiscale è {}.", "C.F. {}", "Mario Rossi ({}) nato a Roma", "cf={}"),
    [_codice],
    known=("RSSMRA85T10A562S", "MRTMTT25D09F205Z", "RSSMRA80A01H501U"),
    lookalikes=[
        _wrong(_codice),
        _wrong_letter(_codice),
        lambda random: "".join(random.choices(_LETTERS + "0123456789", k=16)),
    ],
    ordinary=ordinary("it-codice-fiscale"),
)


def _bsn(random: Random) -> str:
    while True:
        body = str(random.randint(10_000_000, 99_999_999))
        if (check := bsn_digit(body)) is not None:
            break
    number = body + check
    return random.choice((number, number, grouped(number, (4, 2, 3), "."), grouped(number, (3, 3, 3), " ")))


NL_BSN = labelled(
    "nl-bsn",
    ("Mijn BSN is {}.", "BSN: {}", "burgerservicenummer {} van de klant", "bsn={}"),
    [_bsn],
    known=("111222333", "123456782", "999990019"),
    lookalikes=[_wrong(_bsn), lambda random: digits(random, 10), lambda random: digits(random, 7)],
    ordinary=(*ordinary("nl-bsn"), *(f"bestelling {_bsn(Random(number))} komt" for number in range(60))),
)


def _aadhaar(random: Random) -> str:
    body = random.choice("23456789") + digits(random, 10)
    return grouped(body + verhoeff_digit(body), (4, 4, 4), random.choice("  -"))


def _no_aadhaar(random: Random) -> str:
    return random.choice(
        (
            wrong_digit(random, _aadhaar(random)),
            f"{random.choice('01')}{_aadhaar(random)[1:]}",
            digits(random, 12),
            f"{_aadhaar(random)} {digits(random, 4)}".replace("-", " "),
            f"20{digits(random, 10)}",
        )
    )


IN_AADHAAR = labelled(
    "in-aadhaar",
    ("My Aadhaar is {}.", "मेरा आधार {} है", "Aadhaar No: {}", "KYC with {} is done"),
    [_aadhaar],
    known=("2345 6789 0124", "2341 2341 2346", "4991 1866 5246"),
    lookalikes=[_no_aadhaar],
    elsewhere=("Voucher {} is used.", "{}", "batch {} of June"),
    ordinary=ordinary("in-aadhaar"),
)
IN_AADHAAR_PLAIN = labelled(
    "in-aadhaar in one piece",
    ("Aadhaar: {}", "my aadhaar number is {}", "UIDAI {} verified", "Aadhar card no. {}"),
    [lambda random: _aadhaar(random).replace(" ", "").replace("-", "")],
    lookalikes=[_wrong(lambda random: _aadhaar(random).replace(" ", "").replace("-", ""))],
)


def _pan(random: Random) -> str:
    letters = "".join(random.choices(_LETTERS, k=3)) + random.choice("ABCFGHJLPT") + random.choice(_LETTERS)
    return f"{letters}{random.randint(1, 9999):04d}{random.choice(_LETTERS)}"


def _no_pan(random: Random) -> str:
    pan = _pan(random)
    return random.choice(
        (
            f"{pan[:3]}{random.choice('DEIKMNOQRSUVWXYZ')}{pan[4:]}",
            f"{pan[:5]}0000{pan[9]}",
            f"X{pan}",
            f"{pan}7",
            pan.lower(),
            f"{pan[:4]}{digits(random, 5)}{pan[9]}",
        )
    )


IN_PAN = labelled(
    "in-pan",
    ("My PAN is {}.", "PAN: {}", "income tax of {} for 2026", "pan={}"),
    [_pan],
    known=("AAAPZ1234C", "AFZPK7190K", "AAACI1195H"),
    lookalikes=[_no_pan],
    elsewhere=("Part {} is in stock.", "{}", "code {} expired"),
    ordinary=ordinary("in-pan"),
)


def _cpf(random: Random) -> str:
    body = digits(random, 9)
    number = body + cpf_digits(body)
    return random.choice((number, f"{grouped(body, (3, 3, 3), '.')}-{number[9:]}", f"{body}-{number[9:]}"))


BR_CPF = labelled(
    "br-cpf",
    ("Meu CPF é {}.", "CPF: {}", "o titular {} mora em São Paulo", "cpf={}"),
    [_cpf],
    known=("529.982.247-25", "111.444.777-35", "123.456.789-09", "52998224725"),
    lookalikes=[_wrong(_cpf), lambda random: digits(random, 11), lambda _: "111.111.111-11"],
    ordinary=ordinary("br-cpf"),
)


def _cnpj(random: Random) -> str:
    body = digits(random, 8) + f"{random.randint(1, 20):04d}"
    if random.random() < 0.3:
        body = "".join(random.choices(_LETTERS + "0123456789", k=12))
    number = body + cnpj_digits(body)
    return random.choice((number, f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"))


BR_CNPJ = labelled(
    "br-cnpj",
    ("O CNPJ da empresa é {}.", "CNPJ: {}", "fornecedor {} aprovado", "cnpj={}"),
    [_cnpj],
    known=("11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35", "00.000.000/0001-91", "33.000.167/0001-01"),
    lookalikes=[_wrong(_cnpj), lambda random: digits(random, 14), lambda _: "00.000.000/0000-00"],
    ordinary=ordinary("br-cnpj"),
)
