"""A canvas: what it draws anew, and that the screen has the last picture after any series of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from panels import PanelApp, lines_of
from textual.geometry import Region

from nnsim.tui.theme import LIGHT
from nnsim.tui.widgets.canvas import Canvas, Grid

HEIGHT = 6
rows = st.lists(st.sampled_from(["", "a", "bb", "ccc"]), max_size=HEIGHT)


class Lines(Canvas[list[str]]):
    """Writes lines, and knows which rows are to be drawn anew."""

    def __init__(self) -> None:
        super().__init__()
        self.anew: list[int] = []

    def paint(self, grid: Grid, drawn: list[str]) -> None:
        for y, line in enumerate(drawn):
            grid.text(0, y, line, grid.palette.text)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Lines:
        self.anew += [region.y for region in regions] or range(self.size.height)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


async def test_only_rows_that_come_out_otherwise_are_drawn_anew() -> None:
    panel = Lines()
    async with PanelApp(panel).run_test(size=(8, HEIGHT)) as pilot:
        for before, after, anew in [
            (["one", "two", "three"], ["one", "2", "three"], [1]),
            (["one", "two", "three"], ["one", "two", "three"], []),
            (["one", "two", "three"], ["zero", "one", "three"], [0, 1]),
            (["one"], ["one", "", "", "", "", "six"], [5]),
        ]:
            panel.show(before)
            await pilot.pause()
            panel.anew.clear()
            panel.show(after)
            assert panel.anew == anew
            await pilot.pause()
            assert [line.strip() for line in lines_of(panel)] == [*after, *[""] * (HEIGHT - len(after))]
        panel.anew.clear()
        pilot.app.theme = LIGHT.name
        await pilot.pause()
        assert set(panel.anew) == set(range(HEIGHT))


async def test_what_is_shown_while_hidden_is_there_when_the_canvas_comes_back() -> None:
    panel = Lines()
    async with PanelApp(panel).run_test(size=(8, HEIGHT)) as pilot:
        panel.show(["old"])
        await pilot.pause()
        panel.display = False
        await pilot.pause()
        panel.show(["new"])
        await pilot.pause()
        panel.display = True
        await pilot.pause()
        assert lines_of(panel)[0].strip() == "new"
        panel.display = False
        await pilot.pause()
        panel.display = True
        panel.show(["newest"])  # before there is a layout in which it has a place
        await pilot.pause()
        assert lines_of(panel)[0].strip() == "newest"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(rows, st.sampled_from([None, None, (5, 3), (8, HEIGHT), (1, 1)])), min_size=1, max_size=12))
async def test_the_screen_has_the_last_picture(pictures: list[tuple[list[str], tuple[int, int] | None]]) -> None:
    panel = Lines()
    async with PanelApp(panel).run_test(size=(8, HEIGHT)) as pilot:
        for lines, size in pictures:
            panel.show(lines)
            if size is not None:
                await pilot.resize_terminal(*size)
            await pilot.pause(0)
        width, height = pilot.app.size
        expected = [line[:width].ljust(width) for line in [*pictures[-1][0], *[""] * HEIGHT]]
        assert lines_of(panel) == expected[:height]
