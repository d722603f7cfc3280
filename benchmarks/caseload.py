"""Two million cases and two million attendances in the nation: who works where, whom they help, what was written, who came.

Set-based and without triggers, indexes made afterwards, as one loads a dump: what recording costs is measured in
`recording`. Names are protected for real (one ciphertext a name, so that finding and showing them is what it is); other
protected columns share one ciphertext each, which no bench opens.
"""

from contextlib import contextmanager

from django.db import connection, transaction

from accounts.protection import blind_index, encrypt
from benchmarks.measuring import clock, say
from casework.models import Case
from stations.pinyin import key_of
from workforce.models import Attendance

CASES = ATTENDANCES = 2_000_000
TRAININGS, NAMES = 41_352, 14_000
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "秀英兰芳玉梅珍华春桂凤明德福国建军志永文成平安长生贵林"

TOWNS = """
CREATE TEMP TABLE bench_town ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY s.id) - 1 AS n, s.id AS station_id, left(d.code, 9) AS code
FROM stations_station s JOIN stations_division d ON d.id = s.division_id WHERE s.tier = 3
"""
# Two people a station; half hold a certificate, a third are registered.
STAFF = """
INSERT INTO workforce_worker (id, name, sex, education, note, pinyin, initials, updated_at)
SELECT 2 * t.n + k, '李' || chr(19990 + (t.n % 900)::int), 'female', '', '', 'li' || t.n % 900, 'l', now()
FROM bench_town t, generate_series(1, 2) k;
INSERT INTO workforce_assignment (worker_id, station_id, duty, full_time, span, updated_at)
SELECT 2 * t.n + k, t.station_id, 'social_worker', true, daterange('2021-01-01', NULL), now() FROM bench_town t, generate_series(1, 2) k;
INSERT INTO workforce_certificate (worker_id, grade, number, issued_on)
SELECT id, 1, '', '2020-01-01' FROM workforce_worker WHERE id % 2 = 0;
INSERT INTO workforce_registration (worker_id, grade, span)
SELECT id, 1, daterange(current_date - 400, current_date + 600) FROM workforce_worker WHERE id % 6 = 0;
"""
COURSES = """
INSERT INTO workforce_training (id, station_id, title, mode, category, organiser, lecturer, place, starts_on, ends_on, minutes,
    ce_eligible, decided, updated_at)
SELECT t.n + 1, t.station_id, '老年人服务第' || t.n % 60 || '期', 'onsite', '', '', '', '', d.on, d.on, 360, t.n % 2 = 0, 'held', now()
FROM bench_town t, LATERAL (SELECT current_date - 1 - (t.n * 37 % 360)::int AS on) d;
"""
# 40 workers of stations next to each other and eight guests a training; a worker's counts at his own station.
CAME = """
INSERT INTO workforce_attendance (training_id, "on", decided, most, worker_id, name, unit, person, station_id, attended, minutes,
    certificate_no, updated_at)
SELECT r.id, r.ends_on, 'held', 360, w.id, CASE WHEN w.id IS NULL THEN '赵某' ELSE '' END, coalesce('第' || guest || '村', ''),
    coalesce('w' || w.id, '赵某|第' || guest || '村'), CASE WHEN w.id IS NULL THEN r.station_id ELSE h.station_id END, true, 180, '', now()
FROM generate_series(0, {attendances} - 1) i
CROSS JOIN LATERAL (SELECT i % {trainings} AS n, i / {trainings} AS seat) p
JOIN bench_course r ON r.n = p.n
CROSS JOIN LATERAL (SELECT CASE WHEN seat < 40 THEN (2 * p.n + seat) % (2 * {trainings}) + 1 END AS id) w
CROSS JOIN LATERAL (SELECT CASE WHEN seat >= 40 THEN (p.n * 8 + seat) % 300000 END AS guest) g
LEFT JOIN bench_town h ON h.n = (w.id - 1) / 2
"""
CLIENTS = """
INSERT INTO casework_client (id, public_id, station_id, filed_on, name, name_index, name_pinyin, name_pinyin_index, name_initials,
    name_initials_index, sex, birth_date, id_type, id_number, id_number_index, id_absent_reason, phone, phone_index, ethnicity, address,
    updated_at)
SELECT i + 1, 'c' || lpad(to_hex(i), 12, 'x'), t.station_id, current_date - (i * 37 % 730)::int, n.name, n.name_index, n.pinyin, n.pinyin_index,
    n.initials, n.initials_index, CASE i % 2 WHEN 0 THEN 'female' ELSE 'male' END, e.birth_date, 'resident_id', e.id_number, md5('i' || i), '',
    e.phone, md5('p' || i), '', e.address, now() - (i % 600) * interval '1 day'
FROM generate_series(0, {cases} - 1) i
JOIN bench_town t ON t.n = i % {towns} JOIN bench_name n ON n.n = (i::bigint * 7919 + i / 41) % {names} CROSS JOIN bench_sealed e
"""
# Seven of ten cases older than half a year are closed; one of twenty was declined; the others stand at every stage.
PLACED = """
CREATE TEMP TABLE bench_case ON COMMIT DROP AS
SELECT i, t.station_id, t.code, 2 * t.n + 1 + i / {towns} % 2 AS worker_id, i / {towns} + 1 AS number, o.on AS opened_on,
    i % 20 = 7 AS declined,
    CASE WHEN i % 20 = 7 THEN o.on + 2 WHEN o.on < current_date - 180 AND (i / 7) % 10 < 7 THEN o.on + 60 + (i % 90)::int END AS closed_on
FROM generate_series(0, {cases} - 1) i
JOIN bench_town t ON t.n = i % {towns}
CROSS JOIN LATERAL (SELECT current_date - 3 - (i * 37 % 727)::int AS on) o
"""
CASELOAD = """
INSERT INTO casework_case (id, number, station_id, client_id, worker_id, domain, confidentiality, opened_on, stage, stage_since, decision,
    decided_on, risk_level, crisis, closed_on, closure_code, filed_on, filing_complete, episode, suspended_reason, updated_at)
SELECT i + 1, code || '-' || extract(year FROM opened_on) || '-' || lpad(number::text, 4, '0'), station_id, i + 1, worker_id, 'elder',
    'audited', opened_on, coalesce(CASE WHEN closed_on IS NOT NULL THEN 'closed' END,
        (ARRAY['intake','assessment','planning','intervention','intervention','intervention','evaluation'])[1 + (i / 11) % 7]),
    coalesce(closed_on, opened_on + 1), CASE WHEN declined THEN 'decline' ELSE 'accept' END, opened_on + 1,
    (ARRAY['yellow','green','blue','red'])[1 + i % 4], i % 200 = 3 AND closed_on IS NULL, closed_on,
    CASE WHEN declined THEN '00' WHEN closed_on IS NULL THEN '' ELSE (ARRAY['01','01','02','03','07','12'])[1 + i % 6] END,
    CASE WHEN i % 3 = 0 THEN closed_on + 5 END, closed_on IS NOT NULL AND i % 3 = 0 AND i % 5 > 0, 1, '',
    now() - (i % 600) * interval '1 day'
FROM bench_case;
INSERT INTO casework_casenumber (series, given)
SELECT code || '-' || extract(year FROM opened_on), max(number) FROM bench_case GROUP BY 1;
"""
PAPERS = """
INSERT INTO casework_record (case_id, kind, public_id, version, draft, at, signed_at, "on", minutes, code, plain, narrative, updated_at)
SELECT i + 1, 'contacts', 'k' || lpad(to_hex(i), 12, 'x'), 1, false, opened_on + 20, opened_on + 20, opened_on + (i % 60)::int, 40, '',
    '{{"way": "phone"}}'::jsonb, e.narrative, now() FROM bench_case CROSS JOIN bench_sealed e WHERE NOT declined
UNION ALL
SELECT i + 1, 'crisis', 'n' || lpad(to_hex(i), 12, 'x'), 1, false, opened_on + 20, opened_on + 20, opened_on + 20, NULL, 'raise', '{{}}'::jsonb,
    e.narrative, now() FROM bench_case CROSS JOIN bench_sealed e WHERE i % 100 = 3 AND NOT declined
"""
DUE = """
INSERT INTO casework_dueitem (case_id, code, source, since, due_on, done_on, severity, waiting_for, record)
SELECT i + 1, 'contact', 'k' || i, opened_on, CASE WHEN i % 10 = 1 THEN current_date - 4 ELSE current_date + (i % 30)::int END, closed_on,
    'normal', 'worker', '' FROM bench_case WHERE closed_on IS NULL OR i % 4 = 0
"""
TABLES = (
    "workforce_worker", "workforce_assignment", "workforce_certificate", "workforce_registration", "workforce_training",
    "workforce_attendance", "casework_client", "casework_case", "casework_record", "casework_dueitem",
)  # fmt: skip


