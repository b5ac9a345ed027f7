"""Tasks on keystream generators: linear feedback shift registers, and RC4.

A register's bits are written 0 and 1 in the order in which they come out; so its state is its next bits, and the
exclusive or of those that are tapped is the bit after them. The seed of a problem is all that was drawn, taps included.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import Batch, Bits, Choice, Hexadecimal, UserError, hash_text, task
from enigmath.bench.primitives import feedback_registers as registers
from enigmath.bench.primitives import rc4
from enigmath.generators import stream_directions as directions
from enigmath.generators.fixed_width import Characters, binary, lines, octets

ATTACK: Final = "state-recovery"
SIZES: Final = [{"size": size} for size in (8, 16, 24, 32)]
SIZES_BEYOND: Final = [{"size": 48}, {"size": 64}]
NEXT: Final = 8
"""Bits that `lfsr-continue` asks for."""
SPARE: Final = 32
"""Bits beyond twice the size that `lfsr-distinguish` shows: random bits fit a register once in 2**32."""
KEYSTREAM: Final = 4
"""Bytes that `rc4-keystream` asks for."""
SHORT_KEY: Final = 5
"""Bytes of the keys under which it does."""
KNOWN: Final = 8
"""Bytes that `rc4-key` shows."""
KEY_BYTES: Final = 16
"""Bytes of the keys under which `rc4-distinguish` makes its bytes."""


def next_is_one(size: int, **_: int) -> float:
    """The chance of the commoner bit: the state zero, left out, would be followed by 0."""
    return float(2 ** (size - 1) / (2**size - 1))


@task(
    "stream/lfsr-next",
    answer=Bits(1),
    levels=SIZES,
    beyond=SIZES_BEYOND,
    bulk=True,
    chance=next_is_one,
    solve=ATTACK,
)
def lfsr_next(rng: np.random.Generator, n: int, *, size: int) -> Batch:
    """The next bit of a feedback register, as in `lfsr.next(1001,1000)` with the answer `1`.

    Taps, then as many bits: the next is the exclusive or of those that are tapped. Levels grow by the register's size.
    Guessing scores one half. Golomb, 1967.
    """
    states, taps = _drawn(rng, n, size)
    bits = registers.outputs(states, taps, size, size + 1)
    question = lines("lfsr.next(", binary([taps], size), ",", bits[:, :-1] + np.uint8(48), ")")
    return directions.asked(f"lfsr {size}", "next", [states, taps], question, _written(bits[:, -1:]), size=size)


@task(
    "stream/lfsr-next-hidden",
    answer=Bits(1),
    levels=[{"size": size, "ahead": 1, "hidden": 1} for size in (8, 16, 32, 64)],
    beyond=[{"size": size, "ahead": 2, "hidden": 1} for size in (8, 16, 64)],
    bulk=True,
    chance=next_is_one,
    solve="affine-map",
)
def lfsr_next_hidden(rng: np.random.Generator, n: int, *, size: int, ahead: int, hidden: int) -> Batch:
    """A later bit of one feedback register whose taps are never said: `lfsr.ahead(1,10010110)` has the answer `0`.

    Places ahead, then as many bits as the register has. The taps are the same in every dataset of a level, so a
    parity is to be learnt from examples, which elimination can from as many as there are bits. Levels grow by size;
    beyond, the same register is asked for the bit after next. Of eight bits there are 255 problems in all.
    """
    directions.require_positive("lfsr", ahead=ahead)
    states = registers.draw_states(rng, n, size)
    taps = np.repeat(registers.draw_taps(directions.hidden_parameters(f"lfsr {size} {hidden}"), 1, size), n)
    bits = registers.outputs(states, taps, size, size + ahead)
    question = lines(f"lfsr.ahead({ahead},", bits[:, :size] + np.uint8(48), ")")
    seed, name = [states], f"hidden lfsr {size} {hidden}"
    return directions.asked(name, f"{ahead}", seed, question, _written(bits[:, -1:]), size=size, ahead=ahead)


@task(
    "stream/lfsr-continue",
    answer=Bits(NEXT),
    levels=SIZES,
    beyond=SIZES_BEYOND,
    bulk=True,
    chance=lambda size: 2 ** (size - NEXT) / (2**size - 1),
    solve=ATTACK,
)
def lfsr_continue(rng: np.random.Generator, n: int, *, size: int) -> Batch:
    """The next eight bits of a feedback register whose taps are unknown: `lfsr.continue(1000111101011001)` has the
    answer `00011110`.

    Twice as many bits are shown as the register has, which fix what follows (Massey, 1969). Each problem draws
    its own taps. Levels grow by the size.
    """
    states, taps = _drawn(rng, n, size)
    bits = registers.outputs(states, taps, size, 2 * size + NEXT)
    shortest = registers.shortest_registers(bits[:, :-NEXT])[1]  # where several registers give the bits, one key
    question = lines("lfsr.continue(", bits[:, :-NEXT] + np.uint8(48), ")")
    answer = _written(bits[:, -NEXT:])
    return directions.asked(f"lfsr {size}", "continue", [states, shortest], question, answer, size=size)


@task(
    "stream/lfsr-taps",
    answer=Bits(),
    levels=SIZES,
    beyond=SIZES_BEYOND,
    bulk=True,
    chance=lambda size: 3 / (2**size + 1),
    solve=ATTACK,
)
def lfsr_taps(rng: np.random.Generator, n: int, *, size: int) -> Batch:
    """The taps of a feedback register from its output, as in `lfsr.taps(10001111)` with the answer `1001`.

    Twice as many bits are shown as the register has. Only runs that no shorter register makes are asked, two in three:
    their taps are the only ones. Levels grow by the size. The best guess are taps of which every state makes such a
    run; it scores 3 in 2**size + 1. Massey, 1969.
    """
    states, taps = _drawn(rng, n, size)
    bits = registers.outputs(states, taps, size, 2 * size)
    kept = registers.shortest_registers(bits)[0] == size
    question = lines("lfsr.taps(", bits[kept] + np.uint8(48), ")")
    answer = lines(binary([taps[kept]], size))
    batch = directions.asked(f"lfsr {size}", "taps", [states[kept], taps[kept]], question, answer, size=size)
    return Batch(batch.question, batch.answer, batch.key, batch.traits, {"shorter register": n - int(kept.sum())})


@task(
    "stream/lfsr-state",
    answer=Bits(),
    levels=[{"size": size, "dropped": size} for size in (8, 16, 24, 32)],
    beyond=[{"size": 32, "dropped": 128}, {"size": 64, "dropped": 64}],
    bulk=True,
    chance=lambda size, dropped: 1 / (2**size - 1),
    solve=ATTACK,
)
def lfsr_state(rng: np.random.Generator, n: int, *, size: int, dropped: int) -> Batch:
    """The first state of a feedback register from later bits, as in `lfsr.state(1001,4,1111)` with the answer `1000`.

    Taps, how many bits were dropped, and the bits after them. Levels grow by the register's size, and as many bits are
    dropped as it has; beyond, more. Each bit sought is the exclusive or of some that are shown. Golomb, 1967.
    """
    directions.require_positive("lfsr", dropped=dropped)
    states, taps = _drawn(rng, n, size)
    shown = binary([registers.run(states, taps, size, dropped)], size)
    question = lines("lfsr.state(", binary([taps], size), f",{dropped},", shown, ")")
    answer = lines(binary([states], size))
    what = f"state {dropped}"
    return directions.asked(f"lfsr {size}", what, [states, taps], question, answer, size=size, dropped=dropped)


@task(
    "stream/lfsr-distinguish",
    answer=Choice(directions.LABELS),
    levels=SIZES,
    beyond=SIZES_BEYOND,
    bulk=True,
    chance=0.5,
    solve=ATTACK,
)
def lfsr_distinguish(rng: np.random.Generator, n: int, *, size: int) -> Batch:
    """Bits of a feedback register of unknown taps, or random ones? `lfsr.distinguish(2,100011110101100100011110...)`.

    The register's size, then twice as many bits and 32 more; `real` or `random`, equally often. Each problem draws
    its own taps. Levels grow by the size. Random bits fit a register of that size once in 2**32. Massey, 1969.
    """
    states, taps = _drawn(rng, n, size)
    bits = registers.outputs(states, taps, size, 2 * size + SPARE)
    return directions.distinguish(rng, "lfsr", f"{size},", list(bits.T), 1, _bit_texts, size=size)


@task(
    "stream/rc4-keystream",
    answer=Hexadecimal(2 * KEYSTREAM),
    levels=[{"steps": steps, "dropped": 0} for steps in (5, 16, 64, 128)],
    beyond=[{"steps": 256, "dropped": 0}, {"steps": 256, "dropped": 256}],
    bulk=True,
)
def rc4_keystream(rng: np.random.Generator, n: int, *, steps: int, dropped: int) -> Batch:
    """The first four bytes of RC4 under a key of five, as in `rc4.keystream(256,0,0102030405)` with the answer
    `b2396305`.

    Steps of the key schedule, bytes dropped first, key. Levels grow by steps, from five, so that each byte of the key
    counts; the full schedule has 256, a control. No key of the test stands in training. Guessing scores one in 2**32 at
    full steps. RFC 6229.
    """
    if steps < SHORT_KEY:
        raise UserError(f"{steps} steps", where="rc4", mend=f"from {SHORT_KEY} to {rc4.SIZE}")
    keys = rng.integers(256, size=(n, SHORT_KEY), dtype=np.uint8)
    stream = rc4.keystream(keys, KEYSTREAM, dropped, steps)
    question = lines(f"rc4.keystream({steps},{dropped},", octets(keys), ")")
    what = f"stream {steps} {dropped}"
    return directions.asked(
        f"rc4 {SHORT_KEY}", what, [keys], question, lines(octets(stream)), steps=steps, dropped=dropped
    )


@task(
    "stream/rc4-key",
    answer=Hexadecimal(),
    levels=[{"key_bytes": 1, "dropped": 0}, {"key_bytes": 2, "dropped": 0}, {"key_bytes": 2, "dropped": 256}],
    beyond=[{"key_bytes": 3, "dropped": 0}, {"key_bytes": 5, "dropped": 0}],
    bulk=True,
    chance=lambda key_bytes, dropped: 256.0**-key_bytes,
    solve=ATTACK,
)
def rc4_key(rng: np.random.Generator, n: int, *, key_bytes: int, dropped: int) -> Batch:
    """The key of RC4 from eight bytes of its keystream, as in `rc4.key(2,0,441d98dc21685656)` with the answer
    `0102`.

    Bytes of the key, bytes dropped, keystream. Levels grow by the bytes of the key, and one drops 256; up to two an
    attack tries all keys, and more are a control for it. Of one byte there are 256 problems in all; keys of the test
    stand in no training. Guessing scores one in the number of keys. RFC 6229.
    """
    directions.require_positive("rc4", key_bytes=key_bytes)
    keys = rng.integers(256, size=(n, key_bytes), dtype=np.uint8)
    stream = rc4.keystream(keys, KNOWN, dropped)
    question = lines(f"rc4.key({key_bytes},{dropped},", octets(stream), ")")
    name, traits = f"rc4 {key_bytes}", {"key_bytes": key_bytes, "dropped": dropped}
    return directions.asked(name, f"key {dropped}", [keys], question, lines(octets(keys)), **traits)


@task(
    "stream/rc4-distinguish",
    answer=Choice(directions.LABELS),
    levels=[{"streams": streams, "dropped": 1} for streams in (64, 256, 1024)],
    beyond=[{"streams": 2048, "dropped": 1}, {"streams": 512, "dropped": 256}],
    bulk=True,
    chance=0.5,
    solve=ATTACK,
    draws=2**6,
)
def rc4_distinguish(rng: np.random.Generator, n: int, *, streams: int, dropped: int) -> Batch:
    """Second bytes of RC4 under many keys, or random bytes? `rc4.distinguish(1,c739...)` is `real` or `random`.

    How many bytes of each keystream were dropped, then the next byte of each; keys are uniform and have 16 bytes. Both
    answers are as likely. Levels grow by keystreams, and get easier: the second byte is zero at twice chance, 1 in 128
    (Mantin and Shamir, "A practical attack on broadcast RC4", FSE 2001). Counting zeros is right for 58.7, 66.5, 79.8
    and 88.1 % of 64, 256, 1,024 and 2,048. Beyond, 256 bytes are dropped as well: no known bias tells 512 such bytes
    from random ones.
    """
    directions.require_positive("rc4", streams=streams)
    label = rng.integers(2, size=n, dtype=np.uint8)
    shown = rng.integers(256, size=(n, streams), dtype=np.uint8)
    keys = rng.integers(256, size=(int(label.sum()) * streams, KEY_BYTES), dtype=np.uint8)
    shown[label == 1] = rc4.keystream(keys, 1, dropped).reshape(-1, streams)
    question = lines(f"rc4.distinguish({dropped},", octets(shown), ")")
    traits = directions.levels(n, streams=streams, dropped=dropped)
    return Batch(question, pa.array(directions.LABELS).take(pa.array(label)), hash_text(question), traits)


def _drawn(rng: np.random.Generator, n: int, size: int) -> tuple[registers.Registers, registers.Registers]:
    """States and taps of registers of so many bits, at least those that an answer has."""
    if size < NEXT:
        raise UserError(f"a register of {size} bits", where="lfsr", mend=f"from {NEXT} to {registers.LARGEST}")
    return registers.draw_states(rng, n, size), registers.draw_taps(rng, n, size)


def _written(bits: registers.Bits) -> pa.Array:
    return lines(bits + np.uint8(48))


def _bit_texts(columns: Any) -> pa.Array:
    characters: Characters = np.stack(columns, axis=1).astype(np.uint8) + np.uint8(48)
    return lines(characters)
