"""Tasks on xorshift and the Mersenne Twister, generators of numbers whose every bit is linear in the state's bits.

Neither was made to keep a secret: each of these tasks, but for seeds of 24 bits and more, has a textbook attack that
recovers the state. Seeds, or states, of the test are not in training. The generators are in `bench/primitives/`.
"""

from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Choice, Hexadecimal, UserError, task
from enigmath.bench.primitives import mersenne, xorshift
from enigmath.bench.primitives.words import Words, draw_words
from enigmath.generators import stream_directions as directions
from enigmath.generators.fixed_width import hexadecimal, lines

ATTACK: Final = "state-recovery"
WORD: Final = Hexadecimal(8)
GUESSED_WORD: Final = 2.0**-32
GUESSED_STATE: Final = 1 / (2**32 - 1)
STEPS: Final = [{"steps": steps} for steps in (1, 2, 4, 8)]
STEPS_BEYOND: Final = [{"steps": 16}, {"steps": 32}]
TEMPERING: Final = [{"steps": steps} for steps in (1, 2, 3, 4)]
TEMPERED_TWICE: Final = [{"steps": 8}]


@task(
    "stream/xorshift-next",
    answer=WORD,
    levels=STEPS,
    beyond=STEPS_BEYOND,
    bulk=True,
    chance=GUESSED_STATE,
    solve=ATTACK,
)
def xorshift_next(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """The output of xorshift some steps later, as in `xorshift.next(1,92d68ca2)` with the answer `2b1f4d63`.

    Steps, then the 32 bits of the state. Each bit sought is the exclusive or of some of them. Levels grow by steps.
    Marsaglia, 2003.
    """
    return directions.after(rng, n, "xorshift", "next", xorshift.forward, steps=steps, least=1)


@task(
    "stream/xorshift-state",
    answer=WORD,
    levels=STEPS,
    beyond=STEPS_BEYOND,
    bulk=True,
    chance=GUESSED_STATE,
    solve=ATTACK,
)
def xorshift_state(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """The state of xorshift some steps ago, as in `xorshift.state(1,2b1f4d63)` with the answer `92d68ca2`.

    Steps, then the output. Levels grow by steps. Marsaglia, 2003.
    """
    return directions.before(rng, n, "xorshift", "state", xorshift.forward, steps=steps, least=1)


@task(
    "stream/xorshift-key",
    answer=WORD,
    levels=[{"top": top, "words": words} for top, words in ((24, 2), (16, 3), (12, 4), (8, 6))],
    beyond=[{"top": 8, "words": 12}, {"top": 4, "words": 12}],
    bulk=True,
    chance=GUESSED_STATE,
    solve=ATTACK,
)
def xorshift_key(rng: np.random.Generator, n: int, *, top: int, words: int) -> Batch:
    """The state of xorshift from the tops of its next outputs, as in `xorshift.key(16,2b1f94da7b08)` with the answer
    `92d68ca2`.

    Bits shown of each output, then those of all outputs. The bits are linear in the state's and fix it. Levels grow as
    fewer bits of more outputs are shown. Marsaglia, 2003.
    """
    states, outputs = _tops(rng, n, top, words)
    question = lines(f"xorshift.key({top},", hexadecimal(outputs, top), ")")
    answer = lines(hexadecimal([states], 32))
    return directions.asked("xorshift", f"key {top} {words}", [states], question, answer, top=top, words=words)


@task(
    "stream/xorshift-distinguish",
    answer=Choice(directions.LABELS),
    levels=[{"top": top, "words": words} for top, words in ((32, 2), (16, 4), (8, 8))],
    beyond=[{"top": 8, "words": 16}, {"top": 4, "words": 16}],
    bulk=True,
    chance=0.5,
    solve=ATTACK,
)
def xorshift_distinguish(rng: np.random.Generator, n: int, *, top: int, words: int) -> Batch:
    """The tops of outputs of xorshift, or uniform bits? `xorshift.distinguish(32,2b1f4d6394dacb7a)` is `real`.

    Bits shown of each output, then those of all outputs: 64 bits or more, which a state of 32 bits makes linear in one
    another. Both answers are as likely. Levels grow as fewer bits of more outputs are shown. Marsaglia, 2003.
    """
    _, outputs = _tops(rng, n, top, words)
    write = partial(_digits, top)
    return directions.distinguish(rng, "xorshift", f"{top},", outputs, top, write, top=top, words=words)


@task(
    "stream/mersenne-temper",
    answer=WORD,
    levels=TEMPERING,
    beyond=TEMPERED_TWICE,
    bulk=True,
    chance=GUESSED_WORD,
    solve=ATTACK,
)
def mersenne_temper(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """What MT19937 puts out for a word of its state, as in `mersenne.temper(4,00000001)` with the answer `00400091`.

    The first so many of the four lines of its tempering, by which levels grow; beyond, all are run twice. Each bit is
    the exclusive or of some of the word's. Matsumoto and Nishimura, 1998.
    """
    return directions.after(rng, n, "mersenne", "temper", mersenne.temper, steps=steps)


@task(
    "stream/mersenne-untemper",
    answer=WORD,
    levels=TEMPERING,
    beyond=TEMPERED_TWICE,
    bulk=True,
    chance=GUESSED_WORD,
    solve=ATTACK,
)
def mersenne_untemper(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """The word of MT19937's state from what it put out, as in `mersenne.untemper(4,00400091)` with the answer
    `00000001`.

    The first so many of the four lines of its tempering, by which levels grow; beyond, all are run twice. This is how
    624 outputs give the whole state away. Matsumoto and Nishimura, 1998.
    """
    return directions.before(rng, n, "mersenne", "untemper", mersenne.temper, steps=steps)


@task(
    "stream/mersenne-next",
    answer=WORD,
    levels=[{"steps": 0}, *TEMPERING],
    beyond=TEMPERED_TWICE,
    bulk=True,
    chance=GUESSED_WORD,
    solve=ATTACK,
)
def mersenne_next(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """An output of MT19937 from the three that make it, as in `mersenne.next(4,d091bb5c22ae9ef65c615e22)` with the
    answer `f914dc58`.

    So many lines of the tempering, then the outputs 624, 623 and 227 places before, of the first of which a single bit
    counts. Levels grow by lines, from none, where they are words of the state; beyond, all four are run twice.
    Matsumoto and Nishimura, 1998.
    """
    words = _twisted(rng, n)
    outputs = [mersenne.temper(word, steps) for word in words]
    question = lines(f"mersenne.next({steps},", hexadecimal(outputs[:3], 32), ")")
    answer = lines(hexadecimal(outputs[3:], 32))
    seed = [mersenne.joined(words[0], words[1]), words[2]]
    return directions.asked("mersenne twist", f"{steps}", seed, question, answer, steps=steps)


@task(
    "stream/mersenne-distinguish",
    answer=Choice(directions.LABELS),
    levels=[{"steps": 0}, *TEMPERING],
    beyond=TEMPERED_TWICE,
    bulk=True,
    chance=0.5,
    solve=ATTACK,
)
def mersenne_distinguish(rng: np.random.Generator, n: int, *, steps: int) -> Batch:
    """An output of MT19937 after the three that make it, or four random words?
    `mersenne.distinguish(4,d091bb5c22ae9ef65c615e22f914dc58)` is `real`.

    So many lines of the tempering, then the outputs at places 0, 1, 397 and 624. Both answers are as likely. Levels
    grow by lines, from none; beyond, all four are run twice. Matsumoto and Nishimura, 1998.
    """
    outputs = [mersenne.temper(word, steps) for word in _twisted(rng, n)]
    write = partial(_digits, mersenne.BITS)
    return directions.distinguish(rng, "mersenne", f"{steps},", outputs, mersenne.BITS, write, steps=steps)


@task(
    "stream/mersenne-ahead",
    answer=WORD,
    levels=[{"ahead": ahead} for ahead in (1, 2, 8)],
    beyond=[{"ahead": 64}, {"ahead": 228}],
    bulk=True,
    chance=GUESSED_WORD,
    solve=ATTACK,
    draws=2**10,
)
def mersenne_ahead(rng: np.random.Generator, n: int, *, ahead: int) -> Batch:
    """A later output of MT19937 from 624 in a row, 4,992 hexadecimal digits, as in `mersenne.ahead(1,d091bb5c...)`.

    How many places ahead, then the outputs, the first that its seed gives. Levels grow by places; from 228 on the
    output is made of one that is not shown. No seed of the test stands in training. Matsumoto and Nishimura, 1998.
    """
    directions.require_positive("mersenne", ahead=ahead)
    (seeds,) = draw_words(rng, n, 1, 32)
    state = mersenne.next_words(mersenne.seeded(seeds), mersenne.STATE_WORDS)
    shown = list(mersenne.temper(np.stack(state)))
    sought = mersenne.temper(mersenne.next_words(state, ahead)[-1])
    question = lines(f"mersenne.ahead({ahead},", hexadecimal(shown, 32), ")")
    answer = lines(hexadecimal([sought], 32))
    return directions.asked("mersenne seeds", f"ahead {ahead}", [seeds], question, answer, ahead=ahead)


@task(
    "stream/mersenne-seed",
    answer=WORD,
    levels=[{"space": space} for space in (12, 16, 20)],
    beyond=[{"space": 24}, {"space": 32}],
    bulk=True,
    chance=lambda space: 2.0**-space,
    solve=ATTACK,
)
def mersenne_seed(rng: np.random.Generator, n: int, *, space: int) -> Batch:
    """The seed of MT19937 from its first two outputs, as in `mersenne.seed(16,d091bb5c22ae9ef6)` with the answer
    `00001571`.

    Bits of the seed, then the outputs. Levels grow by bits. Up to 20 an attack tries all seeds, as it would those made
    of the time of day; beyond, the space is a control for it. Guessing scores one in the number of seeds.
    """
    if not 1 <= space <= 32:
        raise UserError(f"seeds of {space} bits", where="mersenne", mend="from 1 to 32")
    (seeds,) = draw_words(rng, n, 1, space)
    seeds = seeds.astype(np.uint32)
    outputs = mersenne.first_outputs(seeds, 2)
    question = lines(f"mersenne.seed({space},", hexadecimal(outputs, 32), ")")
    answer = lines(hexadecimal([seeds], 32))
    return directions.asked("mersenne seeds", f"seed {space}", [seeds], question, answer, space=space)


def _tops(rng: np.random.Generator, n: int, top: int, words: int) -> tuple[Any, list[Any]]:
    """States of xorshift, and the top bits of each one's next outputs."""
    if top % 4 or not 4 <= top <= 32:
        raise UserError(f"the top {top} bits", where="xorshift", mend="from 4 to 32, in steps of 4")
    directions.require_positive("xorshift", words=words)
    states = rng.integers(1, 1 << 32, size=n, dtype=np.uint32)
    outputs, state = [], states
    for _ in range(words):
        state = xorshift.forward(state)
        outputs.append(state >> (32 - top))
    return states, outputs


def _twisted(rng: np.random.Generator, n: int) -> list[Any]:
    """Three words of a state and the one that they make."""
    three = draw_words(rng, n, 3, mersenne.BITS)
    return [*three, mersenne.twist(*three)]


def _digits(bits: int, words: Words) -> pa.Array:
    return lines(hexadecimal(words, bits))
