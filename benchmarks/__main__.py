"""`make bench`: every figure, measured here and now."""

from benchmarks import frames, launch, seeks, updates

for module in (updates, seeks, launch, frames):
    print(f"{(module.__doc__ or '').splitlines()[0]}", flush=True)
    for line in module.report():
        print(f"  {line}", flush=True)
