"""Which sentences of the source are to be translated, found without GNU gettext: in Python by its syntax tree, in templates by Django's lexer."""

import ast
import re
import subprocess
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
NOT_SOURCE = {".venv", "tests", "benchmarks", "var", "docs", "migrations", "requirements"}
CALLS = {  # name of the function → places of (singular, plural, context) among its arguments
    "_": (0, None, None),
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
    "npgettext_lazy": (1, 2, 0),
}


def _text(node):
    """The string a call's argument is, adjacent literals joined; None where it is not a literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _calls_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
            if name in CALLS:
                texts = [_text(a) for a in node.args]
                pick = [texts[i] if i is not None and i < len(texts) else None for i in CALLS[name]]
                if pick[0]:
                    yield node.lineno, *pick


def in_python(path):
    """(line, message, plural or None, context or None) of every call of a gettext function with literal arguments."""
    return _calls_in(ast.parse(path.read_text(encoding="utf-8")))


_TEMPLATE_CALL = re.compile(r"\b(?:n?p?gettext|_)\((?:u?(['\"])(?:\\.|(?!\1).)*?\1|[^()'\"])*\)", re.S)


def in_template(path):
    """The same of a template: Django turns it into calls for xgettext, which are read here."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in _TEMPLATE_CALL.finditer(source):
        line = source.count("\n", 0, call.start()) + 1
        for _line, *message in _calls_in(ast.parse(call.group().replace("\n", "\\n"))):
            yield line, *message


def sources():
    """Python files and templates that git knows or would take, apart from tests and tools."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "templates/*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = (
        listed.stdout.split("\n") if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py")]
    )
    return sorted(ROOT / n for n in names if n and not NOT_SOURCE & set(Path(n).parts) and (ROOT / n).is_file())


def wanted():
    """A catalogue of every sentence of the source, with where it stands."""
    catalogue = Catalog(locale="en", charset="utf-8", fuzzy=False)  # a fuzzy one is skipped when it is compiled
    for path in sources():
        find = in_python if path.suffix == ".py" else in_template
        for line, message, plural, context in find(path):
            ident = (message, plural) if plural else message
            catalogue.add(ident, locations=[(str(path.relative_to(ROOT)), line)], context=context)
    return catalogue


def translated():
    """The English catalogue as it stands in the repository; empty where there is none."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def faults():
    """Sentences, one a fault: a message without an English text, or one whose placeholders differ."""
    have = translated()
    for message in wanted():
        if not message.id:
            continue
        there = have.get(message.id, message.context)
        where = f"{message.locations[0][0]}:{message.locations[0][1]}" if message.locations else ""
        strings = (there.string if isinstance(there.string, (tuple, list)) else (there.string,)) if there else ()
        if not strings or not all(strings) or there.fuzzy:
            yield f"{where}: no English for {message.id!r}"
        elif difference := _placeholders(message.id) ^ set().union(*map(_placeholders, strings)):
            yield f"{where}: placeholders {sorted(difference)} differ in {message.id!r}"


def _placeholders(text):
    texts = text if isinstance(text, (tuple, list)) else (text,)
    return {m for t in texts for m in re.findall(r"%\(\w+\)[sdf]|\{\w*\}", t)}


def update():
    """Bring the catalogue in line with the source: new sentences wait empty, gone ones go. Returns how many wait."""
    have, new = translated(), wanted()
    for message in new:
        old = have.get(message.id, message.context) if message.id else None
        if old and old.string:
            message.string = old.string
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=120, sort_by_file=True, omit_header=False)
    return sum(1 for _ in faults())
