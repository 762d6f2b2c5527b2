"""E-mail addresses and telephone numbers."""

from __future__ import annotations

from random import Random

from tests.moderation.recognizers.labelled.ordinary import ordinary
from tests.moderation.recognizers.labelled.sample import digits, grouped, labelled

_WRITING = (
    "Write to {} before Friday.",
    "Schreib bitte an {}, danke!",
    "Mon adresse est {}.",
    "Mi correo es {} y el de ella no lo sé",
    "From: Ada <{}>",
    "mailto:{}?subject=Hi",
    "({})",
    'email = "{}"',
    "[{}](https://example.com)",
    "邮箱：{}",
    "{} wrote: I agree.",
)
_ADDRESSES = (
    "simple@example.com",
    "very.common@example.com",
    "x@example.com",
    "long.email-address-with-hyphens@and.sub.example",
    "user.name+tag+sorting@example.com",
    "name/surname@example.com",
    "user%example.com@example.org",
    "user-@example.org",
    "o'hara@example.ie",
    "josé@correo.es",
    "müller@bücher.example",
    "用户@例子.公司",
    "θσερ@εχαμπλε.ψομ",
    "почта@пример.рф",
    "info@xn--bcher-kva.example",
    "a_b@sub.domain.co.uk",
    "first.last@museum.museum",
    "1234567890@example.com",
    "_______@example.com",
    "ADA@EXAMPLE.COM",
    "संपर्क@डाटामेल.भारत",
)
_NAMES = ("ada", "grace.hopper", "j.doe", "max_mustermann", "o.brien+news", "li-wei", "r2d2", "a.b.c", "team42", "k")
_HOSTS = (
    "example.com",
    "mail.example.org",
    "uni-bonn.de",
    "gmail.com",
    "firma.co.at",
    "empresa.com.br",
    "x.io",
    "ministere.gouv.fr",
    "company.technology",
    "srv1.dept.corp.example.net",
)


def _address(random: Random) -> str:
    return f"{random.choice(_NAMES)}{random.choice(('', '', digits(random, 2)))}@{random.choice(_HOSTS)}"


def _no_address(random: Random) -> str:
    name = random.choice(_NAMES)
    return random.choice(
        (
            f"@{name}",
            f"{name}@",
            f"{name}@localhost",
            f"{name}@2x.png",
            f"react@18.{digits(random, 1)}.0",
            f"{name} @ home",
            f"@{name}.property",
            f"package@^{digits(random, 1)}.2.1",
            f"{name}@@example",
            f"user@{digits(random, 3)}",
            "A@B",
            f"icon@3x.{random.choice(('jpg', 'webp', 'svg'))}",
            f"{name}@host:/srv/data",
            "5 @ 3.20 each",
            f"{name}@-example.c",
            f"{name}@example..com",
        )
    )


EMAIL = labelled(
    "email", _WRITING, [_address], known=_ADDRESSES, lookalikes=[_no_address], ordinary=ordinary("email", 200)
)

# Scripts without spaces go on directly after an address.
EMAIL_BETWEEN = labelled(
    "email between other letters",
    ("请联系{}谢谢", "メールは{}です", "{}으로 보내 주세요", "to={}&subject=x", "https://example.com/?cc={}&x=1"),
    [_address],
    lookalikes=[lambda random: random.choice(_NAMES), lambda random: random.choice(_HOSTS)],
)
_CALLING = (
    "You reach me at {} after six.",
    "Call {}!",
    "Meine Nummer ist {}, ruf an.",
    "Téléphone : {}",
    "Mi teléfono es el {}.",
    "Il mio numero: {}",
    "mijn nummer is {} en dat van hem niet",
    "Contact {} for details",
    "Ligue para {} amanhã.",
    "मेरा फ़ोन नंबर {} है",
)
# Kept free for films and examples by the regulators (Ofcom, ARCEP, NANPA), and from ITU-T E.123.
_NUMBERS = (
    "+44 7700 900123",
    "020 7946 0958",
    "0117 496 0123",
    "(020) 7946 0123",
    "07700 900456",
    "+33 1 99 00 12 34",
    "06 39 98 12 34",
    "01 99 00 56 78",
    "212-555-0123",
    "(415) 555-0199",
    "+1 800 555 0100",
    "1-800-555-0199",
    "+49 30 23125 123",
    "(030) 23125 123",
    "0171 39200 12",
    "+12025550143",
    "0171 - 2345678",
    "555\u2013867\u20135309",
    "(030) - 901820",
    "+1-201-555-0123",
)


