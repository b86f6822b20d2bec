"""How kernels are compiled: three decorators, used by every compiled function of the loan engine.

Belongs here: options of the compiler. Does not: where compiled code is kept (kernel_cache.py).

`entry` is for functions called from Python, `inner` for those that only kernels call, without the wrappers that unpack
Python values. Kernels allocate nothing, so they count no references (`_nrt`): counting cost ten times the work itself,
and a third of the time to compile. error_model numpy: no divisor is ever zero, so none is tested.
"""

from __future__ import annotations

from numba import njit

entry = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
# not cached by themselves: each entry holds what it calls, so caching them would only generate their code twice
inner = njit(nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
# written into each caller: for what every event of every loan goes through, from one place or two
hot = njit(
    nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
)
