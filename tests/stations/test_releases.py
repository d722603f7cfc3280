"""Code lists as they are published: every level of one code, bad rows, renames with their lineage, districts that change city."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import DomainError
from accounts.models import Change
from config import demo
from stations import tree
from stations.actions import create_station
from stations.models import CoverageUnit, Division, DivisionChange, Station, StationParent
from stations.releases import Row, declare_unit, read, set_coverage, take_over

DAY, NEXT = dt.date(2022, 1, 1), dt.date(2022, 9, 1)
HEAD = "code,name,level,parent_code\n"
PUBLISHED = Path(demo.__file__).parent / "divisions.csv"


def load(text, day=DAY, **more):
    rows, complaints = read(io.StringIO(HEAD + text))
    counts, later = take_over(None, rows, day, **more)
    return counts, complaints + later


def owing(day=DAY):
    """{(name, level)} of the divisions that owe a station."""
    return set(CoverageUnit.objects.owing_on(day).values_list("division__name", "division__level"))


# ── what the published lists hold ────────────────────────────────────────────────────────────────
QUEMOY = """350000000000,福建省,province,
350500000000,泉州市,city,350000000000
350527000000,金门县,district,350500000000
350527000000,金门县,township,350527000000
350527000000,金门县,village,350527000000
"""


def test_a_code_that_stands_at_three_levels_is_three_divisions_each_below_the_next(db):
    _counts, complaints = load(QUEMOY)
    assert not complaints
    district, town, village = Division.objects.filter(code="350527000000").order_by("level")
    assert (town.parent, village.parent) == (district, town)
    assert (village.district, village.township, village.city.name) == (district, town, "泉州市")
    assert Division.objects.highest("350527000000") == district
    assert Division.objects.within(district).count() == 3


def test_stations_of_such_a_code_stand_in_one_line(world):
    load(QUEMOY.replace("350000000000,福建省,province,\n", "").replace("350000000000", "420000000000"))
    by_level = {d.level: d for d in Division.objects.filter(code="350527000000")}
    made = [
        create_station(
            world.users["superuser"], name=f"{tier}", tier=tier, division=by_level[tier + 1], status="operating"
        )
        for tier in (2, 3, 4)
    ]
    assert [s.code for s in made] == [f"350527000000-{n}" for n in (1, 2, 3)]
    assert [s.parent for s in made] == [None, *made[:2]]
    assert not tree.faults()


def test_a_city_without_districts_has_its_townships_below_it(db):
    counts, complaints = load(
        "440000000000,广东省,province,\n441900000000,东莞市,city,440000000000\n"
        "441900000000,东莞市,district,441900000000\n441900003000,东城街道,township,441900000000\n"
        "441900401000,松山湖,township,441900000000\n"
    )
    assert (counts["created"], complaints) == (5, [])
    town = Division.objects.get(name="东城街道")
    assert (town.parent.level, town.city.name) == (3, "东莞市")
    assert owing() == {("东莞市", 2), ("东城街道", 4)}, "neither the pseudo-district nor a functional zone"


@pytest.mark.parametrize(
    ("row", "owes"),
    [
        ("429000000000,省直辖县级行政区划,city,420000000000", False),
        ("110100000000,市辖区,city,110000000000", False),
        ("500200000000,县,city,500000000000", False),
        ("130101000000,市辖区,district,130100000000", False),
        ("320571000000,苏州工业园区,district,320500000000", False),
        ("130171000000,石家庄高新技术产业开发区,district,130100000000", False),
        ("420681000000,枣阳市,district,420600000000", True),
        ("420704000000,鄂城区,district,420700000000", True),
        ("420702100000,太和镇,township,420702000000", True),
        ("420702001000,某街道,township,420702000000", True),
        ("420702200000,某乡,township,420702000000", True),
        ("420702400000,某开发区,township,420702000000", False),
        ("420702500000,某农场,township,420702000000", False),
        ("420702100201,谢埠村,village,420702100000", True),
    ],
)
def test_who_owes_a_station_until_an_official_says_otherwise(db, row, owes):
    parent = row.rsplit(",", 1)[1]
    levels = {"city": "province", "district": "city", "township": "district", "village": "township"}
    above = levels[row.split(",")[2]]
    load(f"{parent},上级,{above},\n{row}\n")
    assert (row.split(",")[1] in {name for name, _level in owing()}) is owes


def test_a_published_list_goes_in_whole_and_a_second_run_changes_nothing(db):
    file = str(PUBLISHED)
    out, err = io.StringIO(), io.StringIO()
    call_command("load_divisions", file, "--as-of", "2022-01-01", stdout=out, stderr=err)
    lines = len(PUBLISHED.read_text("utf-8-sig").strip().splitlines()) - 1
    assert Division.objects.count() == lines and not err.getvalue()
    orphans = Division.objects.filter(level__gt=1, parent=None)
    assert not orphans.exists()
    before = Change.objects.count()
    call_command("load_divisions", file, stdout=out, stderr=err)
    assert Change.objects.count() == before
    assert f"不变 {lines}" in out.getvalue()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────
def test_bad_rows_are_listed_with_line_and_reason_and_the_rest_goes_in(db):
    counts, complaints = load(
        "42,湖北省,province,\n"  # 2
        "4207,鄂州市,city,42\n"
        "42070x,坏代码,district,4207\n"  # 4
        "420702,梁子湖区,district,4207\n"
        "420702,梁子湖区,district,4207\n"  # 6: twice
        "420703,华容区,county,4207\n"  # 7: unknown level
        "420704,,district,4207\n"  # 8: no name
        "420705100,孤镇,township,420705\n"  # 9: no such parent
        "420705100201,孤村,village,420705100\n"  # 10: nor that one
        "420702100,太和镇\n"  # 11: too short
        "\n"
        "420702101,东沟镇,township,420702\n"
        f"420702102,{'长' * 81},township,420702\n"  # 14
    )
    assert counts == {"created": 4, "updated": 0, "unchanged": 0}
    assert [line for line, _why in sorted(complaints)] == [4, 6, 7, 8, 9, 10, 11, 14]
    assert all(why.strip() for _line, why in complaints)
    assert Division.objects.get(name="东沟镇").code == "420702101000"


@pytest.mark.parametrize("text", ["", "a,b,c,d\n1,2,3,4\n", "代码,名称\n", "\n\n"])
def test_a_file_that_is_no_code_list_is_refused(text):
    with pytest.raises(DomainError) as refused:
        read(io.StringIO(text))
    assert refused.value.code == "no_header"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p / "missing.csv", "打不开"),
        (lambda p: p, "打不开"),
        (
            lambda p: (p / "gbk.csv", (p / "gbk.csv").write_bytes((HEAD + "42,湖北,province,\n").encode("gbk")))[0],
            "UTF-8",
        ),
        (lambda p: (p / "nul.csv", (p / "nul.csv").write_bytes(b"\0\0"))[0], "code,name"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_a_sentence(db, tmp_path, make, said):
    with pytest.raises(CommandError, match=said):
        call_command("load_divisions", str(make(tmp_path)))


def test_a_day_that_is_none_is_refused(db, tmp_path):
    with pytest.raises(CommandError, match="--as-of"):
        call_command("load_divisions", str(tmp_path), "--as-of", "2022-02-30")


# ── new lists ────────────────────────────────────────────────────────────────────────────────────
SMALL = """420000000000,湖北省,province,
420700000000,鄂州市,city,420000000000
420702000000,梁子湖区,district,420700000000
420702100000,太和镇,township,420702000000
"""


def test_a_rename_is_written_with_its_lineage_and_nothing_else_changes(db):
    load(SMALL)
    counts, complaints = load(SMALL.replace("太和镇", "太和街道"), NEXT, document="鄂民〔2022〕7号")
    assert (counts, complaints) == ({"created": 0, "updated": 1, "unchanged": 3}, [])
    note = DivisionChange.objects.get()
    assert (note.kind, note.before, note.after, note.effective_on, note.document) == (
        "rename", "太和镇", "太和街道", NEXT, "鄂民〔2022〕7号",
    )  # fmt: skip
    town = Division.objects.get(code="420702100000")
    assert (town.name, town.initials, town.valid_from) == ("太和街道", "thjd", DAY)
    assert CoverageUnit.objects.filter(division=town).count() == 1


def test_a_row_that_names_no_parent_keeps_the_one_it_has(db):
    load(SMALL)
    counts, _complaints = load("420702000000,梁子湖区,district,\n", NEXT)
    assert counts == {"created": 0, "updated": 0, "unchanged": 1}
    assert Division.objects.get(level=3).parent.name == "鄂州市"


def test_a_town_added_later_owes_a_station_from_then_on_and_is_drawn_below_the_others(db):
    load(SMALL)
    load(SMALL + "420702101000,东沟镇,township,420702000000\n", NEXT)
    assert ("东沟镇", 4) not in owing(DAY) and ("东沟镇", 4) in owing(NEXT)
    tiles = list(Division.objects.filter(level=4).values_list("tile_row", "tile_column"))
    assert len(set(tiles)) == 2 and None not in tiles[0] + tiles[1]


def test_a_district_that_goes_to_another_city_takes_everything_along(world):
    """Its townships' ancestors, its stations, and their place in the tree."""
    rows = [Row(2, world.home.code, world.home.name, 3, "421100000000")]
    counts, complaints = take_over(None, rows, NEXT)
    assert (counts["updated"], complaints) == (1, [])
    new_city = world.divisions["鸑鷟市"]
    village = Division.objects.get(name="谢埠村")
    assert (village.city, village.district.parent) == (new_city, new_city)
    hub = world.fresh("梁子湖区")
    assert hub.parent == world.fresh("鸑鷟市") and hub.tree_id == hub.parent.tree_id
    assert world.fresh("谢埠村").tree_id == hub.tree_id
    rows = StationParent.objects.filter(station=hub).order_by("span")
    assert [(r.parent, r.span.upper or r.span.lower) for r in rows] == [
        (world.station("鄂州市"), NEXT), (world.station("鸑鷟市"), NEXT),
    ]  # fmt: skip
    assert DivisionChange.objects.get().kind == "regroup"
    assert Station.objects.within(world.city).filter(name__startswith="太和").count() == 0
    assert tree.faults() == []


