"""The demo's pairing programme: the published facts of 闽宁 round one and two, and invented entries that say that they are.

Who pairs with whom in round two was not published, so no real agency stands in a pairing here: two invented ones do.
"""

import datetime as dt

from django.utils import timezone

from accounts.models import User
from partnerships import actions
from partnerships.actions.programmes import add_parties
from partnerships.codes import APPRENTICESHIP, CERTIFICATE, TRAINING, TUTORING
from partnerships.models import Activity, Batch, Outcome, Pairing, Session
from stations.models import Agency, Division
from stations.pinyin import key_of

SINCE = dt.date(2020, 1, 1)
SENDING, RECEIVING = "350000000000", "640000000000"
DIVISIONS = [
    ("350000000000", "福建省", 1), ("350100000000", "福州市", 2), ("350103000000", "台江区", 3), ("350200000000", "厦门市", 2),
    ("350206000000", "湖里区", 3), ("350211000000", "集美区", 3), ("350500000000", "泉州市", 2), ("350582000000", "晋江市", 3),
    ("640000000000", "宁夏回族自治区", 1), ("640300000000", "吴忠市", 2), ("640303000000", "红寺堡区", 3),
    ("640324000000", "同心县", 3), ("640400000000", "固原市", 2), ("640402000000", "原州区", 3), ("640422000000", "西吉县", 3),
    ("640500000000", "中卫市", 2), ("640522000000", "海原县", 3),
]  # fmt: skip
SENDERS = [
    ("泉州市海西社工事业发展中心", "350500000000"), ("厦门市湖里区霞辉老年社会服务中心", "350206000000"),
    ("厦门市集美区和欣社工服务中心", "350211000000"), ("福州市台江区鲲鹏青少年服务中心", "350103000000"),
    ("晋江市致和社工事务所", "350582000000"),
]  # fmt: skip
COUNTIES = ("640303000000", "640324000000", "640402000000", "640422000000", "640522000000")
SOURCE = "2022-08-09 的公开报道"
TARGETS = [
    {"metric": "pairing_stations_built", "op": "=", "value": 5}, {"metric": "pairing_agencies_cultivated", "op": "=", "value": 5},
    {"metric": "pairing_professionals", "op": ">=", "value": 30}, {"metric": "pairing_trained_person_times", "op": ">=", "value": 1000},
]  # fmt: skip
DECLARED = [
    {"metric": "sending_agencies", "op": "=", "value": 10, "source": SOURCE},
    {"metric": "pairing_batches", "op": "=", "value": 60, "source": SOURCE},
    {"metric": "pairing_person_trips", "op": "=", "value": 180, "source": SOURCE},
    {"metric": "pairing_workdays", "op": ">", "value": 1100, "source": SOURCE},
]  # fmt: skip
FIRST = [
    {"title": "社会工作服务机构“牵手计划”", "number": "民发〔2017〕160号"}, {"title": "“牵手计划”实施通知", "number": "民办函〔2018〕133号"},
]  # fmt: skip
SECOND = [{"title": "第二轮“牵手计划”", "number": "民发〔2021〕105号", "issued_on": dt.date(2021, 12, 27)}]
# Accounts of both sides: role, user name, display name, code of the place (an invented agency by its name)
INVENTED = [
    ("示例甲社工中心（演示）", "示例丙社工中心（演示）", "640402000000"),
    ("示例乙社工中心（演示）", "示例丁社工中心（演示）", "640422000000"),
]
ACCOUNTS = [
    ("official", "fujian", "林海波（福建）", SENDING), ("official", "ningxia", "马建国（宁夏）", RECEIVING),
    ("agency", "yuanpai", "陈晓（援派方）", INVENTED[0][0]), ("agency", "shouyuan", "马兰（受援方）", INVENTED[0][1]),
]  # fmt: skip
TRAININGS = [
    ("社工站怎样起步", 43),
    ("入户走访和需求评估", 38),
    ("留守儿童小组工作", 41),
    ("社区为老服务", 52),
    ("社工站档案管理", 36),
]
FIELDS = [
    ("learning", "同行参访", 14, "onsite"), ("policy", "社工站政策研讨", 9, "online"), ("talent", "督导人才培养班", 28, "onsite"),
    ("teachers", "师资互派", 16, "onsite"), ("practice", "跟岗实践", 10, "onsite"), ("trust", "行业自律交流", 23, "online"),
]  # fmt: skip


