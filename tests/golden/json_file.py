"""Writes golden numbers as JSON that a person can read: one row of numbers a line."""

import json
import re
from pathlib import Path
from typing import Any


def write(path: Path, document: dict[str, Any]) -> None:
    """Write `document`; floats go out by repr, so that they come back bit for bit."""
    text = json.dumps(document, indent=1, allow_nan=False)
    text = re.sub(r"\[([^\[\]{}]+)\]", lambda row: f"[{' '.join(row[1].split())}]", text)
    path.write_text(text + "\n", encoding="ascii")
