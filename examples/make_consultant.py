"""Makes the folder `consultant`: a year of an invented firm's exports, English and French (CC0).

    python examples/make_consultant.py [FOLDER]

The columns are those of the tools; no row comes of a real file. Equal runs give equal bytes.
"""

from __future__ import annotations

import csv
import io
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
YEAR = 2025
# Where a contact came from, as HubSpot says it in French; how many of twenty come so, and how many of ten of them buy.
SOURCES = (
    ("Réseaux sociaux", "LinkedIn", 5, 1),
    ("Réseaux sociaux", "Facebook", 3, 0),
    ("Recherche naturelle", "Mots-clés inconnus (SSL)", 4, 3),
    ("Renvois", "annuaire.example", 5, 6),
    ("Trafic direct", "atelier-lumen.example/contact", 3, 3),
)
HEARD = {"LinkedIn": "J’ai vu un article sur LinkedIn", "Facebook": "Sur Facebook", "annuaire.example": "Une amie"}
NAMES = ("Ana", "Bo", "Cléo", "Dan", "Ève", "Fay", "Gus", "Hana", "Ivo", "Joss", "Kim", "Léo", "Mia", "Noé", "Ola")
README = """# A year of Atelier Lumen

Atelier Lumen makes lamps to measure, and is invented: no person, firm or number in these files exists. They stand for
what a client hands to a consultant: exports of HubSpot, Stripe, Calendly, Meta, X and Google Analytics, hours in a
table made by hand, one file sent twice, and one that nobody asked for. The columns are those of the tools.

Made by `examples/make_consultant.py`. Public domain (CC0 1.0).
"""


