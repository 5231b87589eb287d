"""What all tests share."""

from hypothesis import settings

# No deadline: the first example of a property may have to compile a kernel. The same examples at every run: what a
# change has not touched does not fail because of it. `--hypothesis-profile=default` looks further.
settings.register_profile("nnsim", deadline=None, derandomize=True)
settings.load_profile("nnsim")
