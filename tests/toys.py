"""Toy models, tasks and a suite of them, as a stranger would write them to files: texts, run where a test asks."""

MODELS = '''
import os, subprocess, time

class Calculator:
    """Adds."""

    def predict(self, questions):
        return [str(sum(map(int, question.split("+")))) for question in questions]


class Guesser:
    """Says one."""

    shortcut = True

    def predict(self, questions):
        return ["1"] * len(questions)


class Broken:
    def predict(self, questions):
        raise RuntimeError("broken on purpose")


class Exits:
    def predict(self, questions):
        raise SystemExit(0)


class Interrupts:
    def predict(self, questions):
        raise KeyboardInterrupt


class Mumbles:
    def fit(self, train, validation, budget):
        return "done"

    def predict(self, questions):
        return None


class Killed:
    def predict(self, questions):
        os.kill(os.getpid(), 9)


class Slow:
    def predict(self, questions):
        time.sleep(60)


class Spawner:
    """Starts a process of its own and outlives every limit."""

    def predict(self, questions):
        subprocess.Popen(["sleep", "304.25"])
        time.sleep(60)


class Hostile:
    """Says what nobody should have to print."""

    def predict(self, questions):
        words = ["\\ud800", "9" * 10**6, "\\x1b[31mred", "<script>alert(1)</script>", "\\x00", None, "=1+1", ""]
        return [words[place % len(words)] for place in range(len(questions))]


class Parent:
    """Says which process its own was forked from."""

    def predict(self, questions):
        return [str(os.getppid())] * len(questions)


class Nap:
    """Takes its time, so that a test can interrupt it."""

    def predict(self, questions):
        time.sleep(0.7)
        return ["1"] * len(questions)
'''

TASKS = '''
from enigmath.bench.contracts import Integer, Problem, task


@task("toy/sum", answer=Integer(), levels=[dict(top=99), dict(top=999)], beyond=[dict(top=9999)])
def total(rng, top):
    """The sum of two numbers."""
    a, b = sorted(int(number) for number in rng.integers(0, top + 1, 2))
    if rng.random() < 0.5:
        a, b = b, a
    key = "+".join(map(str, sorted((a, b))))
    return Problem(f"{a}+{b}", a + b, key=key, traits=dict(digits=max(len(str(a)), len(str(b)))))
'''

SUITE = """
name = "toy"
train = 300
validation = 40
test = 50

[[tasks]]
name = "tasks.py:total"
title = "toy/sum"
levels = [1, 2]
beyond = [3]
"""
