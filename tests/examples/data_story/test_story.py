"""What the story says is true, and its page is one safe file."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from jobrunner.examples.data_story.analysis import Analysis
from jobrunner.examples.data_story.illustration import illustrate
from jobrunner.examples.data_story.make_sales import make_csv
from jobrunner.examples.data_story.narrative import narrate
from jobrunner.examples.data_story.page import make_page
from jobrunner.examples.data_story.wording import amount, figure, listing, share, tidy

Analyse = Callable[..., Analysis]
HOSTILE = "<script>alert('1')</script>"


class Page(HTMLParser):
    """Notes the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def page_of(found: Analysis, title: str = "Title") -> str:
    return make_page(title, "file.csv", found, narrate(found), illustrate(found, lambda _: None))


def told(found: Analysis) -> dict[str, str]:
    return {section.narrative.heading: section.narrative.text for section in narrate(found)}


def test_the_shipped_table_is_told_in_every_section(analyse_text: Analyse) -> None:
    assert list(told(analyse_text(make_csv()))) == [
        "What the file holds", "Over time", "Revenue", "By category", "What moves together", "Unusual values",
        "How the file was read",
    ]  # fmt: skip


def test_the_story_names_the_best_month_and_the_change_of_the_year(analyse_text: Analyse) -> None:
    days = [(year, month, day) for year in (2022, 2023) for month in range(1, 13) for day in (1, 28)]
    sold = [f"{year}-{month:02}-{day:02},{30 if month == 5 else 10}\n" * (year - 2021) for year, month, day in days]
    text = told(analyse_text("day,sales\n" + "".join(sold)))["Over time"]
    assert "The highest month is May 2023 with 120" in text
    assert "2023 came to 560, 100% more than 2022" in text
    assert "May is the strongest month of every whole year." in text


def test_the_story_says_which_way_columns_move(analyse_text: Analyse) -> None:
    rows = "".join(f"{at},{-at + at % 3},{at * 7919 % 31}\n" for at in range(100, 20, -2))
    text = told(analyse_text("speed,comfort,noise\n" + rows))["What moves together"]
    assert (
        "Where speed is higher, comfort tends to be lower: they are very strongly linked (r = -1.00, 40 rows)." in text
    )
    assert "noise" not in text


def test_a_story_without_links_or_outliers_says_so(analyse_text: Analyse) -> None:
    rows = "".join(f"{at % 7},{at * 13 % 11}\n" for at in range(77))
    text = told(analyse_text("a,b\n" + rows))
    assert text["What moves together"].startswith("No two columns move together clearly")
    assert text["Unusual values"] == "No value lies far outside the usual range of its column."


def test_the_story_tells_what_was_left_out(analyse_text: Analyse) -> None:
    text = told(analyse_text("Report,,\n\na,b,c\n1,2,3\n1,2,3\n4,5\n,,\n6,7,8,9\n"))["How the file was read"]
    left_out = ("1 line above the table", "1 blank row", "1 row with too many cells")
    assert all(f"{what} left out" in text for what in left_out)
    kept = ("1 row with too few cells kept", "1 row repeats an earlier row exactly; kept", "nothing was filled in")
    assert all(what in text for what in kept)


def test_the_page_has_no_script_and_nothing_from_elsewhere(analyse_text: Analyse) -> None:
    text = page_of(analyse_text(make_csv()))
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "image", "use", "foreignobject"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in text
    assert "url(" not in text
    assert "prefers-color-scheme:dark" in text


def test_no_id_stands_twice_in_the_page(analyse_text: Analyse) -> None:
    ids = [value for name, value in Page(page_of(analyse_text(make_csv()))).attributes if name == "id"]
    assert len(ids) == len(set(ids)) == 16


@pytest.mark.parametrize(
    "hostile", [HOSTILE, '"><img src=x onerror=alert(1)>', "=HYPERLINK(1)", "]]>&lt;", "\u202ex\x07"]
)
def test_hostile_cells_names_and_titles_are_only_text(analyse_text: Analyse, hostile: str) -> None:
    cell = '"' + hostile.replace('"', '""') + '"'
    rows = "".join(f"{at},{at % 5},{cell if at % 3 else 'plain'},2024-01-{at % 28 + 1:02}\n" for at in range(60))
    found = analyse_text(f"n,{cell},group,day\n{rows}")
    assert found.breakdowns[0].category == "group"
    page = Page(page_of(found, title=hostile))
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "\u202e" not in page_of(found, title=tidy(hostile, 100))


def test_the_page_of_500_columns_stays_small(analyse_text: Analyse) -> None:
    rows = "".join(",".join(str((at * column) % 97) for column in range(500)) + "\n" for at in range(30))
    assert len(page_of(analyse_text(",".join(f"column {at}" for at in range(500)) + "\n" + rows))) < 1_000_000


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5, "", "1,234"), (12.345, "", "12.35"), (0.012345, "", "0.0123"), (-3.0, "", "-3"), (0.0, "", "0"),
        (-0.004, "", "-0.004"), (9.5, "€", "€9.50"), (-1200.0, "$", "-$1,200"), (12.5, "%", "12.5%"),
        (3.0, "kg", "3 kg"), (1e30, "", "1e+30"),
    ],
)  # fmt: skip
def test_a_figure_is_written_as_exactly_as_is_of_use(value: float, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def test_shares_never_round_a_rest_away() -> None:
    assert [share(1, 5_000), share(4_999, 5_000), share(0, 5), share(5, 5)] == [
        "less than 0.1%", "more than 99.9%", "0%", "100%",
    ]  # fmt: skip


def test_lists_and_counts_are_written_as_in_a_sentence() -> None:
    assert (listing(["a"]), listing(["a", "b", "c"])) == ("a", "a, b and c")
    assert (amount(1, "row"), amount(2_000, "row")) == ("1 row", "2,000 rows")
