"""Any file that a person drags in: the same table in many ways of writing, and files that are no table."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from jobrunner import JobError
from jobrunner.examples.data_story import table as table_module
from jobrunner.examples.data_story.analysis import Analysis, analyse
from jobrunner.examples.data_story.story import StoryRequest

Analyse = Callable[..., Analysis]

ROWS = [("Köln", 1234.5, date(2024, 1, 31)), ("Bonn", -7.25, date(2024, 2, 1)), ("Köln", 0.5, date(2024, 12, 24))] * 4
TOTAL = sum(amount for _, amount, _ in ROWS)


def german(amount: float) -> str:
    return f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def written(
    delimiter: str = ",", end: str = "\n", number: Callable[[float], str] = str, day: str = "%Y-%m-%d", head: str = ""
) -> str:
    lines = [["City", "Amount", "Day"], *([city, number(amount), f"{at:{day}}"] for city, amount, at in ROWS)]
    return head + "".join(delimiter.join(line) + end for line in lines)


THE_SAME_TABLE = {
    "commas": written().encode(),
    "semicolons and decimal commas": written(";", number=lambda amount: str(amount).replace(".", ",")).encode(),
    "semicolons, German thousands and dates": written(";", number=german, day="%d.%m.%Y").encode(),
    "tabs": written("\t").encode(),
    "vertical bars": written("|").encode(),
    "quoted thousands": written(number=lambda amount: f'"{amount:,.2f}"').encode(),
    "thousands by spaces": written(";", number=lambda amount: f"{amount:,.2f}".replace(",", "\u202f")).encode(),
    "Swiss thousands": written(";", number=lambda amount: f"{amount:,.2f}".replace(",", "'")).encode(),
    "UTF-8 with a mark": written().encode("utf-8-sig"),
    "UTF-16 with a mark": written("\t").encode("utf-16"),
    "UTF-16 without a mark": written(";").encode("utf-16-le"),
    "UTF-16 big endian": b"\xfe\xff" + written(";").encode("utf-16-be"),
    "Latin-1": written().encode("latin-1"),
    "Windows-1252 and euros": written(";", number=lambda amount: f"{german(amount)} €").encode("cp1252"),
    "dollars before the number": written(";", number=lambda amount: f"${amount:,.2f}".replace("$-", "-$")).encode(),
    "negative numbers in brackets": written(number=lambda at: f"({-at})" if at < 0 else str(at)).encode(),
    "a minus sign of printers": written(number=lambda at: str(at).replace("-", "\N{MINUS SIGN}")).encode(),
    "American dates": written(day="%m/%d/%Y").encode(),
    "British dates": written(day="%d/%m/%Y").encode(),
    "short years": written(";", day="%d.%m.%y").encode(),
    "names of months": written(day="%d %b %Y").encode(),
    "compact dates": written(day="%Y%m%d").encode(),
    "dates with time and zone": written(day="%Y-%m-%dT00:00:00Z").encode(),
    "Windows line ends": written(end="\r\n").encode(),
    "old Mac line ends": written(end="\r").encode(),
    "no line end at the end": written().rstrip().encode(),
    "blank lines": written(end="\n\n").encode(),
    "spaces after the commas": written(", ").encode(),
    "everything quoted": written('","').replace("\n", '"\n"')[:-1].join(('"', "")).encode(),
    "Excel's hint": written(";", head="sep=;\n").encode(),
    "a title above the table": written(";", head="Report of the year;;\n\n").encode(),
    "empty columns at the end": written(end=",,,\n").encode(),
}


@pytest.mark.parametrize("content", THE_SAME_TABLE.values(), ids=THE_SAME_TABLE)
def test_the_same_table_is_read_however_it_is_written(analyse_text: Analyse, content: bytes) -> None:
    found = analyse_text(content)
    city, amount, day = found.columns
    assert (found.rows, [city.name, amount.name, day.name]) == (12, ["City", "Amount", "Day"])
    assert [city.kind, amount.kind, day.kind] == ["category", "number", "date"]
    assert amount.mean == pytest.approx(TOTAL / 12)
    assert (day.min, day.max) == ("2024-01-31", "2024-12-24")
    assert city.top_values[0].model_dump() == {"value": "Köln", "count": 8}
    assert (found.cleaning.missing_cells, found.cleaning.unreadable_cells, found.cleaning.dropped_rows) == (0, 0, 0)


def test_the_unit_of_a_column_is_kept(analyse_text: Analyse) -> None:
    found = analyse_text("share;price;weight\n10 %;5,00 €;3 kg\n20,5 %;6,50 €;4 kg\n")
    assert [(column.unit, column.mean) for column in found.columns] == [("%", 15.25), ("€", 5.75), ("kg", 3.5)]


def test_cells_in_another_unit_are_not_mixed_in(analyse_text: Analyse) -> None:
    (price,) = analyse_text("price\n" + "5 €\n" * 19 + "900 $\n").columns
    assert (price.mean, price.count, price.unreadable) == (5.0, 19, 1)


@pytest.mark.parametrize("token", ["NA", "n/a", "N/A", "NaN", "null", "NULL", "None", "-", "—", "?", "#N/A", ""])
def test_a_word_for_nothing_is_missing_and_is_not_filled_in(analyse_text: Analyse, token: str) -> None:
    amount, label = analyse_text(f"amount,label\n1,a\n{token},b\n4,{token}\n").columns
    assert (amount.kind, amount.count, amount.missing, amount.mean) == ("number", 2, 1, 2.5)
    assert (label.count, label.missing) == (2, 1)


@pytest.mark.parametrize("token", ["inf", "1e999", "-Infinity", "1e200", "about 5", "1.2.3"])
def test_what_is_no_finite_number_is_counted_as_unreadable(analyse_text: Analyse, token: str) -> None:
    (amount,) = analyse_text("amount\n" + "2\n" * 30 + f"{token}\n").columns
    assert (amount.kind, amount.count, amount.unreadable, amount.mean, amount.max) == ("number", 30, 1, 2.0, 2.0)


def test_short_rows_are_filled_up_and_rows_with_too_many_cells_left_out(analyse_text: Analyse) -> None:
    found = analyse_text("a,b,c\n1,2,3\n4\n5,6,7,8\n9,9,9,\n")
    assert (found.rows, found.cleaning.padded_rows, found.cleaning.dropped_rows) == (3, 1, 1)
    assert [column.count for column in found.columns] == [3, 2, 2]


def test_a_line_break_inside_quotation_marks_is_part_of_its_cell(analyse_text: Analyse) -> None:
    found = analyse_text('n,note\n1,"two\nlines, and a comma"\n2,"say ""hi"""\n3,x\n')
    assert (found.rows, found.columns[0].mean) == (3, 2.0)


