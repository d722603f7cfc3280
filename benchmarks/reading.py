"""Lists of the API and the search below authentication, each beside the same SQL by hand; the two pages in queries and bytes."""

import json

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.changes import change
from accounts.models import User
from benchmarks.measuring import in_database_in_turn, in_turn, say, tell
from metrics import actions
from metrics.api.views import MetricViewSet
from metrics.models import RollupRun
from periods import Period, today
from stations.api.views import StationViewSet
from stations.models import Division, Station

UTC = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def run():
    user = reader()
    month = Period.month_of(today())
    if not RollupRun.objects.of(month).exists():
        actions.roll_up(month)
    city = Division.objects.filter(level=2).order_by("-code").first()
    figures(user, city, month)
    stations(user, city)
    search()
    pages(user, city)


def reader():
    """An account that sees everything."""
    with change(None, "bench.reader"):
        fields = {"is_superuser": True, "is_staff": True, "password": make_password(None)}
        return User.objects.get_or_create(username="bench-reader", defaults=fields)[0]


def answer_of(viewset, user, path):
    """A call of the view as a program's request reaches it once it is known: routing and authentication left out."""
    view = viewset.as_view({"get": "list"}, basename="bench", throttle_classes=[])

    def call():
        request = APIRequestFactory().get(path, headers={"host": "127.0.0.1"})
        force_authenticate(request, user=user)
        response = view(request)
        response.render()
        if response.status_code != 200:
            raise AssertionError(response.content.decode())
        return response.content

    return call


def by_hand(sql, params, row):
    """A plain Django view with the SQL in it: rows as dictionaries, json.dumps."""

    def view(_request):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows = [row(r) for r in cursor.fetchall()[:1000]]
        body = {"next": "x", "previous": None, "results": rows}
        return HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/json")

    request = RequestFactory().get("/")
    return lambda: view(request).content


def same(ours, theirs):
    """Both answer the same rows, or the ratio means nothing."""
    a, b = json.loads(ours())["results"], json.loads(theirs())["results"]
    if a != b:
        first = (
            next(i for i, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]) if len(a) == len(b) else -1
        )
        raise AssertionError(f"{len(a)} and {len(b)} rows differ: {a[first]} {b[first]}")
    return ours, theirs


def figures(user, city, month):
    sql = f"""
        SELECT c.indicator, c.version, c.numerator, c.denominator, r.code, r.as_of::text, {UTC.format("c.computed_at")},
            d.code, d.name, d.level, s.code, s.name, s.tier
        FROM metrics_cell c JOIN metrics_rolluprun r ON r.id = c.run_id JOIN stations_division d ON d.id = c.division_id
        LEFT JOIN stations_station s ON s.id = c.station_id
        WHERE c.run_id = (SELECT id FROM metrics_rolluprun WHERE code = %s) AND c.indicator IN ('stations_operating', 'village_coverage')
            AND d.city_id = %s
        ORDER BY c.run_id, c.indicator, c.division_id, c.id LIMIT 1001
    """
    levels = {1: "province", 2: "city", 3: "district", 4: "township", 5: "village"}

    def row(r):
        indicator, version, n, d, period, as_of, at, code, name, level, station, station_name, tier = r
        place = (
            {"kind": "station", "code": station, "name": station_name}
            if station
            else {"kind": "division", "code": code, "name": name}
        )
        value = str(n) if d is None else f"{(20000 * n + d) // (2 * d) / 10000:.4f}"
        return {
            "indicator": indicator, "version": version, "place": place, "tier": levels[tier + 1 if station else level],
            "period": period, "numerator": n, "denominator": d, "value": value, "target": None, "status": None,
            "suppressed": False, "as_of": as_of, "computed_at": at, "state": "draft",
        }  # fmt: skip

    path = f"/?within={city.code}&period={month.code}&indicator=stations_operating&indicator=village_coverage&page_size=1000"
    ours, theirs = same(answer_of(MetricViewSet, user, path), by_hand(sql, [month.code, city.pk], lambda r: row(r)))
    tell("GET metrics/ 1000 行", *_pair(ours, theirs), 1.5)


