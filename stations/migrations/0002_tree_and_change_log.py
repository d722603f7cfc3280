"""Guards of the tree's columns, and the recording of every table of the room."""

from django.db import migrations

from accounts.changes import track
from stations.tree import GUARD, UNGUARD

PICTURE = [
    "parent_id",
    "lft",
    "rght",
    "tree_id",
    "depth",
    "status",
    "operating_since",
    "updated_at",
    "pinyin",
    "initials",
]


class Migration(migrations.Migration):
    dependencies = [("stations", "0001_initial"), ("accounts", "0002_change_log")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        track("stations_station", quiet=PICTURE),
        track("stations_stationstatus"),
        track("stations_stationparent"),
        track("stations_division", quiet=["pinyin", "initials", "tile_row", "tile_column"]),
        track("stations_divisionchange"),
        track("stations_divisionlineage"),
        track("stations_coverageunit"),
        track("stations_agency"),
        track("stations_post"),
    ]
