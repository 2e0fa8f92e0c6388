"""How a site sends events: an example in a few languages. The secret is read from a file, and is in no argument."""

from __future__ import annotations

from string import Template

from crosspost.commands.keys import live_secrets
from crosspost.domain.brand import Brand
from crosspost.domain.errors import Conflict
from crosspost.store.store import Store
from crosspost.vault import Vault

_PYTHON = """\
# Send one event. Python 3, standard library.
import hashlib, hmac, json, pathlib, time, urllib.request

URL = "$url"
SECRET = pathlib.Path("$file").read_text().strip().encode()
EVENT = {"id": "lead-12", "type": "lead", "at": "2026-05-04T09:00:00Z", "told": "un ami"}

body = json.dumps(EVENT).encode()
stamp = str(int(time.time()))
signature = hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
request = urllib.request.Request(URL, body, {
    "Content-Type": "application/json", "X-Crosspost-Timestamp": stamp, "X-Crosspost-Signature": signature,
})
with urllib.request.urlopen(request, timeout=20) as answer:
    print(answer.status, answer.read().decode())
"""

_PHP = """\
<?php // Send one event. PHP 7.4 or newer, with its curl extension.
$$url = "$url";
$$secret = trim(file_get_contents("$file"));
$$body = json_encode(["id" => "lead-12", "type" => "lead", "at" => "2026-05-04T09:00:00Z", "told" => "un ami"]);
$$stamp = (string) time();
$$signature = hash_hmac("sha256", $$stamp . "." . $$body, $$secret);
$$request = curl_init($$url);
curl_setopt_array($$request, [
    CURLOPT_POSTFIELDS => $$body, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 20,
    CURLOPT_HTTPHEADER => [
        "Content-Type: application/json", "X-Crosspost-Timestamp: $$stamp", "X-Crosspost-Signature: $$signature",
    ],
]);
$$answer = curl_exec($$request);
echo curl_getinfo($$request, CURLINFO_RESPONSE_CODE), " ", $$answer, "\\n";
"""

_JAVASCRIPT = """\
// Send one event. Node 18 or newer, as an .mjs file.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const url = "$url";
const secret = readFileSync("$file", "utf8").trim();
const body = JSON.stringify({ id: "lead-12", type: "lead", at: "2026-05-04T09:00:00Z", told: "un ami" });
const stamp = String(Math.floor(Date.now() / 1000));
const signature = createHmac("sha256", secret).update(stamp + "." + body).digest("hex");
const answer = await fetch(url, {
  method: "POST",
  body,
  headers: {
    "Content-Type": "application/json",
    "X-Crosspost-Timestamp": stamp,
    "X-Crosspost-Signature": signature,
  },
});
console.log(answer.status, await answer.text());
"""

_CURL = """\
# Send one event. A shell with curl and Python 3, which signs: openssl would take the secret as an argument.
body='{"id": "lead-12", "type": "lead", "at": "2026-05-04T09:00:00Z", "told": "un ami"}'
stamp=$$(date +%s)
signature=$$(printf '%s.%s' "$$stamp" "$$body" | python3 -c '
import hashlib, hmac, pathlib, sys
secret = pathlib.Path("$file").read_text().strip().encode()
print(hmac.new(secret, sys.stdin.buffer.read(), hashlib.sha256).hexdigest())')
curl --silent --show-error --max-time 20 --write-out ' %{http_code}\\n' \\
  --header "Content-Type: application/json" \\
  --header "X-Crosspost-Timestamp: $$stamp" \\
  --header "X-Crosspost-Signature: $$signature" \\
  --data-binary "$$body" "$url"
"""

EXAMPLES = {"python": _PYTHON, "php": _PHP, "javascript": _JAVASCRIPT, "curl": _CURL}


def address(brand: Brand) -> str:
    """Where a brand's events go; the origin is made up for a brand without a public address."""
    return f"{brand.public_url or 'https://go.example.org'}/v1/brands/{brand.slug}/events"


def example(language: str, brand: Brand, secret_file: str) -> str:
    """A sender in that language, which reads the secret from that file."""
    return Template(EXAMPLES[language]).substitute(url=address(brand), file=secret_file)


def refuse_third(store: Store, vault: Vault, slug: str) -> None:
    """Raises Conflict while two secrets live: a third would end one that senders may still use."""
    if len(live_secrets(store, vault, slug)) > 1:
        raise Conflict(
            "two secrets live already, and a third would end the older one",
            remedy="when every sender has the newer one: crosspost webhook retire, then rotate again",
        )
