"""The parts of a snapshot, one a file, each made from a scene."""
