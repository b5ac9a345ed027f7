"""Quantities in units, times of the day and dates.

Quantities are exact decimals. Times of the day are on a clock of 24 hours. Dates are those of the Gregorian calendar,
carried back before 1582 as ISO 8601 has it; a year has four digits.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Batch, Choice, Integer, Keys, Real, Text, UserError, hash_integers, task
from enigmath.generators.digits import Column, join, pick, text
from enigmath.generators.ordering import integer_text

METRIC: Final = (
    (("mm", 0), ("cm", 1), ("dm", 2), ("m", 3), ("km", 6)),
    (("mg", 0), ("g", 3), ("kg", 6), ("t", 9)),
    (("ml", 0), ("cl", 1), ("dl", 2), ("l", 3), ("hl", 5)),
)
"""Lengths, masses and volumes: units with the power of ten of the least of their kind."""
TIMES: Final = (("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400), ("week", 604_800))
"""Times: units with their seconds."""
KINDS: Final = len(METRIC) + 1

_UNITS: Final = tuple(name for kind in (*METRIC, TIMES) for name, _ in kind)
_STARTS: Final = np.cumsum([0, *(len(kind) for kind in METRIC)])
_COUNTS: Final = np.array([len(kind) for kind in (*METRIC, TIMES)])
_SHIFTS: Final = np.array([shift for kind in METRIC for _, shift in kind] + [0] * len(TIMES))
_SECONDS: Final = np.array([1] * int(_STARTS[-1]) + [seconds for _, seconds in TIMES])
_PLACES: Final = 18


def by_places(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    """Levels of so many digits, up to so many of them after the point."""
    return [{"digits": digits, "places": places} for digits, places in pairs]


@task(
    "arithmetic/unit-conversion",
    answer=Real(_PLACES),
    levels=[
        {"digits": digits, "places": places} for digits, places in ((1, 0), (2, 0), (2, 1), (3, 2), (4, 3), (6, 4))
    ],
    beyond=[{"digits": 7, "places": 5}, {"digits": 8, "places": 6}],
    bulk=True,
)
def unit_conversion(rng: np.random.Generator, n: int, digits: int, places: int) -> Batch:
    """A length, mass, volume or time in another unit, exactly, as in `convert(3.5,km,m)`, which is 3500.

    Lengths mm cm dm m km, masses mg g kg t (1000 kg), volumes ml cl dl l hl (100 l) and times s min h day week are
    equally likely, then each ordered pair of different units. The number is uniform over 1 .. 10**digits - 1 with
    the point moved left by 0 to `places` digits, each equally likely; of times it is the larger unit that has this
    number, so that the other is a finite decimal as well. Levels grow in digits and places. Guessing scores next to
    nothing. A quantity in two units has one key, whichever way it is asked. Source: measurement__conversion of Saxton
    et al., 2019.
    """
    if not (1 <= digits <= 8 and 0 <= places <= 9):
        raise UserError(
            f"{digits} digits, {places} places", where="arithmetic/unit-conversion", mend="at most 8 digits, 9 places"
        )
    source, target = _draw_units(rng, n)
    number, point = rng.integers(1, 10**digits, size=n), rng.integers(places + 1, size=n)
    shift, up = _SHIFTS[source] - _SHIFTS[target], _SECONDS[source] < _SECONDS[target]
    ratio = np.maximum(_SECONDS[source], _SECONDS[target]) // np.minimum(_SECONDS[source], _SECONDS[target])
    # Either the seconds' ratio or the shift is neutral: below 10**8 * 604,800 all numbers stay exact.
    given, answer = number * np.where(up, ratio, 1), number * np.where(up, 1, ratio)
    shown = decimal_text(given, point)
    question = join("convert(", shown, ",", pick(_UNITS, source), ",", pick(_UNITS, target), ")")
    written = np.maximum(_shortest(given, point)[1], 0)
    traits = {"places": written, "source": pick(_UNITS, source), "target": pick(_UNITS, target)}
    key = _quantity_key(number * ratio, point + np.minimum(-shift, 0), source, target)
    return Batch(question, decimal_text(answer, point - shift), key, traits)


def _draw_units(rng: np.random.Generator, n: int) -> tuple[Column, Column]:
    """Two different units of one kind."""
    kind = rng.integers(KINDS, size=n)
    first, second = rng.integers(_COUNTS[kind]), rng.integers(_COUNTS[kind] - 1)
    return _STARTS[kind] + first, _STARTS[kind] + second + (second >= first)


def _quantity_key(number: Column, point: Column, source: Column, target: Column) -> Keys:
    """The quantity in the smaller unit, `number / 10**point`, and both units."""
    number, point = _shortest(number, point)
    return hash_integers("convert", np.minimum(source, target), np.maximum(source, target), number, point)


def _shortest(number: Column, point: Column) -> tuple[Column, Column]:
    """The same quantities without zeros at the end of the number, which has up to 16 digits.

    >>> [column.tolist() for column in _shortest(np.array([3500, 12]), np.array([1, 0]))]
    [[35, 12], [-1, 0]]
    """
    for zeros in (8, 4, 2, 1):
        even = number % 10**zeros == 0
        number, point = np.where(even, number // 10**zeros, number), np.where(even, point - zeros, point)
    return number, point


def decimal_text(number: Column, point: Column) -> pa.Array:
    """`number / 10**point` without needless zeros, for natural numbers and points of -9 to 18.

    Where the point is negative, the whole number must fit 64 bits.

    >>> decimal_text(np.array([3500, 35, 1]), np.array([3, -2, 9])).to_pylist()
    ['3.5', '3500', '0.000000001']
    """
    unit, zeros = 10 ** np.maximum(point, 0), 10 ** np.maximum(-point, 0)
    whole = number // unit
    rest = (number - whole * unit) * 10 ** (_PLACES - np.maximum(point, 0))
    digits = pc.ascii_rtrim(pc.ascii_lpad(text(rest[None]), _PLACES, "0"), "0")
    decimals = pc.if_else(pa.array(rest == 0), "", join(".", digits))
    return join(text((whole * zeros)[None]), decimals)


DAY: Final = 86_400_000
"""Milliseconds."""


@task(
    "arithmetic/time-difference",
    answer=Text("[0-9:.]"),
    levels=[{"step": step} for step in (900_000, 300_000, 60_000, 1_000)],
    beyond=[{"step": 1}],
    bulk=True,
    chance=lambda step: 1 / (DAY // step - 1),
)
def time_difference(rng: np.random.Generator, n: int, step: int) -> Batch:
    """How long it is from one time of the day until another comes, as in `elapsed(21:50,06:20)`, which is `08:30`.

    Both are uniform over the multiples of `step` milliseconds in a day, and different; where the second is the earlier
    one, midnight lies between. Whole minutes are written hh:mm, whole seconds hh:mm:ss, else hh:mm:ss.mmm, answers
    likewise. Levels go from quarter hours to five minutes, minutes, seconds; beyond are milliseconds. Every answer is
    equally likely, so guessing scores step / (a day less one step). Two times have one key, whichever comes first.
    Source: measurement__time of Saxton et al., 2019. The trait `midnight` is 1 where midnight lies between.
    """
    if step < 1 or DAY % step or (step > 1 and step % 1_000) or (step > 1_000 and step % 60_000):
        raise UserError(
            f"a step of {step} ms", where="arithmetic/time-difference", mend="1, 1000 or minutes that divide a day"
        )
    count = DAY // step
    start, length = rng.integers(count, size=n), rng.integers(1, count, size=n)
    end = (start + length) % count
    question = join("elapsed(", clock_text(start * step, step), ",", clock_text(end * step, step), ")")
    key = hash_integers("clock", step * np.minimum(start, end), step * np.maximum(start, end))
    return Batch(question, clock_text(length * step, step), key, {"midnight": (end < start).astype(np.int64)})


_TWO_DIGITS: Final = tuple(f"{value:02d}" for value in range(60))
_THREE_DIGITS: Final = tuple(f"{value:03d}" for value in range(1_000))


def clock_text(time: Column, step: int) -> pa.Array:
    """Milliseconds of a day as hh:mm, with seconds where the step is less than a minute, and so on.

    >>> clock_text(np.array([75_000]), 1_000).to_pylist(), clock_text(np.array([60_000]), 60_000).to_pylist()
    (['00:01:15'], ['00:01'])
    """
    pieces = [pick(_TWO_DIGITS, time // 3_600_000), ":", pick(_TWO_DIGITS, time // 60_000 % 60)]
    if step < 60_000:
        pieces += [":", pick(_TWO_DIGITS, time // 1_000 % 60)]
    if step < 1_000:
        pieces += [".", pick(_THREE_DIGITS, time % 1_000)]
    return join(*pieces)


FIRST_DAY: Final = int(np.datetime64("1600-01-01", "D").astype(np.int64))
LAST_DAY: Final = int(np.datetime64("2399-12-31", "D").astype(np.int64))
DAYS: Final = [{"days": days} for days in (7, 30, 100, 365, 1_000, 10_000)]
PAST_DAYS: Final = [{"days": 100_000}, {"days": 200_000}]


@task("arithmetic/date-shift", answer=Text("[0-9-]"), levels=DAYS, beyond=PAST_DAYS, bulk=True)
def date_shift(rng: np.random.Generator, n: int, days: int) -> Batch:
    """The date so many days after another, or before it, as in `date(1999-12-31,60)`, which is `2000-02-29`.

    The date is uniform over the years 1600 to 2399, two full cycles of the Gregorian calendar; the shift is uniform
    over 1 .. days, forward and backward equally likely. Levels grow in days. Guessing scores nothing. Two dates have
    one key here and in date-difference, whichever comes first. The trait `leap` is 1 where a 29 February lies in the
    span, ends included. reasoning-gym asks it as calendar_arithmetic.
    """
    start, end = _draw_dates(rng, n, days)
    question = join("date(", date_text(start), ",", integer_text(end - start), ")")
    return Batch(question, date_text(end), _dates_key(start, end), _span_traits(start, end))


@task(
    "arithmetic/date-difference",
    answer=Integer(),
    levels=DAYS,
    beyond=PAST_DAYS,
    bulk=True,
    chance=lambda days: 1 / (2 * days),
)
def date_difference(rng: np.random.Generator, n: int, days: int) -> Batch:
    """The days from one date to another, negative if it is earlier, as in `days(2000-02-28,2000-03-01)`, which is 2.

    Dates are drawn as for date-shift: any within the years 1600 to 2399, and one up to so many days after it or before.
    Every difference is equally likely, so guessing scores 1 / (2 * days). Levels grow in days. Traits and key as for
    date-shift.
    """
    start, end = _draw_dates(rng, n, days)
    question = join("days(", date_text(start), ",", date_text(end), ")")
    return Batch(question, integer_text(end - start), _dates_key(start, end), _span_traits(start, end))


def _draw_dates(rng: np.random.Generator, n: int, days: int) -> tuple[Column, Column]:
    """Two different dates, as days from 1970-01-01."""
    if not 1 <= days <= 200_000:
        raise UserError(f"a shift of {days} days", where="arithmetic dates", mend="from 1 to 200,000")
    start, shift = rng.integers(FIRST_DAY, LAST_DAY + 1, size=n), rng.integers(-days, days, size=n)
    return start, start + shift + (shift >= 0)


def _dates_key(start: Column, end: Column) -> Keys:
    return hash_integers("dates", np.minimum(start, end), np.maximum(start, end))


def _span_traits(start: Column, end: Column) -> dict[str, Column]:
    leap_days = _leap_days(np.maximum(start, end)) - _leap_days(np.minimum(start, end) - 1)
    return {"days": abs(end - start), "leap": (leap_days > 0).astype(np.int64)}


def _leap_days(day: Column) -> Column:
    """How many 29 Februaries there are from the year 1 up to this day, itself included.

    >>> _leap_days(np.array(["2000-02-28", "2000-02-29"], "datetime64[D]").astype(np.int64)).tolist()
    [484, 485]
    """
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first_of_march = (month - month % 12 + 2).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    last = 1969 + month // 12 + (day >= first_of_march - 1)
    # On 28 February of a common year the year itself counts already, and has no leap day to add.
    count: Column = last // 4 - last // 100 + last // 400
    return count


def date_text(day: Column) -> pa.Array:
    """Days from 1970-01-01 as ISO dates.

    >>> date_text(np.array([0, 11_016])).to_pylist()
    ['1970-01-01', '2000-02-29']
    """
    return pa.array(day.astype(np.int32)).cast(pa.date32()).cast(pa.string())


WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@task(
    "arithmetic/weekday",
    answer=Choice(WEEKDAYS),
    levels=[{"first": first, "last": last} for first, last in ((2001, 2012), (1951, 2050), (1801, 2200), (1601, 2400))],
    beyond=[{"first": 1001, "last": 1600}, {"first": 2401, "last": 9999}],
    bulk=True,
    chance=1 / 7,
)
def weekday(rng: np.random.Generator, n: int, first: int, last: int) -> Batch:
    """The day of the week of a date, as in `weekday(2000-02-29)`, which is `Tue`.

    Dates are uniform over the years first .. last of the Gregorian calendar. Levels widen the years from twelve to
    eight centuries; those beyond lie outside them. Guessing scores one in seven. The rule is Zeller's, 1882: a sum
    modulo seven of day, month, year and century.
    """
    if not 1000 <= first <= last <= 9999:
        raise UserError(f"years {first} to {last}", where="arithmetic/weekday", mend="from 1000 to 9999")
    start, end = (int(np.datetime64(f"{year}-01-01", "D").astype(np.int64)) for year in (first, last + 1))
    day = rng.integers(start, end, size=n)
    # 1970-01-01 was a Thursday.
    question = join("weekday(", date_text(day), ")")
    years = (day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970) // 100
    return Batch(question, pick(WEEKDAYS, (day + 3) % 7), hash_integers("weekday", day), {"century": years})
