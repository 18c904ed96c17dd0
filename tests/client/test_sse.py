"""The parser of event streams, line by line of the WHATWG standard; its examples (section 9.2.6) are among them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobrunner.client.sse import Event, Parser

# Pieces that matter to the grammar, so that chance finds the odd neighbourhoods.
_PIECES = st.sampled_from(
    [
        *[b"\r", b"\n", b"\r\n", b":", b" ", b"data", b"data: ", b"event: job", b"id: 9f3c-7", b"id:\0", b"retry: 50"],
        *[b"\xef\xbb\xbf", "é€😀\u2028".encode(), b"\xff", b"\xe2\x82", b"\0", b"{}", b"x"],
    ]
)
_STREAMS = st.lists(_PIECES, max_size=40).map(b"".join)


def parse(*chunks: bytes) -> list[Event]:
    parser = Parser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_an_event_has_its_name_its_data_and_the_id_of_the_stream() -> None:
    assert parse(b"event: job\nid: 9f3c-1042\ndata: {}\n\n") == [Event("job", "{}", "9f3c-1042")]


def test_an_event_without_a_name_is_a_message() -> None:
    assert parse(b"data: x\n\n") == [Event("message", "x")]


def test_the_name_is_forgotten_after_its_event() -> None:
    assert [event.name for event in parse(b"event: job\ndata: 1\n\ndata: 2\n\n")] == ["job", "message"]


def test_lines_of_data_are_joined_by_a_line_feed() -> None:
    assert parse(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [Event("message", "YHOO\n+2\n10")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_line_may_end_in_any_of_three_ways(end: bytes) -> None:
    stream = end.join([b"id: 1", b"data: a", b"data: b", b"", b"data: c", b"", b""])

    assert parse(stream) == [Event("message", "a\nb", "1"), Event("message", "c", "1")]


def test_an_event_whose_last_line_ends_in_cr_is_handed_out_before_its_lf_comes() -> None:
    parser = Parser()

    assert parser.feed(b"data: now\r\n\r") == [Event("message", "now")]
    assert parser.feed(b"\n") == []


def test_a_line_feed_after_a_crlf_that_was_cut_in_two_is_an_empty_line_of_its_own() -> None:
    assert parse(b"data: x\r", b"\n", b"\n") == [Event("message", "x")]


def test_only_the_first_byte_order_mark_is_dropped() -> None:
    assert parse(b"\xef\xbb\xbfdata: 1\n\n\xef\xbb\xbfdata: 2\n\n") == [Event("message", "1")]


def test_a_byte_order_mark_may_come_in_three_chunks() -> None:
    assert parse(b"\xef", b"\xbb", b"\xbfdata: 1\n\n") == [Event("message", "1")]


def test_a_character_may_be_split_between_chunks() -> None:
    assert parse(b"data: \xe2", b"\x82", b"\xac\n\n") == [Event("message", "€")]


def test_bytes_that_are_no_utf_8_become_replacement_characters() -> None:
    assert parse(b"data: a\xffb\n\n") == [Event("message", "a\N{REPLACEMENT CHARACTER}b")]


def test_a_line_separator_of_unicode_ends_no_line() -> None:
    assert parse("data: a\u2028b\x85c\x0bd\n\n".encode()) == [Event("message", "a\u2028b\x85c\x0bd")]


def test_exactly_one_space_after_the_colon_is_dropped() -> None:
    assert parse(b"data:test\n\ndata: test\n\ndata:  test\n\n") == [
        Event("message", "test"),
        Event("message", "test"),
        Event("message", " test"),
    ]


def test_a_field_without_a_colon_has_an_empty_value() -> None:
    assert parse(b"data\n\ndata\ndata\n\ndata:") == [Event("message", ""), Event("message", "\n")]


def test_comments_and_unknown_fields_are_skipped() -> None:
    assert parse(b": ping\n:\nnews: 1\n Data: 2\ndata: x\n\n") == [Event("message", "x")]


def test_an_event_without_data_is_none_but_its_id_stays() -> None:
    assert parse(b"event: ping\nid: 7\n\ndata: x\n\n") == [Event("message", "x", "7")]


def test_an_id_is_kept_until_the_next_one_and_an_empty_one_clears_it() -> None:
    assert [event.id for event in parse(b"id: 1\ndata\n\ndata\n\nid\ndata\n\n")] == ["1", "1", ""]


def test_an_id_with_a_nul_is_skipped() -> None:
    assert parse(b"id: 1\nid: a\0b\ndata\n\n") == [Event("message", "", "1")]


def test_an_id_counts_only_once_its_event_has_ended() -> None:
    parser = Parser("before")
    parser.feed(b"id: after\ndata: x\n")
    assert parser.last_event_id == "before"

    parser.feed(b"\n")
    assert parser.last_event_id == "after"


@pytest.mark.parametrize(("value", "retry_ms"), [(b"1500", 1500), (b"1.5", None), (b"-1", None), (b"", None)])
def test_retry_is_read_when_it_is_all_digits(value: bytes, retry_ms: int | None) -> None:
    parser = Parser()
    parser.feed(b"retry: " + value + b"\n")

    assert parser.retry_ms == retry_ms


@pytest.mark.parametrize("digits", ["\u0661\u0662", "9" * 5000])
def test_a_retry_that_no_clock_can_wait_for_is_skipped(digits: str) -> None:
    parser = Parser()
    parser.feed(f"retry: {digits}\ndata: x\n\n".encode())

    assert parser.retry_ms is None


def test_an_event_that_is_cut_off_is_never_handed_out() -> None:
    assert parse(b"data: whole\n\ndata: half\n") == [Event("message", "whole")]


def test_the_examples_of_the_standard() -> None:
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"

    assert parse(stream) == [
        Event("message", "first event", "1"),
        Event("message", "second event", ""),
        Event("message", " third event", ""),
    ]


@given(_STREAMS, st.data())
@example(b"data: a\r\n\r\ndata: b\r\r\n", None)
def test_the_events_are_the_same_however_the_bytes_are_cut(stream: bytes, data: st.DataObject | None) -> None:
    cuts = [] if data is None else data.draw(st.lists(st.integers(0, len(stream)), max_size=20))
    borders = [0, *sorted(cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(borders)]

    assert parse(*chunks) == parse(stream) == parse(*(bytes([byte]) for byte in stream))


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_parser(stream: bytes) -> None:
    assert all(event.name and "\0" not in event.id for event in parse(stream))


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_what_comes_later_changes_no_event_that_was_handed_out(stream: bytes, later: bytes) -> None:
    events = parse(stream)

    assert parse(stream, later)[: len(events)] == events


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text("abcdef-0123456789"))
def test_what_a_server_writes_is_what_is_read(data: str, cursor: str) -> None:
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    written = "".join(f"data: {line}\n" for line in lines)

    assert parse(f"id: {cursor}\nevent: job\n{written}\n".encode()) == [Event("job", "\n".join(lines), cursor)]
