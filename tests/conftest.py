"""What all tests share."""

from hypothesis import settings

settings.register_profile("nnsim", deadline=None)  # the first example of a property may have to compile a kernel
settings.load_profile("nnsim")
