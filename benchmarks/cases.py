"""The list of cases and the search among two million, in the database's time, each beside the same SQL by hand; the worker's home."""

import datetime as dt
from functools import partial

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.changes import change
from accounts.models import User
from accounts.protection import blind_indexes
from benchmarks.caseload import CASES, name_of
from benchmarks.measuring import in_database_in_turn, say, tell
from benchmarks.nation import SINCE
from benchmarks.reading import answer_of
from casework import browsing
from casework.api.views import CaseViewSet
from casework.models import Case
from casework.search import find_cases, find_clients
from periods import today
from stations.models import Division, Post, Station
from stations.pinyin import key_of
from workforce.models import Worker

PAGE = 50
LATE = "EXISTS (SELECT FROM casework_dueitem u WHERE u.case_id = c.id AND u.done_on IS NULL AND (u.due_on < current_date OR u.due_at < now()))"
LIST = f"""
SELECT c.number, c.episode, s.code, s.name, c.worker_id, w.name, c.stage, c.stage_since, c.opened_on, c.closed_on, c.filed_on,
    c.risk_level, c.crisis, c.suspended_on, c.suspended_reason, c.suspended_review_on, {LATE}, c.updated_at
FROM casework_case c JOIN stations_station s ON s.id = c.station_id JOIN stations_division d ON d.id = s.division_id
JOIN workforce_worker w ON w.id = c.worker_id
WHERE d.city_id = %s AND c.stage = 'intervention' AND c.opened_on >= %s ORDER BY c.opened_on DESC, c.number DESC LIMIT {PAGE + 1}
"""
BY_DUE = f"""
SELECT c.id, c.opened_on, u.due_on FROM casework_case c JOIN stations_station s ON s.id = c.station_id
JOIN stations_division d ON d.id = s.division_id
LEFT JOIN LATERAL (SELECT i.due_on FROM casework_dueitem i WHERE i.case_id = c.id AND i.done_on IS NULL ORDER BY i.due_on LIMIT 1) u ON true
WHERE d.city_id = %s AND c.stage = %s ORDER BY u.due_on, c.opened_on DESC, c.id LIMIT {PAGE}
"""
BY_NUMBER = """
SELECT c.number, c.stage, s.name FROM casework_case c JOIN stations_station s ON s.id = c.station_id
JOIN stations_division d ON d.id = s.division_id
LEFT JOIN stations_station t ON t.id = c.transfer_to_id LEFT JOIN stations_division e ON e.id = t.division_id
WHERE c.number LIKE %s AND (d.city_id = %s OR e.city_id = %s) ORDER BY c.number LIMIT 20
"""
BY_NAME = """
SELECT c.public_id, c.name, c.filed_on, s.name FROM casework_client c JOIN stations_station s ON s.id = c.station_id
JOIN stations_division d ON d.id = s.division_id
WHERE (c.name_index = ANY(%s) OR c.name_pinyin_index = ANY(%s) OR c.name_initials_index = ANY(%s) OR c.phone_index = ANY(%s)
    OR c.id_number_index = ANY(%s)) AND (d.city_id = %s OR EXISTS (SELECT FROM casework_case k JOIN stations_station t ON t.id = k.station_id
    JOIN stations_division e ON e.id = t.division_id WHERE k.client_id = c.id AND e.city_id = %s)) ORDER BY c.id LIMIT 20
"""


def run():
    largest = Station.objects.filter(tier=3).values("division__city").annotate(n=Count("pk")).order_by("-n").first()
    city = Division.objects.get(pk=largest["division__city"])
    town = Station.objects.filter(division__city=city, tier=3).order_by("pk").first()
    official, supervisor = person("official", division=city), person("supervisor", division=city)
    worker = person("worker", station=town)
    listed(official, city)
    found(supervisor, city)
    paged(official, city)
    pages({"/": worker, "/cases/": worker})


def person(role, **place):
    """An account with one post; a worker is the station's first, with his cases."""
    (at,) = place.values()
    with change(None, "bench.person"):
        user, made = User.objects.get_or_create(username=f"bench-{role}-{at.code}")
        if made:
            Post.objects.create(user=user, role=role, span=(SINCE, None), **place)
            if role == "worker":
                first = Worker.objects.filter(assignments__station=place["station"]).order_by("pk").first()
                Worker.objects.filter(pk=first.pk).update(user=user)
    return user


def by_hand(sql, params):
    """The statement and its rows, nothing else."""

    def call():
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    return call


def listed(user, city):
    """An official's list over a whole city: filtered, sorted, fifty a page."""
    since = today() - dt.timedelta(days=300)
    path = f"/?within={city.code}&stage=intervention&opened_from={since}&ordering=-opened_on&page_size={PAGE}"
    ours, theirs = answer_of(CaseViewSet, user, path), by_hand(LIST, [city.pk, since])
    mine, hand = in_database_in_turn(ours, theirs)
    of_city = Case.objects.filter(station__division__city=city).count()
    tell(f"GET cases/ {PAGE} 行，一个市 {of_city:,} 个个案（数据库用时）", mine, "同样的 SQL", hand, 1.5)
    with CaptureQueriesContext(connection) as queries:
        ours()
    tell("个案列表的查询", len(queries), "上限", 8, 1, "次")


def paged(user, city):
    """The page's own order: what is due first."""
    for stage in ("evaluation", "intervention"):
        ours = partial(browsing.find, user, browsing.Asked(stage=stage, place=city), size=PAGE)
        mine, hand = in_database_in_turn(ours, by_hand(BY_DUE, [city.pk, stage]))
        n = Case.objects.filter(station__division__city=city, stage=stage).count()
        tell(
            f"/cases/ 的一页，一个市 {n:,} 个在{stage}的个案，先到期的在前（数据库用时）", mine, "同样的 SQL", hand, 1.5
        )


def found(user, city):
    """Finding as a supervisor of a city does: a case by the beginning of its number, a client by name, pinyin, initials."""
    one = Case.objects.filter(station__division__city=city).order_by("pk")[100]
    name = name_of(7)
    asked = {"编号": one.number[:9], "姓名": name, "全拼": key_of(name)[0], "首字母": key_of(name)[1]}
    for word, text in asked.items():
        mine, hand = in_database_in_turn(
            partial(find_cases if word == "编号" else find_clients, user, text, 20), _plainly(word, text, city)
        )
        tell(f"在 {CASES:,} 个个案里按{word}找（数据库用时）", mine, "同样条件的 SQL", hand, 1.5)


def _plainly(word, text, city):
    if word == "编号":
        return by_hand(BY_NUMBER, [f"{text}%", city.pk, city.pk])
    keys = [
        blind_indexes(f"client.{field}", text)
        for field in ("name", "name_pinyin", "name_initials", "phone", "id_number")
    ]
    return by_hand(BY_NAME, [*keys, city.pk, city.pk])


def pages(askers):
    """Queries and bytes of pages, as their askers see them."""
    for path, user in askers.items():
        browser = Client(headers={"host": "127.0.0.1"})
        browser.force_login(user, backend="accounts.backends.NameOrMobile")
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path)
        if answer.status_code != 200:
            say(f"  {path}: {answer.status_code}")
            continue
        word = f"{path}（{user.username.split('-')[1]}）"
        tell(f"{word} 的查询", len(queries), "上限", 12, 1, "次")
        tell(f"{word} 的大小", len(answer.content) / 1000, "上限", 60, 1, "kB")
