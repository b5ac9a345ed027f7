"""Generators of numbers and keystreams: standards' own values, other implementations, their tasks and the attack."""

import random
import re

import numpy as np
import plain_generators as plain
import pyarrow as pa
import pytest
import sympy
from Crypto.Cipher import ARC4
from keystream_reader import call, is_right
from question_reader import every_level, problems, texts

from enigmath.bench.audit import audit
from enigmath.bench.contracts import Task, UserError, split_of
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.primitives import feedback_registers, mersenne, rc4, xorshift
from enigmath.bench.primitives.linear_congruential import next_number, next_word, prime_moduli
from enigmath.bench.streams import stream
from enigmath.generators import congruential_generators, keystreams, number_generators

MODULES = (congruential_generators, number_generators, keystreams)
LEVELS = [one for module in MODULES for one in every_level(module)]
TASKS = [task for module in MODULES for task in vars(module).values() if isinstance(task, Task)]
FEW_AND_MANY = [25, pytest.param(200, marks=pytest.mark.slow)]


def octets(text: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(text), np.uint8)[None]


def one(value: int, kind: type = np.uint64) -> np.ndarray:
    return np.array([value], kind)


# Published values.


@pytest.mark.parametrize(
    ("key", "offset", "expected"),
    [
        ("0102030405", 0, "b2396305f03dc027ccc3524a0a1118a8"),
        ("0102030405", 240, "28cb1132c96ce286421dcaadb8b69eae"),
        ("0102030405", 256, "1cfcf62b03eddb641d77dfcf7f8d8c93"),
        ("0102030405", 4096, "ff25b58995996707e51fbdf08b34d875"),
        ("0102030405060708090a0b0c0d0e0f10", 0, "9ac7cc9a609d1ef7b2932899cde41b97"),
        ("0102030405060708090a0b0c0d0e0f10", 4096, "a36a4c301ae8ac13610ccbc12256cacc"),
    ],
)
def test_rc4_gives_the_vectors_of_rfc_6229(key: str, offset: int, expected: str) -> None:
    assert rc4.keystream(octets(key), 16, offset).tobytes().hex() == expected


def test_mt19937_and_two_congruential_generators_give_what_the_standard_of_c_plus_plus_demands() -> None:
    """[rand.predef]: the 10,000th output of mt19937, minstd_rand0 and minstd_rand, seeded by default."""
    state = mersenne.seeded(one(5489, np.uint32))
    for _ in range(17):
        state = mersenne.next_words(state, 624)
    assert mersenne.temper(state[10_000 - 16 * 624 - 1]).tolist() == [4123659995]
    for multiplier, expected in ((16807, 1043618065), (48271, 399268537)):
        x = one(1)
        for _ in range(10_000):
            x = next_number(x, np.uint64(multiplier), np.uint64(0), np.uint64(2**31 - 1))
        assert x.tolist() == [expected]


def test_a_congruential_generator_is_that_of_java() -> None:
    """Random(42).nextInt(), as its documentation defines it."""
    x, found = one(42 ^ 0x5DEECE66D), []
    for _ in range(4):
        x = next_word(x, np.uint64(0x5DEECE66D), np.uint64(11), 48)
        found += (x >> np.uint64(16)).astype(np.uint32).view(np.int32).tolist()
    assert found == [-1170105035, 234785527, -1360544799, 205897768]


def test_xorshift_gives_the_known_run_from_the_seed_of_its_paper() -> None:
    found = [int(xorshift.forward(one(2463534242, np.uint32), steps)[0]) for steps in range(1, 6)]
    assert found == [723471715, 2497366906, 2064144800, 2008045182, 3532304609]


def test_a_register_with_primitive_taps_runs_through_all_states() -> None:
    """x**16 + x**14 + x**13 + x**11 + 1, of period 65,535 (Xilinx application note 52)."""
    taps, state, seen = one(sum(1 << (power - 1) for power in (16, 14, 13, 11))), one(1), set()
    for _ in range(2**16 - 1):
        seen.add(int(state[0]))
        state = feedback_registers.run(state, taps, 16, 1)
    assert len(seen) == 2**16 - 1
    assert state.tolist() == [1]


# Other implementations.


