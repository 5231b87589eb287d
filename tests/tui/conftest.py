"""Helpers that assert: pytest shows what they compared."""

import pytest

pytest.register_assert_rewrite("twin", "driving")
