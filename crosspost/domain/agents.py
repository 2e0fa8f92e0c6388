# ruff: noqa: E501 - a table reads best with one entry a line
"""User agents that are no person's browser: our own list, one line each, with where its form is known from.

A line is (rule, judgement, pattern, source, day it was last gone over). The pattern is searched in the
user agent's small letters, and is written in them. Order counts: the first that fits gives the rule its name, so imitators stand before what they imitate.
"the string itself" means that the agent names its own documentation in its user agent.
"""

from __future__ import annotations

from crosspost.domain.traffic import Judgement

_PREVIEW, _CRAWLER = Judgement.PREVIEW, Judgement.CRAWLER
_ITSELF = "the string itself"
_LIST = "github.com/monperrus/crawler-user-agents"
_SEEN = "gist.github.com/Paratron/8676518"

AGENTS: tuple[tuple[str, Judgement, str, str, str], ...] = (
    # Messengers that imitate Facebook and Twitter in one string.
    ("imessage", _PREVIEW, r"facebookexternalhit/1\.1 facebot twitterbot", "pastebin.com/MHLPZCNY, line 2", "2026-11-23"),
    ("kakaotalk", _PREVIEW, r"kakaotalk-scrap", "pastebin.com/MHLPZCNY, line 7", "2026-11-23"),
    # Networks that fetch a card for a post.
    ("facebook", _PREVIEW, r"facebookexternalhit|facebot\b|facebookcatalog", _SEEN, "2026-11-23"),
    ("meta", _CRAWLER, r"meta-external(agent|fetcher|ads)|meta-webindexer", _ITSELF, "2026-11-23"),
    ("telegram", _PREVIEW, r"telegrambot", "core.telegram.org/bots/webhooks: TelegramBot (like TwitterBot)", "2026-11-23"),
    ("x", _PREVIEW, r"twitterbot", _SEEN, "2026-11-23"),
    ("linkedin", _PREVIEW, r"linkedinbot", _SEEN, "2026-11-23"),
    ("pinterest", _PREVIEW, r"pinterestbot|pinterest/0\.", _ITSELF, "2026-11-23"),
    ("reddit", _PREVIEW, r"redditbot", _ITSELF, "2026-11-23"),
    ("tumblr", _PREVIEW, r"^tumblr/", "gist.github.com/graysuit/853116f0bda96e5ac18afd107f340376", "2026-11-23"),
    ("vk", _PREVIEW, r"vkshare", _ITSELF, "2026-11-23"),
    ("xing", _PREVIEW, r"xing-contenttabreceiver", _SEEN, "2026-11-23"),
    ("snapchat", _PREVIEW, r"^snapchat/|snap url preview", "gist.github.com/graysuit/853116f0bda96e5ac18afd107f340376", "2026-11-23"),
    ("tiktok", _PREVIEW, r"thirdlandingpagefeinfra|tiktokspider|tiktokbot", "lists of two ad servers on GitHub", "2026-11-23"),
    ("bluesky", _PREVIEW, r"bluesky cardyb|\bcardyb/", _ITSELF, "2026-11-23"),
    # Fediverse servers: each follower's server fetches the page.
    ("mastodon", _PREVIEW, r"mastodon/\d", "github.com/mastodon/mastodon: lib/mastodon/version.rb", "2026-11-23"),
    ("pleroma", _PREVIEW, r"^(pleroma|rebased)\b", "git.pleroma.social/pleroma/pleroma: lib/pleroma/application.ex", "2026-11-23"),
    ("akkoma", _PREVIEW, r"^akkoma\b", "akkoma.dev/AkkomaGang/akkoma: lib/pleroma/application.ex", "2026-11-23"),
    ("misskey", _PREVIEW, r"^(misskey|sharkey|firefish|calckey|iceshrimp|cherrypick|foundkey|catodon|magnetar)\b", "github.com/misskey-dev/misskey and its forks", "2026-11-28"),
    ("summaly", _PREVIEW, r"summalybot", "github.com/misskey-dev/summaly", "2026-11-23"),
    ("lemmy", _PREVIEW, r"^lemmy/", "github.com/LemmyNet/lemmy", "2026-11-23"),
    ("friendica", _PREVIEW, r"\bfriendica '", "github.com/friendica/friendica", "2026-11-23"),
    ("peertube", _PREVIEW, r"^peertube/", "github.com/Chocobozzz/PeerTube", "2026-11-23"),
    ("gotosocial", _PREVIEW, r"\bgotosocial\b", "github.com/superseriousbusiness/gotosocial", "2026-11-23"),
    ("pixelfed", _PREVIEW, r"\bpixelfed\b", "github.com/pixelfed/pixelfed", "2026-11-23"),
    ("fediverse", _PREVIEW, r"^(hubzilla|streams|mobilizon|writefreely|wildebeest|mitra|kbin|mbin|piefed|lotide|snac|wafrn|smithereen|ktistec|betula|owncast|castopod|gancio|epicyon|bonfire|guppe|honksnonk)\b|\b(hometown|takahe|bookwyrm|funkwhale|fedify|hollo|loops)/|\bactivitypub\b|writefreely", "the servers' own repositories, as listed at fediverse.observer", "2026-11-28"),
    # Messengers and tools.
    ("signal", _PREVIEW, r"^signal/", "github.com/signalapp/Signal-Desktop: ts/util/getUserAgent.ts; its previews say WhatsApp", "2026-11-28"),
    ("matrix", _PREVIEW, r"^synapse\b|matrixbot", "github.com/element-hq/synapse: synapse/http/client.py", "2026-11-28"),
    ("work-chat", _PREVIEW, r"^mattermost|^rocket\.chat|rocket\.chat link|zulipurlpreview|microsoft-teams-link|^trello/|notionembedder|^microsoft office/|office protocol discovery", "the tools name themselves", "2026-11-28"),
    ("mail-proxy", _PREVIEW, r"googleimageproxy|yahoomailproxy", "support.google.com/mail: images are shown through Google's servers", "2026-11-28"),
    ("slack", _PREVIEW, r"slackbot|slack-imgproxy", _ITSELF, "2026-11-23"),
    ("discord", _PREVIEW, r"discordbot", _ITSELF, "2026-11-23"),
    ("whatsapp", _PREVIEW, r"^whatsapp/", "github.com/flyerhq/flutter_link_previewer/pull/43", "2026-11-23"),
    ("skype", _PREVIEW, r"skypeuripreview", _ITSELF, "2026-11-23"),
    ("viber", _PREVIEW, r"^viber\b", _LIST, "2026-11-23"),
    ("line", _PREVIEW, r"line-poker", "pastebin.com/MHLPZCNY, line 5", "2026-11-23"),
    ("iframely", _PREVIEW, r"iframely", _ITSELF, "2026-11-23"),
    ("embedly", _PREVIEW, r"embedly", _ITSELF, "2026-11-23"),
    ("buffer", _PREVIEW, r"bufferlinkpreviewbot", _ITSELF, "2026-11-23"),
    ("google-preview", _PREVIEW, r"google-pagerenderer|google web preview|developers\.google\.com/\+/web/snippet", _SEEN, "2026-11-23"),
    ("bing-preview", _PREVIEW, r"bingpreview", _LIST, "2026-11-23"),
    ("scheduler", _PREVIEW, r"hootsuite|flipboardproxy|bitlybot|pocketparser|^instapaper|^nuzzel", _LIST, "2026-11-28"),
    # Crawlers.
    ("anthropic", _CRAWLER, r"claudebot|claude-(user|searchbot|web)|anthropic-ai", "support.anthropic.com: which robots Anthropic runs", "2026-11-28"),
    ("perplexity", _CRAWLER, r"perplexitybot|perplexity-user", "docs.perplexity.ai: robots", "2026-11-28"),
    ("ai", _CRAWLER, r"mistralai|cohere-|google-(extended|notebooklm|gemini)|googleagent|cloudvertexbot|novaact|firecrawl|crawl4ai|jinareader|diffbot|img2dataset|^poe/|^devin/", "github.com/ai-robots-txt/ai.robots.txt", "2026-11-28"),
    ("link-checker", _CRAWLER, r"w3c-checklink|deadlinkchecker|broken-link|xenu link|^lychee|^muffet|linkchecker|html ?proofer|screaming frog|sitebulb", _LIST, "2026-11-28"),
    ("link-scanner", _CRAWLER, r"barracuda|proofpoint|mimecast|urlscan|virustotal|censys|^expanse\b|zgrab|nmap scripting|^nuclei", _LIST, "2026-11-28"),
    ("speed-test", _CRAWLER, r"\bptst/|gtmetrix|pingdom|dareboost|statuscake", _LIST, "2026-11-28"),
    ("feed-reader", _CRAWLER, r"\b\d+ subscribers?\b|^netnewswire|^freshrss|miniflux/|^feedbin|^tiny tiny rss|inoreader\.com", "the readers' own repositories", "2026-11-28"),
    ("wordpress", _CRAWLER, r"^wordpress/", "developer.wordpress.org: wp_remote_get", "2026-11-28"),
    ("bytedance", _CRAWLER, r"bytespider", _ITSELF, "2026-11-23"),
    ("openai", _CRAWLER, r"gptbot|chatgpt-user|oai-searchbot", _ITSELF, "2026-11-23"),
    ("google", _CRAWLER, r"googlebot|google-inspectiontool|adsbot-google|feedfetcher-google|googleother", _LIST, "2026-11-23"),
    ("bing", _CRAWLER, r"bingbot|adidxbot|msnbot", _LIST, "2026-11-23"),
    ("yahoo", _CRAWLER, r"yahoo! slurp", "gist.github.com/graysuit/853116f0bda96e5ac18afd107f340376", "2026-11-23"),
    ("archive", _CRAWLER, r"ia_archiver|archive\.org_bot|heritrix", _LIST, "2026-11-23"),
    ("headless", _CRAWLER, r"headlesschrome|phantomjs|slimerjs|wkhtmlto|puppeteer|playwright|selenium|chrome-lighthouse", _LIST, "2026-11-23"),
    # HTTP libraries, which nobody reads with.
    ("curl", _CRAWLER, r"^(curl|wget|httpie|postmanruntime|insomnia)/", _LIST, "2026-11-23"),
    ("python", _CRAWLER, r"python-requests|python-urllib|aiohttp/|python-httpx|^python/|scrapy", _LIST, "2026-11-23"),
    ("go", _CRAWLER, r"^go-http-client|^go [\d.]+ package http|^fasthttp|colly", _LIST, "2026-11-23"),
    ("java", _CRAWLER, r"^okhttp/|apache-httpclient|^java/|jakarta commons-httpclient|^dalvik/|jersey/", _LIST, "2026-11-23"),
    ("javascript", _CRAWLER, r"node-fetch|^axios/|^got \(|^undici|^node(\.js)?\b|^deno/|^bun/", _LIST, "2026-11-23"),
    ("ruby", _CRAWLER, r"^ruby\b|^http\.rb/|faraday", _LIST, "2026-11-23"),
    ("php", _CRAWLER, r"guzzlehttp|^php/|^symfony httpclient", _LIST, "2026-11-23"),
    ("perl", _CRAWLER, r"libwww-perl|^lwp::", _LIST, "2026-11-23"),
    ("rust", _CRAWLER, r"^reqwest/|^hyper/|^ureq/", _LIST, "2026-11-23"),
    ("other-library", _CRAWLER, r"^dart/|^rest-client/|^lua-resty|embed php|^oembed", _LIST, "2026-11-28"),
    ("powershell", _CRAWLER, r"windowspowershell/|^powershell", _LIST, "2026-11-23"),
    ("apple-library", _CRAWLER, r"^(?!mozilla/).*\bcfnetwork/", "Apple's URL loading system without a browser's name", "2026-11-23"),
    # What agents of any name have in common. A phone called Cubot is no bot, a Yandex browser no spider.
    ("says-bot", _CRAWLER, r"(?<![a-z])(?!cubot)[a-z.-]*bots?(?![a-z_])", _LIST, "2026-11-23"),
    ("says-crawler", _CRAWLER, r"crawler|spider|scraper|fetcher|link ?preview|url ?preview|uptime|monitoring|validator", _LIST, "2026-11-23"),
    ("gives-address", _CRAWLER, r"\+ ?https?://|\+mailto:|\(https?://|[;(] ?\+?[\w.-]+@[\w.-]+\.\w", _LIST, "2026-11-28"),
    ("compatible", _CRAWLER, r"\(compatible;(?! ?(?:msie|konqueror))|; ?compatible[;)]", "of browsers only Internet Explorer and Konqueror said so: developer.mozilla.org, User-Agent", "2026-11-28"),
    # A program's name alone, or its name and version first. Browsers for the terminal are people's; what old phones
    # with Java (MIDP) send first is the phone's name.
    ("names-itself", _CRAWLER, r"^(?!mozilla/|opera/|lynx/|w3m/|links |elinks/|dillo/|netsurf/|.*\bmidp-\d)(\S+|[^/()]{1,40}/v?\d.*)$", "RFC 9110, 10.1.5: a program names itself first; browsers begin with Mozilla/5.0", "2026-11-28"),
)  # fmt: skip
