"""The next update of one parameter, written out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReceiptLine:
    """A line of a receipt: what it is, the formula it comes from, the formula with its numbers put in, and the result
    at full precision; all but the name may be empty. A working is a Python expression wherever there is one."""

    name: str
    formula: str = ""
    working: str = ""
    result: str = ""


@dataclass(frozen=True)
class Receipt:
    """The next update of one parameter, from `old` to `new`, written out: sections with a title and lines, in the
    order of the arithmetic.

    `gradient` is that of loss and penalty on the batch, before clipping, `numeric` the same by central differences,
    `relative_error` how far apart they are, and `verdict` what that means, in words.
    """

    parameter: str
    update: int
    old: float
    new: float
    sections: tuple[tuple[str, tuple[ReceiptLine, ...]], ...]
    gradient: float
    numeric: float
    relative_error: float
    verdict: str