# ── who owes a station ───────────────────────────────────────────────────────────────────────────
def coverage_file(*lines):
    return io.StringIO("code,owes_station,from,document\n" + "\n".join(lines))


def test_an_official_s_list_wins_over_the_rule(world):
    changed = set_coverage(
        None, coverage_file("420702450000,yes,2022-03-01,鄂民1号", "420702102000,no,2022-03-01,鄂民2号")
    )
    assert changed == 2
    assert ("红莲湖旅游度假区", 4) in owing(dt.date(2022, 3, 1)) and ("红莲湖旅游度假区", 4) not in owing(
        dt.date(2022, 2, 28)
    )
    assert ("梁子镇", 4) not in owing(dt.date(2022, 3, 1)) and ("梁子镇", 4) in owing(dt.date(2022, 2, 28))
    assert set_coverage(None, coverage_file("420702450000,是,2022-03-01,鄂民1号", "420702102000,否,2022-03-01,")) == 0


def test_wrong_lines_are_all_named_and_nothing_is_written(world):
    before = owing()
    lines = ("420702450000,yes,2022-03-01,", "9,yes,2022-03-01,", "420702102000,maybe,2022-03-01,", "420702102000,no,2022-2-30,",
             "999999999999,no,2022-03-01,")  # fmt: skip
    with pytest.raises(DomainError) as refused:
        set_coverage(None, coverage_file(*lines))
    assert [e["field"] for e in refused.value.errors] == ["3", "4", "5", "6"]
    assert owing() == before


