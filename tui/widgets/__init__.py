"""The parts of the screens. A widget draws a piece of a snapshot and knows nothing of training."""
