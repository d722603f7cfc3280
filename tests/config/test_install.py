"""`.venv` is made once, made anew after an interruption, and a machine that lacks something is told so in one sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL = Path(__file__).resolve().parents[2] / "requirements/install.py"


@pytest.fixture
def copy(tmp_path):
    """A repository whose locks are empty: nothing is fetched."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(INSTALL, tmp_path / "requirements")
    for name in ("run", "dev"):
        (tmp_path / f"requirements/{name}.txt").write_text("# nothing\n")
    return tmp_path


def install(copy, name="run", before=""):
    """What it printed, and its exit code. `before` is run first, to take something away."""
    code = f"import sys, runpy\n{before}\nsys.argv = ['install.py', {name!r}]\n"
    code += "runpy.run_path('requirements/install.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr, done.returncode


def test_it_is_made_once_and_again_only_when_the_list_changes(copy):
    said, code = install(copy)
    assert code == 0 and "Making .venv" in said
    assert install(copy) == ("", 0)
    (copy / "requirements/run.txt").write_text("# changed\n")
    said, code = install(copy)
    assert code == 0 and "Installing" in said and "Making" not in said
    assert install(copy) == ("", 0)


def test_the_developers_list_covers_the_sites(copy):
    assert install(copy, "dev")[1] == 0
    assert install(copy, "run") == ("", 0)


def test_an_installation_that_was_cut_short_is_begun_anew(copy):
    install(copy)
    (copy / ".venv/unfinished").touch()
    (copy / ".venv/installed-run").unlink()
    said, code = install(copy)
    assert code == 0 and "Making .venv" in said and not (copy / ".venv/unfinished").exists()


def test_a_missing_venv_module_is_named_with_the_package_that_has_it(copy):
    said, code = install(copy, before="sys.modules['ensurepip'] = None")
    assert code != 0 and "apt install python3-venv" in said and "Traceback" not in said


def test_an_old_python_is_named(copy):
    said, code = install(copy, before="sys.version_info = (3, 9, 2)")
    assert code != 0 and "3.11" in said and "3.9" in said and "Traceback" not in said


def test_a_list_that_cannot_be_installed_leaves_no_stamp(copy):
    (copy / "requirements/run.txt").write_text("not-hashed==1\n")
    said, code = install(copy)
    assert code != 0 and "Traceback" not in said
    assert not (copy / ".venv/installed-run").exists()
