"""nnsim measured beside what one would use instead: figures are ratios taken in one run."""

import os
import tempfile

# One thread for every library: engines are compared on one core. They read this when they are loaded.
os.environ.update(
    OPENBLAS_NUM_THREADS="1",
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)

# What is won while measuring is nobody's progress.
PROGRESS = tempfile.TemporaryDirectory(prefix="nnsim-progress-")
os.environ["NNSIM_DATA"] = PROGRESS.name
