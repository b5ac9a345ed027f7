"""Who answers: one module a model family, number encodings, the training loop."""

if __name__ != "enigmath.baselines":
    raise ImportError(
        "import enigmath.baselines, not baselines: the bare name would make a second copy of every module"
    )
