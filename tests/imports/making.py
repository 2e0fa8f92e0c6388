"""The exports that are no plain text, made from rows that can be read here: `python -m tests.imports.making`.

Every row is ours, in the shape the source writes: see fixtures/README.md. The same rows give the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from tests.imports.biff import Cell, workbook

FIXTURES = Path(__file__).parent / "fixtures"
Sheets = Mapping[str, Sequence[Sequence[Cell]]]

_ACTIVITY = "https://www.linkedin.com/feed/update/urn:li:activity:73500000000000{}"

PAGE_CONTENT_EN: Sheets = {
    "Metrics": [
        ["Aggregated engagement metrics for your organic and sponsored updates"],
        ["Date", "Impressions (organic)", "Impressions (sponsored)", "Impressions (total)",
         "Unique impressions (organic)", "Clicks (organic)", "Clicks (sponsored)", "Clicks (total)",
         "Reactions (total)", "Comments (total)", "Reposts (total)", "Engagement rate (total)"],
        ["07/14/2026", 640, 0, 640, 402, 31, 0, 31, 22, 4, 2, 0.0921875],
        ["07/15/2026", 0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0],
    ],
    "All posts": [
        ["Engagement metrics for individual posts in the chosen range"],
        ["Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Campaign start date",
         "Campaign end date", "Audience", "Impressions", "Views (Excluding offsite video views)", "Offsite Views",
         "Clicks", "Click through rate (CTR)", "Likes", "Comments", "Reposts", "Follows", "Engagement rate",
         "Content Type"],
        ["Drying oak takes longer than you think: https://sorbier.example/chene?utm_content=w4x8c6hnvb",
         _ACTIVITY.format("00501"), "Organic", None, "C. Tremblelune", "07/14/2026", None, None, "All followers",
         1412, None, None, 88, 0.0623, 41, 6, 3, None, 0.0977, None],
        ["Open workshop", _ACTIVITY.format("00502"), "Organic", None, "C. Tremblelune", "07/25/2026", None, None,
         "All followers", 610, 203, 0, 12, 0.0197, 9, 0, 1, None, 0.0361, "Video"],
    ],
}  # fmt: skip
PAGE_CONTENT_FR: Sheets = {
    "Indicateurs": [
        ["Indicateurs d’engagement agrégés de vos posts"],
        ["Date", "Impressions (organiques)", "Impressions (sponsorisées)", "Impressions (total)",
         "Impressions uniques (organiques)", "Clics (total)", "Réactions (total)", "Commentaires (total)",
         "Republications (total)"],
        ["14/07/2026", 640, 0, 640, 402, 31, 22, 4, 2],
    ],
    "Tous les posts": [
        ["Titre du post", "Lien du post", "Type de post", "Date de création", "Impressions", "Vues", "Clics",
         "J’aime", "Commentaires", "Republications", "Abonnements", "Type de contenu"],
        ["Atelier ouvert samedi", _ACTIVITY.format("00503"), "Organique", "25/07/2026", 702, None, 15, 11, 1, 0, 2,
         None],
    ],
}  # fmt: skip
PAGE_FOLLOWERS_EN: Sheets = {
    "New followers": [
        ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"],
        ["07/14/2026", 0, 5, 1, 6],
        ["07/15/2026", 0, 0, 0, 0],
    ],
    "Location": [["Location", "Total followers"], ["Greater Lyon Area", 212], ["Greater Rennes Metropolitan Area", 64]],
}
PAGE_FOLLOWERS_FR: Sheets = {
    "Nouveaux abonnés": [
        ["Date", "Abonnés sponsorisés", "Abonnés organiques", "Abonnés invités automatiquement", "Total des abonnés"],
        ["14/07/2026", 0, 5, 1, 6],
    ],
    "Lieu": [["Lieu", "Total des abonnés"], ["Lyon et périphérie", 212]],
}
PAGE_VISITORS_EN: Sheets = {
    "Visitor metrics": [
        ["Date", "Overview page views (desktop)", "Overview page views (mobile)", "Overview page views (total)",
         "Total page views (desktop)", "Total page views (mobile)", "Total page views (total)",
         "Total unique visitors (desktop)", "Total unique visitors (mobile)", "Total unique visitors (total)"],
        ["07/14/2026", 20, 9, 29, 24, 11, 35, 14, 8, 22],
        ["07/15/2026", 3, 0, 3, 3, 0, 3, 2, 0, 2],
    ],
}  # fmt: skip
PAGE_VISITORS_FR: Sheets = {
    "Statistiques des visiteurs": [
        ["Date", "Total des vues de page (ordinateur)", "Total des vues de page (total)",
         "Total des visiteurs uniques (total)"],
        ["14/07/2026", 24, 35, 22],
    ],
}  # fmt: skip
_PROFILE_POST = "https://www.linkedin.com/posts/camille-tremblelune_chene-share-735000000000006{}-abcd"
# Filler such as 481 stands in cells that are blank to the eye since October 2026.
CREATOR_EN: Sheets = {
    "DISCOVERY": [["Overall Performance", "7/14/2026 - 7/15/2026"], ["Impressions", 4120], ["Members reached", 2610]],
    "ENGAGEMENT": [
        ["Date", "Impressions", "Engagements"], ["7/14/2026", 2900, 71], ["7/15/2026", 1220, 0],
    ],
    "TOP POSTS": [
        ["Maximum of 50 posts available to include in this list"],
        [],
        ["Post URL", "Post Publish Date", "Engagements", 481, "Post URL", "Post Publish Date", "Impressions"],
        [_PROFILE_POST.format("0601"), "7/14/2026", 71, 481, _PROFILE_POST.format("0602"), "5/31/2026", 2210],
        [481, 481, 481, 481, _PROFILE_POST.format("0601"), "7/14/2026", 1904],
    ],
    "FOLLOWERS": [
        ["Total followers on 7/15/2026:", 1873], [], ["Date", "New followers"], ["7/14/2026", 4], ["7/15/2026", 0],
    ],
    "DEMOGRAPHICS": [["Top Demographics", "Value", "Percentage"], ["Job titles", "Cabinet Maker", "< 1%"]],
}  # fmt: skip
CREATOR_FR: Sheets = {
    "DÉCOUVERTE": [
        ["Performance globale", "14/07/2026 - 15/07/2026"], ["Impressions", 4120], ["Membres touchés", 2610],
    ],
    "INTERACTIONS": [["Date", "Impressions", "Interactions"], ["14/07/2026", 2900, 71], ["15/07/2026", 1220, 0]],
    "MEILLEURS POSTS": [
        ["50 posts au maximum figurent dans cette liste"],
        [],
        ["URL du post", "Date de publication du post", "Interactions", None, "URL du post",
         "Date de publication du post", "Impressions"],
        [_PROFILE_POST.format("0601"), "14/07/2026", 71, None, _PROFILE_POST.format("0602"), "31/05/2026", 2210],
    ],
    "ABONNÉS": [
        ["Total des abonnés au 15/07/2026 :", 1873], [], ["Date", "Nouveaux abonnés"], ["14/07/2026", 4],
    ],
}  # fmt: skip

SEARCH_CONSOLE_EN = {
    "Chart.csv": "Date,Clicks,Impressions,CTR,Position\n2026-07-01,12,400,3%,11.2\n2026-07-02,9,350,2.57%,12\n",
    "Queries.csv": "Top queries,Clicks,Impressions,CTR,Position\nash bench,14,310,4.52%,6.1\ndrying,3,220,1.36%,15\n",
    "Pages.csv": "Top pages,Clicks,Impressions,CTR,Position\nhttps://sorbier.example/banc,16,500,3.2%,7.4\n",
    "Countries.csv": "Country,Clicks,Impressions,CTR,Position\nFrance,20,640,3.13%,9.9\n",
    "Devices.csv": "Device,Clicks,Impressions,CTR,Position\nMobile,15,500,3%,10\nDesktop,6,250,2.4%,12.3\n",
    "Filters.csv": "Filter,Value\nSearch type,Web\nDate,Last 3 months\n",
}
SEARCH_CONSOLE_FR = {
    "Graphique.csv":
        "\ufeffDate,Clics,Impressions,CTR,Position\n"
        '2026-07-01,12,400,3 %,"11,2"\n2026-07-02,9,350,"2,57 %",12\n',
    "Requêtes.csv":
        "\ufeffRequêtes les plus fréquentes,Clics,Impressions,CTR,Position\n"
        'banc en frêne,14,310,"4,52 %","6,1"\n',
    "Pages.csv":
        "\ufeffPages les plus populaires,Clics,Impressions,CTR,Position\n"
        'https://sorbier.example/banc,16,500,"3,2 %","7,4"\n',
    "Appareils.csv": "\ufeffAppareil,Clics,Impressions,CTR,Position\nMobile,15,500,3 %,10\n",
    "Filtres.csv": "\ufeffFiltre,Valeur\nType de recherche,Web\n",
}  # fmt: skip
PLAUSIBLE_EN = {
    "imported_visitors_20260714_20260715.csv":
        '"date","visitors","pageviews","bounces","visits","visit_duration"\n'
        '"2026-07-14",41,97,20,46,3120\n"2026-07-15",0,0,0,0,0\n',
    "imported_sources_20260714_20260715.csv":
        '"date","source","referrer","utm_source","utm_medium","utm_campaign","utm_content","utm_term","pageviews",'
        '"visitors","visits","visit_duration","bounces"\n'
        '"2026-07-14","LinkedIn","lnkd.in","linkedin","social","chene-w4x8c6hnvb","w4x8c6hnvb","",30,12,14,900,6\n'
        '"2026-07-14","","","","","","","",67,29,32,2220,14\n',
    "imported_pages_20260714_20260715.csv":
        '"date","hostname","page","visits","visitors","pageviews"\n'
        '"2026-07-14","sorbier.example","/chene",20,18,31\n',
    "imported_entry_pages_20260714_20260715.csv":
        '"date","entry_page","visitors","entrances","visit_duration","bounces","pageviews"\n'
        '"2026-07-14","/chene",17,19,1200,7,60\n',
    "imported_custom_events_20260714_20260715.csv":
        '"date","name","link_url","path","visitors","events"\n"2026-07-14","Quote asked","","",2,3\n',
    "imported_browsers_20260714_20260715.csv":
        '"date","browser","browser_version","visitors","visits","visit_duration","bounces","pageviews"\n'
        '"2026-07-14","Firefox","140.0",41,46,3120,20,97\n',
}  # fmt: skip
UMAMI_EN = {
    "events.csv": "x,y\nquote-asked,3\n",
    "pages.csv": "x,y\n/chene,18\n/banc,7\n",
    "referrers.csv": "x,y\nlnkd.in,12\nwww.google.com,9\n",
    "browsers.csv": "x,y\nfirefox,20\n",
    "os.csv": "x,y\nLinux,11\n",
    "devices.csv": "x,y\nmobile,14\n",
    "countries.csv": "x,y\nFR,29\n",
}
GOATCOUNTER_EN = (
    "2Path,Title,Event,UserAgent,Browser,System,Session,Bot,Referrer,Referrer scheme,Screen size,Location,FirstVisit,"
    "Date\n"
    '/chene,Le chêne,0,Mozilla/5.0,Firefox 140,Linux,a1-1,0,lnkd.in,h,"1280,768,1",FR-ARA,1,2026-07-14T09:31:02Z\n'
    '/banc,Un banc,0,Mozilla/5.0,Firefox 140,Linux,a1-1,0,,,"1280,768,1",FR-ARA,1,2026-07-14T09:33:10Z\n'
    '/chene,Le chêne,0,Mozilla/5.0,Safari 18,iOS,b2-2,0,chene-w4x8c6hnvb,c,"390,844,3",FR-BRE,1,2026-07-14T23:59:59Z\n'
    'quote-asked,Quote,1,Mozilla/5.0,Safari 18,iOS,b2-2,0,,,"390,844,3",FR-BRE,1,2026-07-15T00:04:00Z\n'
    "/chene,Le chêne,0,curl/8,,,c3-3,4,,,,,1,2026-07-15T04:00:00Z\n"
)
ARCHIVE_MEMBERS = {
    "Shares.csv": "linkedin_shares_en.csv",
    "Connections.csv": "linkedin_connections_en.csv",
}
ARCHIVE_OTHERS = {"Profile.csv": "First Name,Last Name,Maiden Name,Headline\nCamille,Tremblelune,,Directrice\n"}


def xlsx(sheets: Sheets) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def zipped(members: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text.encode())
    return out.getvalue()


def made() -> dict[str, bytes]:
    """Every fixture that is made, by the name of its file."""
    archive = {name: (FIXTURES / file).read_text("utf-8") for name, file in ARCHIVE_MEMBERS.items()} | ARCHIVE_OTHERS
    umami = {"zip": base64.b64encode(zipped(UMAMI_EN)).decode()}
    return {
        "linkedin_content_en.xls": workbook(PAGE_CONTENT_EN),
        "linkedin_content_fr.xls": workbook(PAGE_CONTENT_FR),
        "linkedin_followers_en.xls": workbook(PAGE_FOLLOWERS_EN),
        "linkedin_followers_fr.xlsx": xlsx(PAGE_FOLLOWERS_FR),
        "linkedin_visitors_en.xls": workbook(PAGE_VISITORS_EN),
        "linkedin_visitors_fr.xlsx": xlsx(PAGE_VISITORS_FR),
        "linkedin_creator_en.xlsx": xlsx(CREATOR_EN),
        "linkedin_creator_fr.xlsx": xlsx(CREATOR_FR),
        "linkedin_archive_en.zip": zipped(archive),
        "search_console_en.zip": zipped(SEARCH_CONSOLE_EN),
        "search_console_fr.zip": zipped(SEARCH_CONSOLE_FR),
        "plausible_en.zip": zipped(PLAUSIBLE_EN),
        "umami_en.json": json.dumps(umami).encode(),
        "goatcounter_en.csv.gz": gzip.compress(GOATCOUNTER_EN.encode(), mtime=0),
    }


if __name__ == "__main__":
    for name, data in made().items():
        (FIXTURES / name).write_bytes(data)
