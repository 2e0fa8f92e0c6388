"""How machines and people name themselves in the sandbox's requests. Data, written for the simulation.

The kinds follow what is known to fetch a posted link; hosts of the made-up fediverse end in .invalid.
"""

from __future__ import annotations

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPAD = "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WEBVIEW = "Mozilla/5.0 (Linux; Android 14; SM-A546B; wv) AppleWebKit/537.36 (KHTML, like Gecko)"

BROWSERS = (
    f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36",
    f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    f"{_MAC} Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Android 14; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
    f"{_ANDROID} Chrome/141.0.0.0 Mobile Safari/537.36",
    f"{_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1",
    f"{_IPAD} Version/17.7 Mobile/15E148 Safari/604.1",
)
LANGUAGES = (
    "fr-FR,fr;q=0.9",
    "fr-FR,fr;q=0.9,en;q=0.7",
    "fr",
    "fr-BE,fr;q=0.8",
    "fr-CA,fr;q=0.9,en;q=0.6",
    "en-GB,en",
)

# Browsers inside a network's own app.
X_APP = f"{_IPHONE} Mobile/15E148 Twitter for iPhone/11.20"
FACEBOOK_APP = f"{_IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/530.0.0.30;FBDV/iPhone15,2;FBMD/iPhone;FBLC/fr_FR]"
WEBVIEW = f"{_WEBVIEW} Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36"

TWITTERBOT = "Twitterbot/1.0"
FACEBOOK_CARD = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
META_AGENT = "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)"
BLUESKY_CARD = "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)"
PINTEREST = "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)"
FEDIVERSE = (
    "Mastodon/4.4.5 (http.rb/5.3.1; +https://tilleul.invalid/) Bot",
    "Mastodon/4.5.0 (http.rb/5.3.1; +https://atelier.invalid/) Bot",
    "http.rb/5.1.1 (Mastodon/4.2.22; +https://vieux-port.invalid/)",
    "Pleroma 2.9.1; https://lavoir.invalid <contact@lavoir.invalid>",
    "Akkoma 3.15.2-0-g8b1e5f9; https://fougere.invalid <contact@fougere.invalid>",
    "Misskey/2025.9.0 (https://origami.invalid)",
    "SummalyBot/5.2.0",
    "Friendica 'Interrupted Fern' 2024.12-1576; https://grenier.invalid",
    "PeerTube/7.3.0 (+https://bobines.invalid)",
    "Lemmy/0.19.12; +https://place-du-village.invalid",
)
MESSENGERS = (
    "WhatsApp/2.25.20.4 A",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
)
CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
    "python-requests/2.32.5",
    "Go-http-client/2.0",
    "",
)
