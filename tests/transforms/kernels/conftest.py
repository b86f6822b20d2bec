"""Properties of kernels: a first call may compile, so no example has a deadline."""

from hypothesis import settings

settings.register_profile("kernels", deadline=None)
settings.load_profile("kernels")
