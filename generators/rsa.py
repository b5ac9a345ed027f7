"""RSA without padding on moduli of 8 to 64 bits: encrypt, decrypt, find the private exponent, tell the parity.

A modulus is the product of two different primes, uniform over those from 2**(bits/2 - 2) to 2**(bits/2); the public
exponent is 17 below 20 bits, else 65537. From 16 bits on, the moduli of training, validation and test are different
ones; smaller ones are too few to be held out. A plaintext and its ciphertext share their key, whatever is asked.
"""

from typing import Any, Final

import numpy as np

from enigmath.bench.contracts import Batch, Choice, Integer, hash_integers, task
from enigmath.bench.primitives.modular import (
    Numbers,
    draw_prime_pairs,
    private_exponent,
    public_exponent,
    rsa,
    uniform,
)
from enigmath.generators.digits import join, pick
from enigmath.generators.modular_cryptography import PARITIES, decimal, held_out, sizes

_LEVELS: Final[dict[str, Any]] = {
    "levels": [{"bits": bits} for bits in (8, 12, 16, 24, 32)],
    "beyond": [{"bits": 48}, {"bits": 64}],
    "bulk": True,
}


def _messages(rng: np.random.Generator, n: int, bits: int) -> tuple[tuple[Numbers, Numbers], Numbers, Numbers]:
    """The two primes, plaintexts uniform over 1 .. modulus - 1, and their ciphertexts."""
    p, q = draw_prime_pairs(rng, n, bits)
    plain = uniform(rng, 1, p * q, n)
    return (p, q), plain, rsa(plain, public_exponent(bits), p, q)


def _batch(bits: int, way: str, modulus: Numbers, exponent: Any, shown: Numbers, plain: Numbers, answer: Any) -> Batch:
    said = str(exponent) if isinstance(exponent, int) else decimal(exponent)
    question = join(f"rsa.{way}(", decimal(modulus), ",", said, ",", decimal(shown), ")")
    keys = held_out(modulus, hash_integers("rsa", modulus, plain), bits)
    return Batch(question, answer, keys, sizes(len(modulus), bits=bits))


@task("modular/rsa-encrypt", answer=Integer(), **_LEVELS)
def rsa_encrypt(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """A number encrypted by RSA, modulus and public exponent first, as in `rsa.encrypt(3233,17,65)` = `2790`.

    The answer is 65^17 modulo 3233. Levels grow by the modulus. Guessing scores next to nothing from 12 bits on.
    Source: Rivest, Shamir and Adleman, 1978.
    """
    (p, q), plain, secret = _messages(rng, n, bits)
    return _batch(bits, "encrypt", p * q, public_exponent(bits), plain, plain, decimal(secret))


@task("modular/rsa-decrypt", answer=Integer(), **_LEVELS)
def rsa_decrypt(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """A number decrypted by RSA, modulus and private exponent first, as in `rsa.decrypt(3233,413,2790)` = `65`.

    The same power, with an exponent as long as the modulus: the least that undoes the public one. Levels grow by the
    modulus. Source: Rivest, Shamir and Adleman, 1978.
    """
    (p, q), plain, secret = _messages(rng, n, bits)
    exponent = private_exponent(public_exponent(bits), p, q)
    return _batch(bits, "decrypt", p * q, exponent, secret, plain, decimal(plain))


@task(
    "modular/rsa-key",
    answer=Integer(),
    levels=[{"bits": bits} for bits in (16, 20, 24, 28, 32)],
    beyond=[{"bits": 48}, {"bits": 64}],
    bulk=True,
    solve="square-root-methods",
)
def rsa_key(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """RSA's private exponent from modulus and public exponent alone, as in `rsa.key(3233,17)` with the answer `413`.

    The least d with 17 d = 1 modulo lcm(p - 1, q - 1): no easier than to factor the modulus. Levels grow by it;
    at 16 bits there are some 600 of them, at 24 some 76,000. The answer's leading digits are as hard as the
    others. Source: Rivest, Shamir and Adleman, 1978, with the exponent of RFC 8017.
    """
    p, q = draw_prime_pairs(rng, n, bits)
    exponent, modulus = public_exponent(bits), p * q
    question = join("rsa.key(", decimal(modulus), f",{exponent})")
    answer = decimal(private_exponent(exponent, p, q))
    keys = held_out(modulus, hash_integers("rsa key", modulus), bits)
    return Batch(question, answer, keys, sizes(n, bits=bits))


@task("modular/rsa-parity", answer=Choice(PARITIES), chance=0.5, solve="square-root-methods", **_LEVELS)
def rsa_parity(rng: np.random.Generator, n: int, bits: int) -> Batch:
    """Whether the plaintext of an RSA ciphertext is even or odd, as in `rsa.parity(3233,17,2790)` = `odd`.

    Modulus, public exponent, ciphertext: the plaintext is 65. Whoever tells this bit better than by guessing can
    decrypt all of it: Alexi, Chor, Goldreich and Schnorr, "RSA and Rabin functions: certain parts are as hard as
    the whole", 1988. Exactly half of the plaintexts are even. Levels grow by the modulus.
    """
    (p, q), plain, secret = _messages(rng, n, bits)
    answer = pick(PARITIES, plain & np.uint64(1))
    return _batch(bits, "parity", p * q, public_exponent(bits), secret, plain, answer)
