"""Helpers that assert: pytest shows what they compared. And few pictures a second: tests draw when they look."""

import os

import pytest

pytest.register_assert_rewrite("twin", "driving")

os.environ["TEXTUAL_FPS"] = "10"
import textual.constants  # noqa: E402, F401  reads it, once

del os.environ["TEXTUAL_FPS"]
