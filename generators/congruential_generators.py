"""Tasks on linear congruential generators, whose parameters are said, hidden or each problem's own.

The seed is all that was drawn: state and parameters. Seeds of the test are not in training; where the parameters are
hidden, only the state is drawn, and of eight bits there are few.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from enigmath.bench.contracts import Batch, Choice, Integer, Integers, UserError, task
from enigmath.bench.primitives.linear_congruential import Numbers, next_number, next_word, prime_moduli
from enigmath.generators import stream_directions as directions
from enigmath.generators.digits import join
from enigmath.generators.stream_directions import decimal

ATTACK: Final = "state-recovery"
SAID: Final = 4
"""Numbers shown beside the modulus."""
UNSAID: Final = 8
"""Numbers shown without it."""
SHOWN: Final = [{"bits": 8, "said": 1}, {"bits": 16, "said": 1}, {"bits": 16, "said": 0}, {"bits": 24, "said": 0}]
SHOWN_BEYOND: Final = [{"bits": 31, "said": 1}, {"bits": 31, "said": 0}]


@task(
    "stream/lcg-next",
    answer=Integer(),
    levels=[{"bits": bits} for bits in (8, 12, 16, 24)],
    beyond=[{"bits": 31}],
    bulk=True,
    solve=ATTACK,
)
def lcg_next(rng: np.random.Generator, n: int, *, bits: int) -> Batch:
    """The next number of a congruential generator, as in `lcg.next(16807,0,2147483647,1)` with the answer `16807`.

    Multiplier, increment, modulus and number: a x + c mod m. The modulus is one of the primes just below 2**bits.
    Levels grow by its bits. Lehmer, 1951.
    """
    seed = _drawn(rng, n, bits)
    x, multiplier, increment, modulus = seed
    question = join("lcg.next(", decimal(multiplier, increment, modulus, x), ")")
    return directions.asked("lcg", "next", seed, question, _whole(next_number(*seed)), bits=bits)


@task(
    "stream/lcg-next-hidden",
    answer=Integer(),
    levels=[{"bits": bits, "steps": 1, "hidden": 1} for bits in (8, 12, 16, 24)],
    beyond=[{"bits": bits, "steps": 2, "hidden": 1} for bits in (8, 16, 24)],
    bulk=True,
    chance=lambda bits, steps, hidden: 1 / int(prime_moduli(bits)[-1]),
    solve="hidden-congruential",
)
def lcg_next_hidden(rng: np.random.Generator, n: int, *, bits: int, steps: int, hidden: int) -> Batch:
    """The next number of one congruential generator that is never said: `lcg.ahead(1,251,17)` has the answer `82`.

    Steps, modulus, number. Multiplier and increment are the same in every dataset of a level. The modulus is the
    largest prime below 2**bits, by which levels grow; beyond, the same generator makes two steps. Guessing scores one
    in the modulus. Of eight bits there are 251 problems in all.
    """
    directions.require_positive("lcg", steps=steps)
    modulus = prime_moduli(bits)[-1]
    secret = directions.hidden_parameters(f"lcg {bits} {hidden}")
    multiplier, increment = secret.integers(2, modulus, dtype=np.uint64), secret.integers(modulus, dtype=np.uint64)
    x = rng.integers(modulus, size=n, dtype=np.uint64)
    late = x
    for _ in range(steps):
        late = next_number(late, multiplier, increment, modulus)
    question = join(f"lcg.ahead({steps},{modulus},", decimal(x), ")")
    seed = [np.full(n, modulus), x]
    return directions.asked("hidden lcg", f"{hidden} {steps}", seed, question, _whole(late), bits=bits, steps=steps)


@task("stream/lcg-continue", answer=Integer(), levels=SHOWN, beyond=SHOWN_BEYOND, bulk=True, solve=ATTACK)
def lcg_continue(rng: np.random.Generator, n: int, *, bits: int, said: int) -> Batch:
    """The next number of a congruential generator from its last, as in `lcg.continue(251,17,172,190,218)` with the
    answer `150`.

    The modulus comes first, then four numbers; where it is unknown, `?` stands there, and eight numbers follow.
    Each problem draws its own multiplier and increment. Three numbers say all if the modulus, a prime just below
    2**bits, is known; else a greatest common divisor gives it. Runs that come back to their first number are left out.
    Levels grow by bits and by what is said. Boyar, "Inferring sequences produced by pseudo-random number
    generators", 1989.
    """
    return _from_run(rng, n, "continue", bits, said)


@task("stream/lcg-parameters", answer=Integers(3), levels=SHOWN, beyond=SHOWN_BEYOND, bulk=True, solve=ATTACK)
def lcg_parameters(rng: np.random.Generator, n: int, *, bits: int, said: int) -> Batch:
    """Multiplier, increment and modulus of a congruential generator from its numbers, as in
    `lcg.parameters(251,17,172,190,218)` with the answer `141,34,251`.

    The modulus comes first, then four numbers; where it is unknown, `?` stands there, and eight numbers follow. Runs
    that come back to their first number are left out: several generators make them. Levels grow by bits and by what is
    said. Boyar, 1989.
    """
    return _from_run(rng, n, "parameters", bits, said)


@task(
    "stream/lcg-truncated",
    answer=Integer(),
    levels=[
        {"bits": 12, "top": 8, "words": 4},
        {"bits": 16, "top": 8, "words": 4},
        {"bits": 24, "top": 12, "words": 4},
        {"bits": 32, "top": 16, "words": 4},
    ],
    beyond=[{"bits": 48, "top": 32, "words": 3}, {"bits": 48, "top": 16, "words": 6}],
    bulk=True,
    chance=lambda bits, top, words: 2.0**-top,
    solve=ATTACK,
)
def lcg_truncated(rng: np.random.Generator, n: int, *, bits: int, top: int, words: int) -> Batch:
    """The next output of a congruential generator that shows only the top of its state, as in
    `lcg.top(48,32,25214903917,11,3124862261,234785527,2934422497)` with the answer `205897768` (Java's Random).

    Bits of the state, bits shown, multiplier, increment, outputs. The modulus is 2**bits, and multiplier and increment
    give it its full period (Hull and Dobell, 1962). Levels grow by the bits that are not shown, which up to 16 an
    attack tries one by one; beyond, 32 are a control for it. Guessing scores one in 2**top.
    """
    seed, outputs = _full_period(rng, n, bits, top, words + 1)
    question = join(f"lcg.top({bits},{top},", decimal(*seed[1:], *outputs[:-1]), ")")
    what = f"top {bits} {top} {words}"
    return directions.asked(f"lcg {bits}", what, seed, question, _whole(outputs[-1]), bits=bits, top=top)


@task(
    "stream/lcg-distinguish",
    answer=Choice(directions.LABELS),
    levels=[{"bits": bits, "top": bits, "words": 8} for bits in (8, 16, 24, 32)],
    beyond=[{"bits": 16, "top": 8, "words": 8}, {"bits": 32, "top": 16, "words": 8}],
    bulk=True,
    chance=0.5,
    solve=ATTACK,
)
def lcg_distinguish(rng: np.random.Generator, n: int, *, bits: int, top: int, words: int) -> Batch:
    """Outputs of a congruential generator, or uniform numbers? `lcg.distinguish(8,8,201,238,79,188,197,186,171,104)`
    is `real`.

    Bits of the state, bits shown, outputs. Both answers are as likely. The modulus is 2**bits, and each problem
    draws its own multiplier and increment. The lowest bit of the whole state alternates (Knuth, volume 2, 3.2.1.1).
    Levels grow by bits; beyond, only the top half of the state is shown.
    """
    _, outputs = _full_period(rng, n, bits, top, words)
    said = f"{bits},{top},"
    return directions.distinguish(rng, "lcg", said, outputs, top, lambda shown: decimal(*shown), bits=bits, top=top)


def _drawn(rng: np.random.Generator, n: int, bits: int) -> list[Numbers]:
    """State, multiplier, increment and prime modulus, uniform but for multipliers 0 and 1."""
    primes = prime_moduli(bits)
    modulus = primes[rng.integers(len(primes), size=n)]
    x, increment = (rng.integers(modulus, dtype=np.uint64) for _ in range(2))
    return [x, rng.integers(2, modulus, dtype=np.uint64), increment, modulus]


def _from_run(rng: np.random.Generator, n: int, way: str, bits: int, said: int) -> Batch:
    """What a run of numbers tells, where it does not come back to its first number."""
    seed = _drawn(rng, n, bits)
    numbers = [seed[0]]
    for _ in range(SAID if said else UNSAID):
        numbers.append(next_number(numbers[-1], *seed[1:]))
    kept = np.all([number != seed[0] for number in numbers[1:]], axis=0)
    modulus = decimal(seed[3]) if said else "?"
    question = join(f"lcg.{way}(", modulus, ",", decimal(*numbers[:-1]), ")").filter(kept)
    answer = (decimal(*seed[1:]) if way == "parameters" else decimal(numbers[-1])).filter(kept)
    batch = directions.asked("lcg", way, [part[kept] for part in seed], question, answer, bits=bits, said=said)
    return Batch(batch.question, batch.answer, batch.key, batch.traits, {"short cycle": n - int(kept.sum())})


def _full_period(
    rng: np.random.Generator, n: int, bits: int, top: int, count: int
) -> tuple[list[Numbers], list[Numbers]]:
    """State, multiplier and increment modulo 2**bits, and the top of so many outputs, the first that of the state.

    The multiplier is 5 modulo 8 and the increment odd, so that the period is 2**bits.
    """
    if not 3 <= bits <= 62 or not 1 <= top <= bits:
        raise UserError(f"the top {top} of {bits} bits", where="lcg", mend="1 to all of 3 to 62 bits")
    directions.require_positive("lcg", words=count)
    x, multiplier, increment = (rng.integers(1 << bits, size=n, dtype=np.uint64) for _ in range(3))
    seed = [x, multiplier & ~np.uint64(7) | np.uint64(5), increment | np.uint64(1)]
    outputs = []
    for _ in range(count):
        outputs.append(x >> np.uint64(bits - top))
        x = next_word(x, seed[1], seed[2], bits)
    return seed, outputs


def _whole(numbers: Numbers) -> npt.NDArray[np.int64]:
    return numbers.astype(np.int64)
