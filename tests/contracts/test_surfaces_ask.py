"""Surfaces reach rows by `visible_to(user)` alone, or say in words why not: read from the syntax tree."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from accounts.querysets import ScopedQuerySet

SURFACES = ("views", "api", "admin", "forms", "tasks", "exports", "panels")
# Bookkeeping of the surfaces themselves and models that no place owns, each with its reason.
OWN = {
    "ClientRef": "one account's own references",
    "Heartbeat": "a clock",
}
# Places where the rows hang on something that was asked for a line earlier.
HANGING = {
    "casework/api/papers.py Goal": "of plans of a case that the view has found in reach",
    "casework/api/rows.py DueItem": "of the outer query's cases, which are in reach",
    "casework/api/rows.py ClientCategory": "of the outer query's clients, which are in reach",
    "casework/api/views.py Event": "of a case that the view has found in reach",
    "workforce/forms.py User": "accounts with a post among those in reach",
}


def surfaces():
    """Files of surfaces: `views.py`, `api/…`, `admin/…` of every room."""
    rooms = [p.parent for p in Path(settings.BASE_DIR).glob("*/apps.py")]
    for room in rooms:
        for name in SURFACES:
            yield from [room / f"{name}.py"] if (room / f"{name}.py").exists() else []
            yield from (room / name).rglob("*.py") if (room / name).is_dir() else []


def unasked(tree):
    """(line, source) of expressions with `.objects` that neither ask for a user nor say why not."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")):
            continue
        top = node
        while isinstance(parents.get(top), ast.Attribute | ast.Call) and not _is_argument(top, parents[top]):
            top = parents[top]
        calls = {n.func.attr: n for n in ast.walk(top) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
        reason = calls.get("unscoped")
        if "visible_to" in calls or (
            reason and reason.args and isinstance(reason.args[0], ast.Constant) and reason.args[0].value
        ):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in OWN:
            continue
        if _only_asks_whether_it_can(node, parents):
            continue
        yield node.lineno, ast.unparse(top)


def _is_argument(node, parent):
    return isinstance(parent, ast.Call) and node is not parent.func


def _only_asks_whether_it_can(node, parents):
    """`hasattr(model.objects, "visible_to")`, `model.objects.none()`, and a name for the manager that is asked further down."""
    parent = parents.get(node)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("hasattr", "getattr"):
        return True
    return isinstance(parent, ast.Attribute) and parent.attr == "none"


@pytest.mark.parametrize("path", sorted(surfaces()), ids=lambda p: str(p.relative_to(settings.BASE_DIR)))
def test_no_surface_reaches_past_the_door(path):
    name = str(path.relative_to(settings.BASE_DIR))
    found = [
        f"{name}:{line}: {text}" for line, text in unasked(ast.parse(path.read_text("utf-8")))
        if f"{name} {text.partition('.')[0]}" not in HANGING
    ]  # fmt: skip
    assert not found, "ask .visible_to(user), or say .unscoped(why):\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("source", "fine"),
    [
        ("Station.objects.visible_to(user).filter(a=1)", True),
        ("Station.objects.filter(a=1).visible_to(user)", True),
        ("Station.objects.unscoped('the system itself').get(pk=1)", True),
        ("Station.objects.unscoped('').get(pk=1)", False),
        ("Station.objects.get(pk=1)", False),
        ("Station._default_manager.get(pk=1)", False),
        ("f(Station.objects.all(), Station.objects.visible_to(user))", False),
        ("x.filter(pk__in=Station.objects.filter(a=1)).visible_to(user)", False),
    ],
)
def test_the_reader_of_the_syntax_tree_is_not_fooled(source, fine):
    assert (not list(unasked(ast.parse(source)))) is fine


def test_every_model_behind_the_api_is_scoped():
    from tests.contracts.addresses import addresses

    models = {a.view_class.model for a in addresses() if a.is_api and getattr(a.view_class, "model", None) is not None}
    through_another = {"casework.goal"}  # found through its case, which is
    loose = [m._meta.label_lower for m in models if not isinstance(m.objects.all(), ScopedQuerySet)]
    assert models and not set(loose) - through_another


def test_every_table_of_the_officials_admin_is_scoped():
    """Other tables are the system administrator's alone."""
    from django.contrib import admin

    from accounts.admin import SuperuserAdmin
    from surfaces.admin import ScopedAdmin

    third_party = {"axes.accessattempt"}
    loose = [
        m._meta.label_lower for m, kept in admin.site._registry.items()
        if not isinstance(kept, ScopedAdmin | SuperuserAdmin) and m._meta.label_lower not in third_party
    ]  # fmt: skip
    assert loose == []


def test_saying_no_reason_is_an_error(db):
    from stations.models import Station

    with pytest.raises(ValueError):
        Station.objects.unscoped("")
