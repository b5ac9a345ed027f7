"""Shared by all tests: a cache of their own, and a suite small enough to run in a second."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from toys import MODELS, SUITE, TASKS

pytest_plugins = ["pytester", "browsing", "probe_samples", "verified_runs"]

# A busy machine is no mistake of ours: nothing fails by the clock alone.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENIGMATH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    """Write a suite of a toy task and the named toy models, and give its path."""

    def write(*models: str, extra: str = "", head: str = "") -> Path:
        (tmp_path / "models.py").write_text(MODELS)
        (tmp_path / "tasks.py").write_text(TASKS)
        entries = "".join(f'\n[[models]]\nname = "models.py:{model}"\n' for model in models)
        path = tmp_path / "toy.toml"
        path.write_text(head + SUITE + entries + extra)
        return path

    return write