def test_equal_and_missing_names_of_columns_are_told_apart(analyse_text: Analyse) -> None:
    found = analyse_text("price,price,,price (2)\n1,2,3,4\n5,6,7,8\n")
    assert [column.name for column in found.columns] == ["price", "price (3)", "Column 3", "price (2)"]


def test_a_table_without_header_gets_numbered_columns(analyse_text: Analyse) -> None:
    found = analyse_text("a,1.5,2024-01-01\nb,2.5,2024-01-02\nc,3.5,2024-01-03\n")
    assert (found.rows, found.cleaning.header) == (3, False)
    assert [column.name for column in found.columns] == ["Column 1", "Column 2", "Column 3"]


def test_years_above_numbers_are_names(analyse_text: Analyse) -> None:
    found = analyse_text("country,2021,2022,2023\nChad,5,6,7\nMali,8,9,10\n")
    assert [column.name for column in found.columns] == ["country", "2021", "2022", "2023"]


def test_codes_with_leading_zeros_are_no_numbers(analyse_text: Analyse) -> None:
    found = analyse_text("zip,n\n01067,1\n80331,2\n10115,3\n")
    assert found.columns[0].kind != "number"


def test_numbers_that_only_name_their_row_are_not_what_the_story_is_about(analyse_text: Analyse) -> None:
    found = analyse_text("order_id,n\n" + "".join(f"{1000 + at},{at % 7}\n" for at in range(50)))
    assert (found.columns[0].identifier, found.measure) == (True, "n")


def test_repeated_rows_are_counted_and_kept(analyse_text: Analyse) -> None:
    found = analyse_text("a,b\n1,2\n1,2\n3,4\n1,2\n")
    assert (found.rows, found.cleaning.duplicated_rows) == (4, 2)


def test_a_quotation_mark_that_means_itself_does_not_swallow_the_rows_below(analyse_text: Analyse) -> None:
    found = analyse_text('n,size\n1,"5 inches\n' + "".join(f"{at},{at} x\n" for at in range(2, 500)))
    assert found.rows == 499


def test_a_delimiter_that_is_given_is_believed(analyse_text: Analyse) -> None:
    assert len(analyse_text("a:b\n1:2\n3:4\n", delimiter=":").columns) == 2
    assert len(analyse_text("a\tb\n1\t2\n", delimiter="tab").columns) == 2


