"""Make `sales.csv`: two years of orders of a made-up outdoor shop. Nobody's data; everything comes from SEED.

    python -m jobrunner.examples.data_story.make_sales > sales.csv

Only `random.random()` is drawn from, whose numbers are the same in every version of Python, so the file is reproduced
byte for byte. What was put in, and can be found again: growth of a tenth a year, a season that peaks in June and in
November, a promotion in the last two weeks of November (a fifth off, more orders, more pieces an order), satisfaction
that falls with the hours of delivery, cells that are missing, a few bulk orders, parcels that were lost for days and
rows that stand there twice.
"""

from __future__ import annotations

import csv
import io
import math
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

SEED = 1867
ORDERS_A_DAY = 6.15
FIRST_DAY = date(2023, 1, 1)
DAYS = 731
SEASON = (0.72, 0.74, 0.88, 1.02, 1.2, 1.34, 1.22, 1.04, 0.9, 0.86, 1.14, 1.02)
WEEKDAYS = (1.08, 1.0, 0.96, 0.98, 1.02, 0.9, 1.1)
YEARLY_GROWTH = 0.1
HEADER = (
    "order_id", "order_date", "country", "channel", "category", "units", "unit_price", "discount_pct", "revenue",
    "delivery_hours", "satisfaction",
)  # fmt: skip
COUNTRIES = (("Germany", 34), ("Austria", 14), ("Netherlands", 13), ("France", 17), ("Denmark", 9), ("Poland", 13))
DISTANCE_H = {"Germany": 0, "Austria": 10, "Netherlands": 6, "France": 16, "Denmark": 12, "Poland": 14}
CHANNELS = (("Web", 52), ("App", 33), ("Phone", 6), ("Marketplace", 9))
CATEGORIES = (("Footwear", 24), ("Clothing", 30), ("Tents", 9), ("Backpacks", 15), ("Cooking", 22))
PRICES = {"Footwear": 94, "Clothing": 46, "Tents": 214, "Backpacks": 82, "Cooking": 27}
BULK_SHARE, LOST_SHARE, TWICE_SHARE, MISSING_SHARE, UNRATED_SHARE = 0.0012, 0.0015, 0.0008, 0.02, 0.13

Draw = random.Random
T = TypeVar("T")


class Order(NamedTuple):
    """One row, in the order of HEADER."""

    order_id: int
    order_date: date
    country: str
    channel: str
    category: str
    units: int
    unit_price: str
    discount_pct: int
    revenue: str
    delivery_hours: int | str
    satisfaction: int | str


def make_csv(seed: int = SEED) -> str:
    """Return the whole file as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(orders(random.Random(seed)))  # noqa: S311 - repeatable on purpose
    return text.getvalue()


def orders(draw: Draw) -> Iterator[Order]:
    """Yield the orders of all days."""
    number = 10_001
    for day in (FIRST_DAY + timedelta(days=passed) for passed in range(DAYS)):
        for _ in range(_how_many(draw, _expected(day))):
            order = _order(draw, number, day)
            yield from (order, order) if draw.random() < TWICE_SHARE else (order,)
            number += 1


def _expected(day: date) -> float:
    growth = 1 + YEARLY_GROWTH * (day - FIRST_DAY).days / 365
    return ORDERS_A_DAY * growth * SEASON[day.month - 1] * WEEKDAYS[day.weekday()] * (1.9 if _is_promotion(day) else 1)


def _is_promotion(day: date) -> bool:
    return day.month == 11 and day.day >= 17  # noqa: PLR2004 - the second half of November


def _order(draw: Draw, number: int, day: date) -> Order:
    country, category = _choice(draw, COUNTRIES), _choice(draw, CATEGORIES)
    discount = 20 if _is_promotion(day) else _choice(draw, ((0, 78), (5, 12), (10, 10)))
    units = 1 + _how_many(draw, 0.55 + discount / 14)
    if draw.random() < BULK_SHARE:
        units = 20 + int(draw.random() * 40)
    price = round(PRICES[category] * math.exp(0.28 * _normal(draw))) - 0.05
    hours = _delivery(draw, country)
    return Order(
        order_id=number,
        order_date=day,
        country=country,
        channel=_missing(draw, _choice(draw, CHANNELS), MISSING_SHARE),
        category=category,
        units=units,
        unit_price=f"{price:.2f}",
        discount_pct=discount,
        revenue=f"{units * price * (100 - discount) / 100:.2f}",
        delivery_hours=_missing(draw, hours, MISSING_SHARE),
        satisfaction=_missing(draw, _satisfaction(draw, hours), UNRATED_SHARE),
    )


def _delivery(draw: Draw, country: str) -> int:
    if draw.random() < LOST_SHARE:
        return 190 + int(draw.random() * 150)
    return round(26 + DISTANCE_H[country] + 44 * draw.random() + 9 * abs(_normal(draw)))


def _satisfaction(draw: Draw, hours: int) -> int:
    return max(1, min(round(108 - 0.55 * min(hours, 185) + 5.5 * _normal(draw)), 100))


def _choice(draw: Draw, weighted: Sequence[tuple[T, int]]) -> T:
    at = draw.random() * sum(weight for _, weight in weighted)
    for value, weight in weighted:
        at -= weight
        if at < 0:
            return value
    return weighted[-1][0]


def _how_many(draw: Draw, expected: float) -> int:
    """Draw from a Poisson distribution (Knuth, 1969)."""
    floor, product, count = math.exp(-expected), draw.random(), 0
    while product > floor:
        product *= draw.random()
        count += 1
    return count


def _normal(draw: Draw) -> float:
    """Draw from nearly a normal distribution by adding up: no function that may differ from machine to machine."""
    return sum(draw.random() for _ in range(12)) - 6


def _missing(draw: Draw, value: T, chance: float) -> T | str:
    return "" if draw.random() < chance else value


if __name__ == "__main__":
    sys.stdout.write(make_csv())
