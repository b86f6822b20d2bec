"""How kernels are compiled: three decorators, used by every compiled function of the loan engine.

Belongs here: options of the compiler. Does not: where compiled code is kept (kernel_cache.py).

`entry` is for functions called from Python; `inner` for those that only kernels call; `hot` for inner ones that every
event of every loan goes through, written into their callers. Kernels allocate nothing, so they count no references
(`_nrt`): counting cost ten times the work itself, and a third of the time to compile. error_model numpy: no divisor is
ever zero, so none is tested.
"""

from __future__ import annotations

from typing import Any

from numba import _dynfunc, njit
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(NativeLowering):
    """A function that runs only as part of an entry: generated here, optimised and made machine code of there.

    numba would do both for each function too, and again for each that calls it: three fourths of the time to compile.
    """

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        library.finalize = lambda: _link(library)
        state.library, state.flags.no_compile = library, True
        super().run_pass(state)
        made = state["cr"]
        # never called: only a name under which callers find how to call it
        name = _dynfunc.make_function(made.fndesc.lookup_module(), made.fndesc.qualname, "", 0, made.env, (library,))
        state.targetctx.insert_user_function(name, made.fndesc, [library])
        state["cr"] = made._replace(cfunc=name)
        return True


def _link(library: Any) -> None:
    """Bring in what the function calls, as it was generated."""
    for other in dict.fromkeys(library._linking_libraries):
        library._final_module.link_in(other._get_module_for_linking(), preserve=True)
    library._finalized = True


class _PartCompiler(Compiler):
    def define_pipelines(self) -> list[Any]:
        (passes,) = super().define_pipelines()
        passes.passes = [(_PartLowering if one is NativeLowering else one, why) for one, why in passes.passes]
        return [passes]


entry = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
# not cached by themselves: each entry holds what it calls
_PART = {
    **{"nogil": True, "error_model": "numpy", "_nrt": False, "pipeline_class": _PartCompiler},
    **{"no_cpython_wrapper": True, "no_cfunc_wrapper": True},
}
inner = njit(**_PART)
hot = njit(**_PART, forceinline=True)
