"""The two colour themes of nnsim, one dark and one light, and what their colours mean.

The ground is neutral, so that the few colours can speak: `primary` is what moves now (the ball, the present update, the
parameter that moved most), `secondary` is what is about to happen (the negative gradient, the proposed update),
`error` is kept for divergence, and `accent` tells a second line from the first. Amber, blue and purple stay apart for
every kind of colour blindness. Every text colour has a contrast of at least 4.5 : 1 on every ground (WCAG 2.1, 1.4.3).
"""

from __future__ import annotations

from textual.theme import Theme


def _variables(*, ground: str, text: str, muted: str, line: str, focused_line: str, raised: str) -> dict[str, str]:
    """Return what Textual would otherwise derive from the primary colour, in neutral tones."""
    return {
        "foreground-muted": muted,
        "text-muted": muted,
        "border": focused_line,
        "border-blurred": line,
        "block-cursor-background": raised,
        "block-cursor-foreground": text,
        "block-cursor-blurred-background": raised,
        "block-cursor-blurred-foreground": text,
        "scrollbar": line,
        "scrollbar-hover": focused_line,
        "scrollbar-active": focused_line,
        "scrollbar-background": ground,
        "footer-background": ground,
        "footer-foreground": muted,
        "footer-description-foreground": muted,
        "footer-key-foreground": text,
    }


DARK = Theme(
    name="nnsim-dark",
    dark=True,
    background="#16181b",
    surface="#1c1f23",
    panel="#24282d",
    foreground="#d9dce1",
    primary="#f4bf58",
    secondary="#54abf3",
    accent="#d08ca8",
    warning="#e3d58a",
    success="#58c4a0",
    error="#f1746b",
    variables=_variables(
        ground="#16181b",
        text="#f2f4f7",
        muted="#9ba2ab",
        line="#444a52",
        focused_line="#aab2bd",
        raised="#2b3037",
    ),
)

LIGHT = Theme(
    name="nnsim-light",
    dark=False,
    background="#fbfaf8",
    surface="#f4f3f0",
    panel="#ebeae6",
    foreground="#1d2024",
    primary="#885600",
    secondary="#0c4f96",
    accent="#8a2860",
    warning="#705c00",
    success="#006b4f",
    error="#a61b2e",
    variables=_variables(
        ground="#fbfaf8",
        text="#0e1012",
        muted="#575d66",
        line="#bdbcb8",
        focused_line="#5c636d",
        raised="#e6e4df",
    ),
)

THEMES = (DARK, LIGHT)