def load():
    """Fill the nation, once."""
    if Case.objects.exists():
        return
    size = {"cases": CASES, "attendances": ATTENDANCES, "trainings": TRAININGS, "towns": TRAININGS, "names": NAMES}
    with clock() as c:
        with transaction.atomic(), _bare(TABLES) as cursor:
            cursor.execute(TOWNS)
            cursor.execute(STAFF)
            cursor.execute(COURSES)
            cursor.execute(
                "CREATE TEMP TABLE bench_course ON COMMIT DROP AS SELECT id - 1 AS n, id, station_id, ends_on FROM workforce_training"
            )
            cursor.execute(CAME.format(**size))
            _names(cursor)
            _sealed(cursor)
            for statement in (CLIENTS, PLACED, CASELOAD, PAPERS):
                cursor.execute(statement.format(**size))
            cursor.execute(DUE)
            for table in TABLES:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    say(f"{Case.objects.count():,} 个个案，{Attendance.objects.count():,} 人次到课，{c.seconds:.0f} 秒")


def _names(cursor):
    """Names with their ciphertexts and blind indexes; the pinyin's ciphertext is nobody's to open."""
    cursor.execute(
        "CREATE TEMP TABLE bench_name (n bigint, name text, name_index text, pinyin text, pinyin_index text, initials text, initials_index text) ON COMMIT DROP"
    )
    with cursor.copy("COPY bench_name FROM STDIN") as out:
        for n in range(NAMES):
            name = name_of(n)
            pinyin, initials = key_of(name)
            keys = {"name": name, "name_pinyin": pinyin, "name_initials": initials}
            row = [
                x
                for field, text in keys.items()
                for x in (encrypt(f"casework_client.{field}", text), blind_index(f"client.{field}", text))
            ]
            out.write_row([n, *row])


def _sealed(cursor):
    """The one ciphertext that each of the other protected columns has."""
    places = {name: f"casework_client.{name}" for name in ("birth_date", "id_number", "phone", "address")}
    row = [encrypt(place, "1950-01-01") for place in places.values()]
    row.append(encrypt("casework_record.narrative", '{"facts": "已接通送餐"}'))
    cursor.execute(
        "CREATE TEMP TABLE bench_sealed ON COMMIT DROP AS "
        "SELECT %s AS birth_date, %s AS id_number, %s AS phone, %s AS address, %s AS narrative",
        row,
    )


def name_of(n):
    """The n-th of the names that clients have."""
    first, second = n // len(SURNAMES) % len(GIVEN), n // (len(SURNAMES) * len(GIVEN))
    return SURNAMES[n % len(SURNAMES)] + GIVEN[first] + GIVEN[second]


@contextmanager
def _bare(tables):
    """Tables without triggers (foreign keys' included) and without indexes that no constraint needs; these are made again at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY(%s::regclass[]) "
            "AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield cursor
        for _name, definition in indexes:
            cursor.execute(definition)