def test_rc4_under_a_thousand_random_keys_is_pycryptodomes() -> None:
    rng = np.random.default_rng(1)
    for key_bytes, dropped in ((1, 0), (5, 3), (16, 256), (32, 768), (256, 1)):
        keys = rng.integers(256, size=(220, key_bytes), dtype=np.uint8)
        found = rc4.keystream(keys, 20, dropped)
        expected = [ARC4.new(bytes(key), drop=dropped).encrypt(bytes(20)) for key in keys]
        assert [bytes(row) for row in found] == expected


def test_reduced_rc4_is_a_second_implementations() -> None:
    rng = np.random.default_rng(2)
    for steps in (0, 1, 5, 100, 256):
        keys = rng.integers(256, size=(20, 5), dtype=np.uint8)
        found = rc4.keystream(keys, 8, 2, steps)
        assert [bytes(row) for row in found] == [plain.rc4(bytes(key), 8, 2, steps) for key in keys]


def test_mt19937_under_random_seeds_is_numpys() -> None:
    seeds = np.random.default_rng(3).integers(2**32, size=30, dtype=np.uint32)
    state = mersenne.seeded(seeds)
    outputs = np.stack([mersenne.temper(word) for word in mersenne.next_words(state, 1_300)], axis=1)
    assert (np.stack(mersenne.first_outputs(seeds, 227), axis=1) == outputs[:, :227]).all()
    for seed, words, row in zip(seeds.tolist(), np.stack(state, axis=1), outputs, strict=True):
        theirs = np.random.MT19937()
        theirs._legacy_seeding(seed)
        assert (theirs.state["state"]["key"] == words).all()
        assert (theirs.random_raw(1_300) == row).all()


def test_mt19937_goes_on_as_pythons_own_from_any_state() -> None:
    words = np.random.default_rng(4).integers(2**32, size=(624, 5), dtype=np.uint32)
    new = mersenne.next_words(list(words), 700)
    for place in range(5):
        theirs = random.Random()
        theirs.setstate((3, (*words[:, place].tolist(), 624), None))
        assert [int(mersenne.temper(word)[place]) for word in new] == [theirs.getrandbits(32) for _ in range(700)]


def test_a_thousand_words_are_tempered_and_shifted_as_written_down_plainly_and_back() -> None:
    words = np.random.default_rng(5).integers(1, 2**32, size=1_000, dtype=np.uint32)
    for lines in (0, 1, 2, 3, 4, 8):
        tempered = mersenne.temper(words, lines)
        assert tempered.tolist() == [plain.temper(word, lines) for word in words.tolist()]
        assert (mersenne.untemper(tempered, lines) == words).all()
    shifted = xorshift.forward(words)
    assert shifted.tolist() == [plain.xorshift(word) for word in words.tolist()]
    assert (xorshift.backward(xorshift.forward(words, 9), 9) == words).all()


