"""Imports of station rosters in the small world, and the sample rosters with the code lists they speak of."""

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from accounts.models import User
from exchange import actions
from exchange.models import Import
from stations.models import CoverageUnit, Division, Station
from stations.releases import Row, take_over

ROSTERS = Path(__file__).parent / "rosters"
EXPECTED = json.loads((ROSTERS / "expected.json").read_text())
LEVELS = {"province": 1, "city": 2, "district": 3, "township": 4, "village": 5}
SYSTEM = User(username="system", is_superuser=True)


def picture(within="42"):
    """Every column of every station, with its dated rows, but the moment of its last change and its tree's number."""
    found = {}
    for station in Station.objects.filter(code__startswith=within).order_by("code"):
        values = {f.attname: getattr(station, f.attname) for f in Station._meta.concrete_fields}
        for name in ("updated_at", "tree_id"):
            values.pop(name)
        values["statuses"] = [(row.status, str(row.span)) for row in station.status_rows.order_by("span")]
        values["parents"] = [
            (row.parent_id, str(row.span), row.by_default) for row in station.parent_rows.order_by("span")
        ]
        found[station.code] = values
    return found


def codes(faults):
    """What is wrong, as (row, column, code)."""
    return [(fault["row"], fault["column"], fault["code"]) for fault in faults]


class Desk:
    """Somebody who imports: `take` a CSV or a file and see how it ended."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def file(self, *lines):
        self.count += 1
        path = self.folder / f"{self.count}.csv"
        path.write_text("\n".join(",".join(line) for line in lines) + "\n", "utf-8-sig")
        return path

    def take(self, *lines, user=SYSTEM, within="", mode=Import.COMMIT, path=None, **more):
        path = path or self.file(*lines)
        run = actions.request_import(
            user, kind="stations", file=path, name=path.name, mode=mode, within=within, start=False, **more
        )
        return actions.write(run, user) if mode == Import.COMMIT else actions.check(run, user)

    def undo(self, run, user=SYSTEM):
        return actions.take_back(actions.undo_import(user, run, start=False), user)


@pytest.fixture
def desk(world, tmp_path):
    desk = Desk(tmp_path)
    desk.world = world
    return desk


@pytest.fixture
def published(db, tmp_path):
    """The code list of 鄂州 and 固原 as published, with what 鄂州 owes."""
    with open(ROSTERS / "divisions.csv", encoding="utf-8") as file:
        rows = [
            Row(number, line["code"], line["name"], LEVELS[line["level"]], line["parent_code"])
            for number, line in enumerate(csv.DictReader(file), 2)
        ]
    _counts, complaints = take_over(None, rows, dt.date(2020, 1, 1), "代码表")
    assert not complaints
    assert Division.objects.filter(level=4, code__startswith="4207").count() == 28
    assert CoverageUnit.objects.exists()
    return Desk(tmp_path)
