"""The table of `make speed`: each promise has a task that is measured, and what falls short is marked."""

from speed.promises import INTEGERS, MODULES, ORDER, TASKS, Measured, promise_of, table

from enigmath.bench.contracts.registry import find_task, tasks


def test_what_promises_a_rate_exists_and_is_measured() -> None:
    found = tasks().plugins.values()
    assert set(TASKS) <= {task.name for task in found}
    assert set(MODULES) <= {task.function.__module__.rpartition(".")[2] for task in found}
    assert {promise_of(task) for task in found} - {None} == set(ORDER)


def test_a_promise_is_measured_by_its_slowest_task_and_marked_where_it_falls_short() -> None:
    lcm, order = find_task("numbers/lcm"), find_task("numbers/multiplicative-order")
    rates = [(lcm, 4, 2_000_000.0), (order, 3, 900_000.0), (order, 5, 800_000.0)]
    lines = table([Measured(task, number, INTEGERS, rate) for task, number, rate in rates])
    (row,) = [line for line in lines if line.startswith(INTEGERS.line)]
    assert "900,000  below  numbers/multiplicative-order" in row
    assert "reasoning-gym 134,000 (7x)" in row
    assert lines[-1] == "  numbers/multiplicative-order level 5: 800,000 of 1,000,000"


def test_nothing_is_marked_that_holds_its_promise() -> None:
    lines = table([Measured(find_task("numbers/lcm"), 4, INTEGERS, 1_000_000.0)])
    assert not any("below" in line.lower() for line in lines)
