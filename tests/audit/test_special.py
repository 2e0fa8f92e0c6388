"""The functions that audits use of scipy.special are its own, and come without the rest of it."""

from __future__ import annotations

import subprocess
import sys

ASKED = ("betainc", "betaincinv", "betaln", "gammaincinv", "gammaln", "stdtrit")


def said_by(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_an_audit_loads_no_more_of_scipy_than_it_uses() -> None:
    unused = ("scipy.special", "numpy.f2py", "numpy.ma")
    code = f"import sys, crosspost.audit.run\nprint(*[name for name in {unused} if name in sys.modules])"
    assert said_by(code) == ""


def test_the_package_finds_what_was_loaded_of_it() -> None:
    code = f"""
from crosspost.audit import special
import scipy.special, scipy.stats
print(all(getattr(special, name) is getattr(scipy.special, name) for name in {ASKED}))
print(round(float(scipy.stats.t.ppf(0.975, 7)), 12) == round(float(special.stdtrit(7, 0.975)), 12))
"""
    assert said_by(code) == "True\nTrue"


def test_a_scipy_put_together_in_another_way_is_imported_whole() -> None:
    code = f"""
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, path=None, target=None: (
    None if name.endswith("_gufuncs") and "scipy.special" not in sys.modules else find(name, path, target)
)
from crosspost.audit import special
import scipy.special
print(all(getattr(special, name) is getattr(scipy.special, name) for name in {ASKED}))
print(float(special.betaincinv(2, 3, 0.5)))
"""
    told, figure = said_by(code).split()
    assert told == "True"
    assert abs(float(figure) - 0.385727568) < 1e-8
