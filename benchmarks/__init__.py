"""nnsim measured beside what one would use instead: figures are ratios taken in one run."""
