"""Sites that a test starts, and that are gone after it."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.config.starting import Running


@pytest.fixture
def folder():
    """An empty folder with a short path: one for sockets, and one that root's database user may enter."""
    made = Path(tempfile.mkdtemp(prefix="sg-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def begin(folder):
    """Start a site: `begin(name="var", port=None, **environment)`."""
    sites = []

    def begin(name="var", port=None, **env):
        sites.append(Running(folder / name, port, **env))
        return sites[-1]

    yield begin
    for site in sites:
        site.sweep()
