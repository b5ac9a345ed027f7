"""What is asked: one module an area; a task is a decorated function."""

if __name__ != "enigmath.generators":
    raise ImportError(
        "import enigmath.generators, not generators: the bare name would make a second copy of every module"
    )