def table(rows: list[list[object]], delimiter: str = ",", before: str = "", *, bom: bool = False) -> bytes:
    text = io.StringIO()
    text.write(before)
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def firm() -> dict[str, bytes]:
    """The files by their names."""
    random = Random(2025)  # noqa: S311
    contacts: list[list[object]] = [[
        "ID de fiche d'informations", "Prénom", "Nom", "E-mail", "Phase du cycle de vie", "Source d'origine",
        "Informations sur la source d'origine 1", "Informations sur la source d'origine 2", "Date de création",
    ]]  # fmt: skip
    deals: list[list[object]] = [[
        "ID de fiche d'informations", "Nom de la transaction", "Phase de la transaction", "Montant", "Devise",
        "Date de fermeture", "Date de création", "Motif de la transaction perdue", "ID des contacts associés",
    ]]  # fmt: skip
    payments: list[list[object]] = [[
        "id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Captured", "Description", "Mode",
        "Status", "Customer ID", "Customer Email",
    ]]  # fmt: skip
    bookings: list[list[object]] = [[
        "User Name", "Invitee Name", "Invitee Email", "Event Type Name", "Start Date & Time", "End Date & Time",
        "Event Created Date & Time", "Canceled", "Question 1", "Response 1", "Marked as No-Show", "Event UUID",
        "Invitee UUID",
    ]]  # fmt: skip
    kinds = [source for source in SOURCES for _ in range(source[2])]
    for number in range(120):
        at = datetime(YEAR, 1, 6, 9, 10) + timedelta(days=number * 3 - number // 9, minutes=random.randrange(500))  # noqa: DTZ001
        if at.year != YEAR:
            break
        source, detail, _, buys = random.choice(kinds)
        first, mail = NAMES[number % len(NAMES)], f"p{number}@lumen-clients.example"
        won = random.randrange(10) < buys
        stage = "Client" if won else "Lead"
        contacts.append([7000 + number, first, f"L{number}", mail, stage, source, detail, "", f"{at:%Y-%m-%d %H:%M}"])
        if number % 3 == 0:
            call = at + timedelta(days=2)
            heard = HEARD.get(detail, "Je ne sais plus")
            bookings.append([
                "A. Lumen", f"{first} L{number}", mail, "Premier appel", f"{call:%Y-%m-%d} 10:00 am",
                f"{call:%Y-%m-%d} 10:30 am", f"{at:%Y-%m-%d %I:%M %p}".lower(), "false",
                "Comment nous avez-vous connus ?", heard, "No", f"ev-{number}", f"inv-{number}",
            ])  # fmt: skip
        if not won and number % 4:
            continue
        closed = at + timedelta(days=14 + random.randrange(25))
        if closed.year != YEAR:
            continue
        amount = 240 + 20 * random.randrange(60)
        euros = f"{amount // 1000} {amount % 1000:03d},00 €" if amount > 999 else f"{amount},00 €"
        deals.append([
            9000 + number, f"Lampe {number}", "Conclu" if won else "Perdue", euros, "EUR", closed.date(), at.date(),
            "" if won else random.choice(("Trop cher", "Sans nouvelles")), 7000 + number,
        ])  # fmt: skip
        if won:
            paid = closed + timedelta(days=3)
            payments.append([
                f"ch_{number}", f"{paid:%Y-%m-%d %H:%M:%S}", f"{amount}.00", "0.00", "eur", "true", "Lamp", "Live",
                "Paid", f"cus_{number}", mail,
            ])  # fmt: skip
    x = posts_of_x(random)
    return {
        "hubspot-contacts.csv": table(contacts, ";", bom=True),
        "transactions HubSpot.csv": table(deals, ";"),
        "stripe/payments.csv": table(payments),
        "calendly-events.csv": table(bookings),
        "reseaux/facebook publications.csv": table(posts_of_facebook(random), bom=True),
        "reseaux/x-content.csv": x,
        "reseaux/Copie de x-content.csv": x,
        "ga4/acquisition janvier-juin.csv": visits(random, date(YEAR, 1, 1), date(YEAR, 6, 30)),
        "ga4/acquisition sept-dec.csv": visits(random, date(YEAR, 9, 1), date(YEAR, 12, 31)),
        "heures.csv": hours(random),
        "inventaire atelier.csv": table(
            [["Référence", "Essence", "Stock"], ["A1", "frêne", 14], ["A2", "noyer", 3]], ";"
        ),
        "README.md": README.encode(),
    }


def posts_of_facebook(random: Random) -> list[list[object]]:
    rows: list[list[object]] = [[
        "Identifiant de la publication", "Identifiant de la Page", "Nom de la Page", "Titre", "Heure de publication",
        "Permalien", "Type de publication", "Date", "Vues", "Couverture", "Réactions", "Commentaires", "Partages",
        "Clics sur un lien",
    ]]  # fmt: skip
    for week in range(0, 52, 2):
        day = date(YEAR, 1, 7) + timedelta(weeks=week)
        reach = 150 + random.randrange(400)
        rows.append([
            880000000000 + week, 61550000000007, "Atelier Lumen", f"Lampe de la semaine {week + 1}",
            f"{day:%d/%m/%Y} 17:05", f"https://www.facebook.com/atelierlumen/posts/{week}", "Liens", "À vie",
            reach + random.randrange(90), reach, random.randrange(30), random.randrange(6), random.randrange(4),
            random.randrange(12),
        ])  # fmt: skip
    return rows


def posts_of_x(random: Random) -> bytes:
    rows: list[list[object]] = [[
        "Post id", "Date", "Post text", "Post Link", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares",
        "New follows", "Replies", "Reposts", "Profile visits", "Detail Expands", "URL Clicks", "Hashtag Clicks",
        "Permalink Clicks",
    ]]  # fmt: skip
    for week in range(0, 52, 3):
        day = date(YEAR, 1, 8) + timedelta(weeks=week)
        name = 1900000000000000000 + week
        rows.append([
            name, f"{day:%a, %b %-d, %Y}", f"A lamp a week, no. {week + 1}", f"https://x.com/atelierlumen/status/{name}",
            200 + random.randrange(500), random.randrange(25), random.randrange(40), random.randrange(3), 0,
            random.randrange(3), random.randrange(3), random.randrange(4), random.randrange(8), random.randrange(9),
            random.randrange(6), 0, 0,
        ])  # fmt: skip
    return table(rows)


def visits(random: Random, first: date, last: date) -> bytes:
    rows: list[list[object]] = [["Source/Support de la session", "Sessions", "Sessions avec engagement"]]
    months = last.month - first.month + 1
    for source, number in (("google / organic", 310), ("(direct) / (none)", 260), ("linkedin.com / referral", 45),
                           ("facebook.com / referral", 30), ("t.co / referral", 8)):  # fmt: skip
        seen = sum(number + random.randrange(number // 3) for _ in range(months))
        rows.append([source, seen, seen * 2 // 3])
    head = (
        "Acquisition de trafic",
        "Compte : Atelier Lumen",
        f"Date de début : {first:%Y%m%d}",
        f"Date de fin : {last:%Y%m%d}",
    )
    return table(rows, ";", "".join(f"# {line}\n" for line in head))


def hours(random: Random) -> bytes:
    rows: list[list[object]] = [["Mois", "Canal", "Heures"]]
    for month in range(1, 13):
        if month != 8:
            for channel, most in (("LinkedIn", 12), ("Facebook", 6), ("X", 4)):
                rows.append([f"{YEAR}-{month:02d}", channel, str(most / 2 + random.randrange(most)).replace(".", ",")])
    return table(rows, ";")


def write(folder: Path) -> None:
    for name, content in firm().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "consultant")
