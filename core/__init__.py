"""Numbers: networks, surfaces, optimizers, and runs that go forwards and backwards. Knows no file and no screen."""

import os

# The BLAS inside the kernels reads this once, when SciPy is first loaded. A second thread would change the
# order of the sums, and with it the last bit of every result.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