def places():
    """{code: place}: the provinces, cities and counties of the programme, and its agencies by name. Needs an event open."""
    made: dict = {}
    for code, name, level in DIVISIONS:
        pinyin, initials = key_of(name)
        place = Division(code=code, name=name, level=level, valid_from=SINCE, pinyin=pinyin, initials=initials)
        place.parent = made.get(code[:2] + "0" * 10 if level == 2 else code[:4] + "0" * 8) if level > 1 else None
        if place.parent is not None:
            place.province, place.city = place.parent.province, place.parent.city
        place.save()
        setattr(place, {1: "province", 2: "city", 3: "district"}[level], place)
        place.save()
        made[code] = place
    for name, code in SENDERS:
        made[name] = Agency.objects.create(name=name, division=made[code])
    for sender, receiver, county in INVENTED:
        made[sender] = Agency.objects.create(name=sender, division=made[SENDING])
        made[receiver] = Agency.objects.create(name=receiver, division=made[county])
    return made


def load(made):
    """Both rounds, and what has come of the second so far: invented. `made` as `places()` gave it. Needs an event open."""
    system = User(username="demo", is_superuser=True)  # nobody: what comes with the demo is not somebody's entry
    between = {"sending": made[SENDING], "receiving": made[RECEIVING]}
    actions.create_programme(
        system, slug="minning-1", name="闽宁“牵手计划”第一轮", round=1, starts_on=dt.date(2017, 1, 1),
        ends_on=dt.date(2020, 12, 31), rows_kept=False, declared=DECLARED, documents=FIRST, **between,
    )  # fmt: skip
    programme = actions.create_programme(
        system, slug="minning-2", name="闽宁“牵手计划”第二轮", round=2, starts_on=dt.date(2021, 1, 1),
        ends_on=dt.date(2025, 12, 31), funder="兴业证券慈善基金会", targets=TARGETS, documents=SECOND,
        agencies=[made[name] for name, _code in SENDERS], counties=[(made[code], True) for code in COUNTIES], **between,
    )  # fmt: skip
    for n, names in enumerate(INVENTED):
        _pairing(system, programme, n, *(made[name] for name in names))
    for n, (field, title, people, way) in enumerate(FIELDS):
        actions.create_activity(
            system, programme=programme, field=field, title=f"{title}（演示）", on=dt.date(2023, 1 + n, 14), way=way,
            place="线上" if way == "online" else "银川", person_times=people,
        )  # fmt: skip
    _confirm(programme)


def _pairing(system, programme, n, sender, receiver, county):
    """An invented pairing with three batches, trainings, tutoring and outcomes; its last batch waits for the other side."""
    pairing = actions.create_pairing(
        system, programme=programme, sender=sender, county=county, receiver=receiver, signed_on=dt.date(2022, 3, 1 + n),
        starts_on=dt.date(2022, 3, 1), note="演示数据：对应关系没有公布，这一对是虚构的",
    )  # fmt: skip
    add_parties(programme, agency=sender, county=county)
    names = [f"演示派出{'甲乙丙丁戊己'[3 * n + k]}" for k in range(3)]
    for k, month in enumerate((5, 9, 15)):
        on = dt.date(2022 + month // 12, month % 12, 9 + n)
        batch = actions.create_batch(
            system, pairing=pairing, departs_on=on, returns_on=on + dt.timedelta(days=18), place=county.name,
            task="驻点带教", members=[{"name": name} for name in names[: 3 - k % 2]],
        )  # fmt: skip
        for title, people in TRAININGS[k : k + 3]:
            actions.create_session(
                system, pairing=pairing, batch=batch, kind=TRAINING, title=f"{title}（演示）", on=on + dt.timedelta(days=2 + k),
                minutes=180, way="onsite", place=county.name, person_times=people, tutors=[{"name": names[0]}],
                groups=[{"group": "elders", "person_times": people // 2}],
            )  # fmt: skip
        actions.create_session(
            system, pairing=pairing, kind=TUTORING, title="线上督导（演示）", on=on + dt.timedelta(days=40), minutes=120,
            way="online", person_times=6, tutors=[{"name": names[1]}],
        )  # fmt: skip
    for k in range(7):
        actions.create_outcome(
            system, pairing=pairing, kind=CERTIFICATE if k % 2 else APPRENTICESHIP, on=dt.date(2023, 3, 6 + k),
            evidence=f"演示凭据 {n + 1}-{k + 1}", name=f"演示学员{n * 7 + k + 1}", unit=f"{county.name}社工站（演示）",
        )  # fmt: skip


def _confirm(programme):
    """Everything but the last batches: those are for the other side to confirm in the demo."""
    decided = {"state": "confirmed", "decided_at": timezone.now()}
    Pairing.objects.filter(programme=programme).update(**decided)
    Activity.objects.filter(programme=programme).update(**decided)
    for model in (Session, Outcome):
        model.objects.filter(pairing__programme=programme).update(**decided)
    Batch.objects.filter(pairing__programme=programme, number__lt=3).update(**decided)
