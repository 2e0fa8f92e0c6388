"""Two hundred texts that try to be something else where they are shown."""

from __future__ import annotations

from itertools import cycle, islice

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

TEXTS = tuple(
    f"{core}{'' if index < len(_CORES) else f' {index} {core}'}"
    for index, core in enumerate(islice(cycle(_CORES), 200))
)