def _pair(ours, theirs):
    mine, hand = in_turn(ours, theirs, 31)
    return mine, "同样的 SQL 加 json.dumps", hand


def stations(user, city):
    columns = (
        "s.code, s.name, s.tier, s.status, d.code, d.name, p.code, s.established_on::text, s.operating_since::text, s.operation_mode, "
        "a.name, s.address, s.longitude::float8, s.latitude::float8, s.manager_name, s.phone, s.floor_area::float8, "
        f"s.reported_full_time, s.reported_certified, {UTC.format('s.updated_at')}"
    )
    sql = f"""
        SELECT {columns} FROM stations_station s JOIN stations_division d ON d.id = s.division_id
        LEFT JOIN stations_station p ON p.id = s.parent_id LEFT JOIN stations_agency a ON a.id = s.operator_id
        WHERE d.city_id = %s ORDER BY s.code LIMIT 1001
    """
    names = (
        "code name tier status division parent established_on operating_since operation_mode operator address longitude latitude "
        "manager_name phone floor_area reported_full_time reported_certified updated_at"
    ).split()
    tiers = {1: "city", 2: "district", 3: "township", 4: "village"}

    def row(r):
        out = dict(zip(names, (*r[:4], {"code": r[4], "name": r[5]}, *r[6:]), strict=True))
        out["tier"] = tiers[out["tier"]]
        return out

    ours = answer_of(StationViewSet, user, f"/?within={city.code}&page_size=1000")
    ours, theirs = same(ours, by_hand(sql, [city.pk], row))
    tell("GET stations/ 1000 行", *_pair(ours, theirs), 2.0)


def search():
    """Finding by name, pinyin and number among all stations, as the site's search asks."""
    from stations.finding import matching

    some = Station.objects.filter(tier=3).select_related("division").order_by("pk")[20_000]
    name, pinyin, code = some.division.name[:2], some.pinyin[:8], some.code[:4]
    by = {
        "名称": (name, "name LIKE %s", f"%{name}%"),
        "拼音": (pinyin, "pinyin LIKE %s OR initials LIKE %s", f"%{pinyin}%"),
        "编号": (code, "code LIKE %s", f"{code}%"),
    }
    for word, (text, where, like) in by.items():
        found = Station.objects.filter(matching(text)).order_by("tier", "code").values_list("code", "name")

        def ours(found=found):
            return list(found[:20])

        def theirs(where=where, like=like):
            with connection.cursor() as cursor:
                query = f"SELECT code, name FROM stations_station WHERE {where} ORDER BY tier, code LIMIT 20"
                cursor.execute(query, [like] * where.count("%s"))
                return cursor.fetchall()

        mine, hand = in_database_in_turn(ours, theirs, 31)
        tell(f"在 {Station.objects.count():,} 个站点里按{word}找（数据库用时）", mine, "同样条件的 SQL", hand, 1.5)
        mine, hand = in_turn(ours, theirs, 31)
        say(f"  连同拼出语句 {mine * 1000:.2f} ms / {hand * 1000:.2f} ms")


def pages(user, city):
    """Queries and bytes of the board and of a station's page."""
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(user, backend="accounts.backends.NameOrMobile")
    station = Station.objects.filter(division__city=city, tier=3).first()
    for path, word in ((f"/dashboard/{city.code}/", "看板"), (f"/stations/{station.code}/", "站点页")):
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path)
        if answer.status_code != 200:
            say(f"  {path}: {answer.status_code}")
            continue
        tell(f"{word}的查询", len(queries), "上限", 12, 1, "次")
        tell(f"{word}的大小", len(answer.content) / 1000, "上限", 60, 1, "kB")
