"""Finds what the rooms declare: their lists INDICATORS and TOUCHES in `indicators.py`. Nothing registers itself."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


@cache
def _modules():
    names = [c.name for c in apps.get_app_configs() if not c.name.startswith("django.")]
    found = [import_module(f"{name}.indicators") for name in names if find_spec(f"{name}.indicators")]
    return [module for module in found if hasattr(module, "INDICATORS")]  # periods keeps only the words there


@cache
def indicators():
    """Every declared indicator by its code, in the order of the rooms and of their lists."""
    return {i.code: i for module in _modules() for i in module.INDICATORS}


@cache
def groups():
    """[(title, [indicators])]: a group for each room that declares some."""
    return [(module.GROUP, list(module.INDICATORS)) for module in _modules()]


@cache
def touches():
    """Every table whose rows move a figure, and how."""
    return [touch for module in _modules() for touch in module.TOUCHES]


@cache
def hanging_on(tree):
    """Codes of the indicators whose rows hang on "division" or on "station"."""
    return [code for code, i in indicators().items() if i.hangs_on == tree]


def versions():
    """{code: version} as declared now."""
    return {code: i.version for code, i in indicators().items()}
