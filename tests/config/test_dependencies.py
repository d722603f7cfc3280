"""What is installed: locked with hashes, without an address, each direct one explained."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name):
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.M))


def name_of(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement).group().lower().replace("_", "-")


def test_the_developers_list_holds_every_line_of_the_sites():
    assert pins("run").items() <= pins("dev").items()


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_pin_has_a_hash_and_the_list_names_no_address(name):
    text = (ROOT / f"requirements/{name}.txt").read_text()
    assert "://" not in text
    for pin in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in pin, pin.split()[0]


def test_every_direct_dependency_is_locked():
    direct = {name_of(r) for r in PROJECT["dependencies"]}
    assert direct <= set(pins("run"))
    assert {name_of(r) for r in PROJECT["optional-dependencies"]["dev"]} <= set(pins("dev"))


def test_every_direct_dependency_is_explained_in_one_line():
    page = (ROOT / "docs/dependencies.md").read_text().lower()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    words = {re.sub(r"\[.*?\]", "", word) for row in rows for word in re.split(r"[\s、，]+", row)}
    for requirement in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        assert name_of(requirement) in words, requirement
