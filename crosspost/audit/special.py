"""The functions of `scipy.special` that audits use, without the rest of that package.

With it comes all of NumPy for other kinds of arrays, a compiler of Fortran included: a sixth of what an audit's start
takes. So its compiled modules are loaded under their own names, where `import scipy.special` finds them later. A SciPy
that is put together in another way is imported whole.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import scipy

# Each asks for those before it.
_MODULES = (
    "_sf_error",
    "_ufuncs_cxx",
    "_ellip_harm_2",
    "_special_ufuncs",
    "_gufuncs",
    "_ufuncs",
)


def _load(name: str) -> None:
    """Raises ImportError where SciPy has no such module, or where it asks for more than those before it."""
    if name in sys.modules:
        return
    spec = PathFinder.find_spec(name, [str(Path(one, "special")) for one in scipy.__path__])
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no {name}")
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


def _functions() -> Any:
    names = [f"scipy.special.{one}" for one in _MODULES]
    there = set(sys.modules)
    try:
        for name in names:
            _load(name)
    except ImportError:
        for name in set(names) - there:
            sys.modules.pop(name, None)
        import scipy.special

        return scipy.special
    return sys.modules[names[-1]]


_found = _functions()
betainc, betaincinv, betaln = _found.betainc, _found.betaincinv, _found.betaln
gammaincinv, gammaln, stdtrit = _found.gammaincinv, _found.gammaln, _found.stdtrit