def _us(random: Random) -> str:
    area = random.choice(("212", "415", "312", "617", "202", "713", "305", "206", "503", "404"))
    number = f"{area}{random.randint(2, 9)}{digits(random, 1)}{random.choice('2345678')}{digits(random, 4)}"
    three = (number[:3], number[3:6], number[6:])
    return random.choice(
        ("{}-{}-{}", "({}) {}-{}", "{}.{}.{}", "+1 {} {} {}", "+1{}{}{}", "1-{}-{}-{}", "{} {} {}")
    ).format(*three)


def _uk(random: Random) -> str:
    mobile = random.choice(("7400", "7911", "7813", "7968", "7525")) + digits(random, 6)
    city = random.choice(("161", "121", "113", "114", "115")) + random.choice("2345") + digits(random, 6)
    return random.choice(
        (
            f"0{mobile[:4]} {mobile[4:]}",
            f"+44 {mobile[:4]} {mobile[4:7]} {mobile[7:]}",
            f"0{mobile}",
            f"+44{mobile}",
            f"0{city[:3]} {city[3:6]} {city[6:]}",
            f"+44 (0){city[:3]} {city[3:6]} {city[6:]}",
            f"(0{city[:3]}) {city[3:6]} {city[6:]}",
            f"020 7{digits(random, 3)} {digits(random, 4)}",
        )
    )


def _de(random: Random) -> str:
    mobile, rest = random.choice(("171", "160", "175", "172")), random.choice("23456789") + digits(random, 6)
    city, line = random.choice(("30", "89", "221", "40", "69")), random.choice("23456789") + digits(random, 6)
    return random.choice(
        (
            f"0{mobile} {rest}",
            f"+49 {mobile} {rest}",
            f"0{mobile}{rest}",
            f"0{mobile}/{rest}",
            f"0{city} {line}",
            f"0{city}/{line}",
            f"(0{city}) {line}",
            f"+49 (0){city} {line}",
            f"0049 {city} {line}",
            f"+49{city}{line}",
            f"0{city} {line[:3]} {line[3:5]} {line[5:]}",
            f"+49 {city} {line[:4]}-{line[4:]}",
            f"0{mobile} {rest[:3]} {rest[3:]}",
        )
    )


def _fr(random: Random) -> str:
    number = random.choice(("01", "02", "03", "04", "05")) + random.choice("45") + digits(random, 7)
    if random.random() < 0.5:
        number = "06" + random.choice("1238") + digits(random, 7)
    pairs = grouped(number, (2, 2, 2, 2, 2), " ")
    return random.choice(
        (pairs, pairs.replace(" ", "."), f"+33 {pairs[1:]}", f"+33{number[1:]}", pairs.replace(" ", "-"))
    )


def _es(random: Random) -> str:
    mobile, city = "6" + random.choice("1235") + digits(random, 7), "91" + random.choice("2345") + digits(random, 6)
    return random.choice(
        (
            grouped(mobile, (3, 2, 2, 2), " "),
            f"+34 {grouped(mobile, (3, 3, 3), ' ')}",
            f"+34{mobile}",
            grouped(city, (2, 3, 2, 2), " "),
            grouped(city, (3, 2, 2, 2), " "),
            grouped(mobile, (3, 3, 3), "-"),
        )
    )


def _it(random: Random) -> str:
    mobile, city = random.choice(("347", "333", "320", "338")) + digits(random, 7), random.choice(("06", "02"))
    line = random.choice("3456") + digits(random, 7)
    return random.choice(
        (
            grouped(mobile, (3, 3, 4), " "),
            grouped(mobile, (3, 7), " "),
            f"+39 {grouped(mobile, (3, 3, 4), ' ')}",
            f"{city} {grouped(line, (4, 4), ' ')}",
            f"+39 {city} {line}",
            f"{city}/{line}",
            f"{city}-{line}",
        )
    )


def _nl(random: Random) -> str:
    mobile, line = random.choice("1245") + digits(random, 7), random.choice("2345678") + digits(random, 6)
    city = random.choice(("20", "10", "30", "70"))
    return random.choice(
        (
            f"06-{mobile}",
            f"06 {mobile}",
            f"+31 6 {mobile}",
            f"+316{mobile}",
            f"0{city}-{line}",
            f"0{city} {line[:3]} {line[3:]}",
            f"+31 {city} {line[:3]} {line[3:]}",
            f"06{mobile}",
            f"+31 (0){city} {line}",
        )
    )


