"""Text from users made safe for a terminal, and cut to the room there is."""

from rich.cells import cell_len, set_cell_size

from nnsim.scenarios.text import printable as plain

__all__ = ["plain", "shortened"]


def shortened(text: str, cells: int) -> str:
    """The text in at most so many cells; what is cut ends in an ellipsis."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1) + "…" if cells > 0 else ""
