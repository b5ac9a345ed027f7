"""The harness: contracts, data, splits, metrics, suites, runner, store, command line, pytest plug-in."""

if __name__ != "enigmath.bench":
    raise ImportError("import enigmath.bench, not bench: the bare name would make a second copy of every module")