def test_a_quote_that_is_never_closed_is_damage():
    with pytest.raises(DomainError) as refused:
        read(io.StringIO(HEAD + '420702000000,"梁子湖区,district,\n' + "x" * 140_000))
    assert refused.value.code == "damaged"
    with pytest.raises(DomainError):
        set_coverage(None, coverage_file('420702450000,"yes' + "x" * 140_000))


@pytest.mark.parametrize("text", ["", "code,owes_station,from,document\n", "a,b\n1,2\n"])
def test_a_list_without_lines_is_refused(world, text):
    with pytest.raises(DomainError):
        set_coverage(None, io.StringIO(text))


def spans(division):
    return [(u.span.lower, u.span.upper) for u in CoverageUnit.objects.filter(division=division).order_by("span")]


def test_declaring_on_and_off_leaves_clean_spans(world):
    from accounts.changes import change

    town = world.divisions["红莲湖旅游度假区"]
    days = [dt.date(2022, m, 1) for m in range(1, 8)]
    with change(None, "test"):
        assert declare_unit(town, True, days[1]) and not declare_unit(town, True, days[2])
        assert declare_unit(town, False, days[3]) and not declare_unit(town, False, days[4])
        assert declare_unit(town, True, days[5])
        assert spans(town) == [(days[1], days[3]), (days[5], None)]
        assert declare_unit(town, True, days[2])  # from here on after all: what was said of later days falls
        assert spans(town) == [(days[1], None)]
        assert declare_unit(town, False, days[1])
        assert spans(town) == []
