"""`python -m benchmarks [PART …]`: builds the nation in a database of its own, measures, prints a table, writes VAR_DIR/bench.json.

BENCH_FOLDER names a folder where the nation is kept for the next run (then without the row "tree").
"""

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

PARTS = ("tree", "moves", "rollup", "reading", "cases", "recording", "importing")
WITH_CASES = {"rollup", "cases", "recording"}


def main(asked):
    from config import embedded

    unknown = set(asked) - set(PARTS)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}？可以是 {' '.join(PARTS)}")
    out = Path(os.environ.get("VAR_DIR") or "var").absolute() / "bench.json"
    with contextlib.ExitStack() as stack:
        folder = os.environ.get("BENCH_FOLDER") or stack.enter_context(
            tempfile.TemporaryDirectory(prefix="shegong-bench-")
        )
        urls = stack.enter_context(embedded.services(folder, purpose="bench"))
        os.environ.update(
            keys_of(Path(folder)), VAR_DIR=folder, DATABASE_URL=urls[0], REDIS_URL=urls[1], DEBUG="", STATEMENT_TIMEOUT="0",
            LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="config.settings",
        )  # fmt: skip
        import django

        django.setup()
        run([part for part in PARTS if part in asked or not asked], out)


def keys_of(folder):
    """The keys that the nation's protected fields were written with: a kept nation keeps them."""
    from config.keys import NAMES, write_keys

    file = folder / "keys.env"
    if not file.exists():
        write_keys(file)
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return {name: value for name, value in pairs if name in NAMES}


def run(parts, out):
    from importlib import import_module

    from django.core.management import call_command
    from django.db import connection

    from benchmarks import measuring, nation

    began = time.time()
    call_command("migrate", verbosity=0)
    measuring.say(f"{nation.load_divisions():,} 个区划")
    import_module("benchmarks.tree").build(measured="tree" in parts)
    if WITH_CASES & set(parts):
        import_module("benchmarks.caseload").load()
    for part in parts:
        if part != "tree":
            import_module(f"benchmarks.{part}").run()
    measuring.keep(
        out, seconds=round(time.time() - began), postgresql=connection.cursor().connection.info.server_version
    )
    measuring.say("")
    for row in measuring.RESULTS:
        measuring.say(measuring.line(row))
    measuring.say(f"{out}（{round(time.time() - began)} 秒）")


if __name__ == "__main__":
    main(sys.argv[1:])