def test_a_workbook_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([])
    sales = book.create_sheet("Sales")
    for line in [("City", "Amount", "Day"), *ROWS, ()]:
        sales.append(line)
    book.create_sheet("Other").append(["x", 1])
    book.save(tmp_path / "book.xlsx")
    found = analyse(tmp_path / "book.xlsx", StoryRequest(), lambda _: None)
    assert (found.rows, found.cleaning.sheet, [column.kind for column in found.columns]) == (
        12, "Sales", ["category", "number", "date"],
    )  # fmt: skip
    assert found.columns[1].mean == pytest.approx(TOTAL / 12)
    assert (found.columns[2].min, found.columns[2].max) == ("2024-01-31", "2024-12-24")


def test_a_sheet_is_chosen_by_name_and_an_unknown_one_is_answered_with_the_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", datetime(2024, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)])
    second = book.create_sheet("Second")
    for number in (True, 3, 0.1 + 0.2):
        second.append(["x", number])
    book.save(tmp_path / "book.xlsx")
    chosen = analyse(tmp_path / "book.xlsx", StoryRequest(sheet="Second"), lambda _: None)
    assert chosen.cleaning.sheet == "Second"
    with pytest.raises(JobError) as raised:
        analyse(tmp_path / "book.xlsx", StoryRequest(sheet="Third"), lambda _: None)
    assert raised.value.details == {"reason": "sheet-not-found", "sheets": ["Sheet", "Second"]}


def test_a_workbook_without_openpyxl_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(JobError, match=r"jobrunner\[examples\]"):
        analyse(tmp_path / "book.xlsx", StoryRequest(), lambda _: None)


NO_TABLE = {
    "empty": (b"", "empty"),
    "only blank lines": (b"\n \r\n", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "only a header": (b"name,amount\n", "no-rows"),
    "a header and blank rows": (b"name,amount\n,\n\n,\n", "no-rows"),
    "no numbers": (b"name,city\nAnn,Bonn\nBob,Rome\n", "no-numeric-column"),
    "prose": (b"Once upon a time\nthere was, of course, a king\nwho had three, sons\nand, well, no, daughter\n",
              "not-a-table"),
    "one column of words": (b"word\nalpha\nbeta\n", "not-a-table"),
    "a web page": (b"<!DOCTYPE html>\n<html><body>1,2</body></html>", "not-a-table"),
    "JSON": (b'[{"a": 1}, {"a": 2}]', "not-a-table"),
    "JSON over lines": (b'{\n "a": 1,\n "b": 2\n}', "not-a-table"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
    "a PDF": (b"%PDF-1.7\n1 0 obj", "binary"),
    "bytes": (bytes(range(256)) * 20, "binary"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "binary"),
    "UTF-8 mark before other bytes": (b"\xef\xbb\xbfname,n\nK\xf6ln,1\n", "undecodable"),
    "more columns than are read": (b",".join([b"n"] * 501) + b"\n" + b",".join([b"1"] * 501), "too-many-columns"),
    "a cell that never ends": (b"a,b\n" + b"1,2\n" * 50_000 + b'3,"' + b"4,5\n" * 50_000, "quotation"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), NO_TABLE.values(), ids=NO_TABLE)
def test_what_is_no_table_is_refused_for_its_reason_and_not_retried(
    analyse_text: Analyse, content: bytes, reason: str
) -> None:
    with pytest.raises(JobError) as raised:
        analyse_text(content)
    error = raised.value
    assert (error.code, error.retryable, (error.details or {})["reason"]) == ("PREPROCESSING_ERROR", False, reason)
    assert error.message.endswith(".")
    assert len(error.message) > 30


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "a,b\n1,2\n")
    with pytest.raises(JobError, match="archive"):
        analyse(tmp_path / "a.zip", StoryRequest(), lambda _: None)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<nonsense")
    with pytest.raises(JobError, match="damaged"):
        analyse(tmp_path / "a.xlsx", StoryRequest(), lambda _: None)


def test_a_sheet_of_a_text_file_is_refused(analyse_text: Analyse) -> None:
    with pytest.raises(JobError, match="leave out"):
        analyse_text("a,b\n1,2\n", sheet="First")


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(table_module.MAX_BYTES + 1)
    with pytest.raises(JobError, match="larger than 250 MB"):
        analyse(tmp_path / "huge.csv", StoryRequest(), lambda _: None)