def _in(random: Random) -> str:
    mobile = random.choice(("98", "97", "99", "94")) + digits(random, 8)
    city = random.choice(("22", "80", "44")) + "2" + digits(random, 7)
    return random.choice(
        (
            grouped(mobile, (5, 5), " "),
            f"+91 {grouped(mobile, (5, 5), ' ')}",
            f"+91-{mobile}",
            f"0{grouped(mobile, (5, 5), ' ')}",
            f"0{city[:2]}-{city[2:]}",
            f"+91 {city[:2]} {city[2:6]} {city[6:]}",
            f"0{city[:2]} {city[2:6]} {city[6:]}",
        )
    )


def _br(random: Random) -> str:
    area = random.choice(("11", "21", "31", "41", "51", "61", "71"))
    mobile, line = "9" + random.choice("6789") + digits(random, 7), random.choice("23") + digits(random, 7)
    return random.choice(
        (
            f"({area}) {mobile[:5]}-{mobile[5:]}",
            f"{area} {mobile[:5]}-{mobile[5:]}",
            f"+55 {area} {mobile[:5]}-{mobile[5:]}",
            f"+55{area}{mobile}",
            f"({area}) {line[:4]}-{line[4:]}",
            f"+55 ({area}) {line[:4]}-{line[4:]}",
        )
    )


def _no_phone(random: Random) -> str:
    return random.choice(
        (
            digits(random, 10),
            digits(random, 11),
            f"{digits(random, 4)} {digits(random, 4)} {digits(random, 4)} {digits(random, 4)}",
            f"{random.randint(100, 999)},{digits(random, 3)},{digits(random, 3)}",
            f"{random.randint(1, 9)}.{digits(random, 9)}",
            f"{digits(random, 6)}-{digits(random, 2)}",
            f"20{digits(random, 2)}-10-{random.randint(10, 28)} 12:00",
            digits(random, 8),
            f"{digits(random, 1)}-{digits(random, 4)}-{digits(random, 4)}-{digits(random, 1)}",
            f"{digits(random, 2)}/{digits(random, 7)}",
            f"{random.randint(1, 9)} {digits(random, 3)} {digits(random, 3)} {digits(random, 3)}",
            f"1{digits(random, 13)}",
            " ".join(f"DE{digits(random, 18)}"[at : at + 4] for at in range(0, 20, 4)),
        )
    )


_ORDERING = (
    "The order {} has left.",
    "Rechnung {} ist bezahlt.",
    "n = {}",
    "La factura {} está lista",
    "ticket #{}",
    "We counted {} of them.",
)


def _spelled(random: Random) -> str:
    name, host = random.choice(_NAMES).replace("+", "_"), random.choice(_HOSTS[:6])
    at, dot = random.choice(
        ((" [at] ", " [dot] "), ("(at)", "(dot)"), (" at ", " dot "), (" AT ", " DOT "), (" (at) ", "."))
    )
    return f"{name}{at}{host.replace('.', dot)}"


def _no_spelled(random: Random) -> str:
    return random.choice(
        (
            "look at example dot com",
            "we met at noon",
            f"at {random.randint(1, 12)} dot",
            "he is at the office. Dot com is over",
            "available at shop dot example dot org",
            "they looked at it (at last)",
            "x [at] y",
            "meet at cafe.example",
            "@decorator.at",
            "a at b",
            "stay at hotel.com",
            "connect the dots at home dot",
            "works at google.com",
        )
    )


SPELLED_EMAIL = labelled(
    "spelled-email",
    ("Mail: {}", "You reach me: {}, always.", "contact ({})", "{}", "Adresse: {} (Büro)"),
    [_spelled],
    known=("ada [at] example [dot] com", "ada.lovelace(at)example.com", "john dot smith at example dot org"),
    lookalikes=[_no_spelled],
    ordinary=ordinary("spelled-email"),
)
PHONE = labelled(
    "phone",
    _CALLING,
    [_us, _uk, _de, _fr, _es, _it, _nl, _in, _br],
    known=_NUMBERS,
    lookalikes=[_no_phone],
    elsewhere=_ORDERING,
    ordinary=ordinary("phone", 300),
    count=400,
)
