"""Words in as many rows as there is room for."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nnsim.tui.widgets.fitting import FittingText


class Page(App[None]):
    def compose(self) -> ComposeResult:
        with Vertical():
            yield FittingText(2)

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


FORMS = (Content("one\ntwo\nthree\nfour"), Content("one\ntwo"), Content("one"))


async def test_the_fullest_form_that_leaves_room_to_others_is_shown() -> None:
    for rows, words in ((6, "four"), (5, "two"), (3, "one"), (1, "one")):
        app = Page()
        async with app.run_test(size=(20, rows)) as pilot:
            app.query_one(FittingText).show(FORMS)
            await pilot.pause()
            assert app.text.split()[-1] == words


async def test_the_last_words_are_seen_though_others_were_laid_out_a_moment_before() -> None:
    app = Page()
    async with app.run_test(size=(20, 6)) as pilot:
        text = app.query_one(FittingText)
        text.show((Content("before"),))
        app.screen._refresh_layout()  # as for a terminal that is resized just now
        text.show((Content("after\nthat"),))
        await pilot.pause()
        assert app.text.split() == ["after", "that"]