def drawn_registers(rng: np.random.Generator, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    return feedback_registers.draw_states(rng, count, size), feedback_registers.draw_taps(rng, count, size)


@pytest.mark.parametrize("size", [1, 2, 8, 31, 32, 33, 63, 64])
def test_registers_and_the_shortest_of_them_are_those_written_down_plainly(size: int) -> None:
    states, taps = drawn_registers(np.random.default_rng(size), 130, size)
    bits = feedback_registers.outputs(states, taps, size, 2 * size + 9)
    for state, tap, row in zip(states.tolist(), taps.tolist(), bits, strict=True):
        assert "".join(map(str, row)) == plain.bits_of(f"{tap:0{size}b}", f"{state:0{size}b}", 2 * size + 9)
    later = feedback_registers.run(states, taps, size, 77)
    assert (feedback_registers.run_back(later, taps, size, 77) == states).all()
    lengths, shortest = feedback_registers.shortest_registers(bits)
    for row, length, tap in zip(bits.tolist(), lengths.tolist(), shortest.tolist(), strict=True):
        expected, polynomial = plain.shortest_register(row)
        assert length == expected <= size
        assert f"{tap:0{max(length, 1)}b}" == ("".join(map(str, polynomial[:0:-1])) or "0")


def test_the_complexity_of_random_bits_is_told_up_to_64_and_beyond_as_above_it() -> None:
    bits = np.random.default_rng(6).integers(2, size=(300, 160), dtype=np.uint8)
    for count in (1, 7, 60, 128, 160):
        found = feedback_registers.shortest_registers(bits[:, :count])[0].tolist()
        expected = [plain.shortest_register(row[:count])[0] for row in bits.tolist()]
        assert [min(length, 65) for length in found] == [min(length, 65) for length in expected]


@pytest.mark.parametrize("count", [20, pytest.param(140, marks=pytest.mark.slow)])
def test_registers_are_those_of_pylfsr(count: int) -> None:
    pylfsr = pytest.importorskip("pylfsr")
    for size in (5, 8, 16, 24, 32, 48, 63, 64):
        states, taps = drawn_registers(np.random.default_rng(size), count, size)
        bits = feedback_registers.outputs(states, taps, size, size + 16)
        for state, tap, row in zip(states.tolist(), taps.tolist(), bits, strict=True):
            stages = [place for place in range(size, 0, -1) if tap >> (place - 1) & 1]
            if len(stages) == 1:
                continue  # it wants two stages or more
            initial = [int(bit) for bit in f"{state:0{size}b}"[::-1]]
            theirs = pylfsr.LFSR(fpoly=stages, initstate=np.array(initial))
            assert [int(bit) for bit in theirs.runKCycle(size + 16)] == row.tolist()


def test_prime_moduli_are_sympys_primes() -> None:
    for bits in (3, 8, 12, 16, 24, 31, 32):
        expected = list(sympy.primerange(max(2 ** (bits - 1), 2**bits - 4096), 2**bits))
        assert prime_moduli(bits).tolist() == expected


# The tasks: each answer anew, from the question alone.


ANEW = [one for one in LEVELS if one.values[0].name not in ("stream/rc4-distinguish",)]


@pytest.mark.parametrize("draws", FEW_AND_MANY)
@pytest.mark.parametrize(("task", "number"), [one for one in ANEW if not one.values[0].name.endswith("-hidden")])
def test_every_answer_is_found_anew_from_the_question(task: Task, number: int, draws: int) -> None:
    slow = task.name in ("stream/lcg-truncated", "stream/mersenne-ahead", "stream/mersenne-next")
    batch = problems(task, number, draws // 5 if slow else 2 * draws)
    answers = texts(batch.answer)
    assert task.answer.canonical(pa.array(answers)).to_pylist() == answers
    cases = list(zip(batch.question.to_pylist(), answers, strict=True))[:draws]
    assert len(cases) >= draws // 5
    assert [case for case in cases if not is_right(*case, dict(task.level(number)))] == []


@pytest.mark.parametrize("number", range(1, 8))
def test_hidden_parameters_are_those_of_one_generator(number: int) -> None:
    """Two numbers and what follows fix a congruential generator; so many runs of bits, a register: by elimination."""
    numbers = find_task("stream/lcg-next-hidden")
    level = numbers.level(number)
    batch = problems(numbers, number, 200)
    m = int(call(batch.question[0].as_py())[1][1])
    assert m == max(sympy.primerange(2 ** level["bits"] - 300, 2 ** level["bits"])) if level["bits"] > 9 else 251
    runs = [(int(call(q)[1][2]), int(a)) for q, a in zip(batch.question.to_pylist(), texts(batch.answer), strict=True)]
    (x, y), (u, v) = runs[0], next(run for run in runs if run[0] != runs[0][0])
    a = (v - y) * pow(u - x, -1, m) % m
    assert all((a * (one - x) + y) % m == other for one, other in runs)
    bits = find_task("stream/lfsr-next-hidden")
    batch = problems(bits, number, 400)
    size, pivots = bits.level(number)["size"], {}
    for question, answer in zip(batch.question.to_pylist(), texts(batch.answer), strict=True):
        row = int(call(question)[1][1] + answer, 2)
        while row > 1 and row.bit_length() in pivots:
            row ^= pivots[row.bit_length()]
        assert row != 1, "two questions contradict one another"
        if row:
            pivots[row.bit_length()] = row
    assert len(pivots) == size


def test_the_second_byte_of_rc4_is_zero_at_twice_chance_and_bytes_after_256_are_not() -> None:
    for number, expected in ((3, 2), (5, 1)):
        task = find_task("stream/rc4-distinguish")
        batch = problems(task, number, 200)
        real = np.array(texts(batch.answer)) == "real"
        shown = [bytes.fromhex(call(question)[1][1]) for question in batch.question.to_pylist()]
        assert {len(row) for row in shown} == {task.level(number)["streams"]}
        for rows, share in ((real, expected / 256), (~real, 1 / 256)):
            zeros = sum(row.count(0) for row, here in zip(shown, rows, strict=True) if here)
            count = int(rows.sum()) * task.level(number)["streams"]
            assert abs(zeros - count * share) < 5 * (count * share) ** 0.5


@pytest.mark.parametrize(("task", "number"), [one for one in ANEW if one.values[0].chance == 0.5])
def test_real_and_random_are_equally_many(task: Task, number: int) -> None:
    answers = np.array(texts(problems(task, number, 10_000).answer))
    assert abs(np.mean(answers == "real") - 0.5) < 0.025


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_nothing_stands_in_two_splits(task: Task) -> None:
    found = audit(task, count=64 if task.draws < 2**14 else 1_000)
    assert found.faults == []
    assert (found.overlaps.text, found.overlaps.key) == (0, 0)


@pytest.mark.parametrize(
    ("one", "other"), [("xorshift-next", "xorshift-state"), ("mersenne-temper", "mersenne-untemper")]
)
def test_a_problem_and_its_inverse_share_their_key(one: str, other: str) -> None:
    there, back = (find_task(f"stream/{name}") for name in (one, other))
    first, second = (task(stream("test", "same", 1, 0), 50, **there.level(2)) for task in (there, back))
    pairs = [(call(q)[1][1], a) for q, a in zip(first.question.to_pylist(), texts(first.answer), strict=True)]
    assert pairs == [(a, call(q)[1][1]) for q, a in zip(second.question.to_pylist(), texts(second.answer), strict=True)]
    assert (first.key == second.key).all()


@pytest.mark.parametrize("name", ["mersenne-seed", "rc4-key", "xorshift-state", "lfsr-taps"])
def test_no_key_of_the_test_stands_in_training(name: str) -> None:
    batch = problems(find_task(f"stream/{name}"), 2, 20_000)
    splits, keys = split_of(batch.key), np.array([q + a if name == "lfsr-taps" else a for q, a in _rows(batch)])
    assert not set(keys[splits == 0]) & set(keys[splits != 0])


def _rows(batch) -> list[tuple[str, str]]:
    return list(zip(batch.question.to_pylist(), texts(batch.answer), strict=True))


BAD = [
    (lambda rng: number_generators.xorshift_next(rng, 5, steps=0), "0 steps"),
    (lambda rng: number_generators.xorshift_key(rng, 5, top=6, words=4), "the top 6 bits"),
    (lambda rng: number_generators.xorshift_key(rng, 5, top=8, words=0), "0 words"),
    (lambda rng: number_generators.mersenne_next(rng, 5, steps=-1), "-1 lines"),
    (lambda rng: number_generators.mersenne_seed(rng, 5, space=33), "seeds of 33 bits"),
    (lambda rng: number_generators.mersenne_ahead(rng, 5, ahead=0), "0 ahead"),
    (lambda rng: congruential_generators.lcg_next(rng, 5, bits=33), "a prime modulus of 33 bits"),
    (lambda rng: congruential_generators.lcg_truncated(rng, 5, bits=8, top=9, words=3), "the top 9 of 8 bits"),
    (lambda rng: keystreams.lfsr_next(rng, 5, size=65), "a register of 65 bits"),
    (lambda rng: keystreams.lfsr_taps(rng, 5, size=0), "a register of 0 bits"),
    (lambda rng: keystreams.lfsr_state(rng, 5, size=8, dropped=0), "0 dropped"),
    (lambda rng: keystreams.rc4_keystream(rng, 5, steps=257, dropped=0), "257 steps"),
    (lambda rng: keystreams.rc4_keystream(rng, 5, steps=4, dropped=0), "4 steps"),
    (lambda rng: keystreams.rc4_key(rng, 5, key_bytes=0, dropped=0), "0 key_bytes"),
    (lambda rng: keystreams.rc4_key(rng, 5, key_bytes=5, dropped=-1), "8 bytes after -1"),
    (lambda rng: keystreams.rc4_distinguish(rng, 5, streams=0, dropped=1), "0 streams"),
    (lambda rng: mersenne.next_words([1], 1), "a state of 1 words"),
    (lambda rng: mersenne.seeded(one(1, np.uint32), 625), "625 words"),
    (lambda rng: mersenne.first_outputs(one(1, np.uint32), 228), "228 first outputs"),
    (lambda rng: rc4.keystream(np.zeros((3, 0), np.uint8), 4), "a key of 0 bytes"),
]


@pytest.mark.parametrize(("ask", "said"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_levels_that_mean_nothing_are_user_errors(ask, said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        ask(np.random.default_rng(0))
