"""What is typed into a form is kept as typed, for its writer alone and inside its own form, until the form succeeds."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from surfaces import drafts
from surfaces.models import Draft

FORM = "/workers/new/"


@pytest.fixture
def manager(world):
    return world.browser("manager")


def typed(browser, address=FORM, **fields):
    return browser.post("/drafts/", {"_address": address, **fields})


def test_what_was_typed_is_in_the_form_on_the_next_visit_as_it_was_typed(manager):
    answer = typed(manager, name="王小", certified_on="2022-02-30", phone="12")
    assert answer.status_code == 200 and "刚存于" in answer.json()["said"]
    page = manager.get(FORM).content.decode()
    assert 'value="王小"' in page and 'value="2022-02-30"' in page and "写到的地方" in page
    assert "处要改" not in page


def test_it_is_kept_encrypted_and_nobody_else_reads_it(world, manager):
    typed(manager, name="王小")
    row = Draft.objects.values_list("typed", flat=True).get()
    assert str(row) == "***"
    assert "王小" not in world.browser("official").get(FORM).content.decode()


def test_it_can_be_thrown_away(manager):
    typed(manager, name="王小")
    answer = typed(manager, _discard="1")
    assert answer.status_code == 302 and answer["Location"] == FORM
    assert "王小" not in manager.get(FORM).content.decode()


def test_it_goes_when_the_form_has_succeeded(world, manager):
    code = world.station("太和镇").code
    address = f"/stations/{code}/edit/"
    typed(manager, address, contact_phone="0711-3000001")
    page = manager.get(address)
    form = page.context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    assert manager.post(address, sent).status_code == 302
    assert not Draft.objects.exists()


def test_a_box_that_was_unticked_stays_unticked(world, manager):
    address = "/trainings/new/"
    typed(manager, address, title="讲座")
    form = manager.get(address).context["form"]
    assert form["title"].value() == "讲座" and not form["ce_eligible"].value()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "/nowhere/at/all/",
        "/api/v1/me/",
        "/account/\r\nx",
        "/" + "a" * 300,
        "\\evil",
    ],
)
def test_only_an_address_of_this_site_has_a_draft(manager, address):
    assert typed(manager, address, name="x").status_code == 404
    assert typed(manager, address, _discard="1").status_code == 404
    assert not Draft.objects.exists()


def test_garbage_is_kept_and_harms_nothing(manager):
    for body in ({"name": "\0\x01" * 9, "sex": "forged", "nobody": "knows"}, {"name": ["a", "b"], "sex": ""}):
        assert typed(manager, **body).status_code == 200
        assert manager.get(FORM).status_code == 200


def test_hostile_sizes_get_an_answer(manager):
    assert typed(manager, name="长" * 400_000).status_code in (400, 413)
    assert manager.post("/drafts/", {"_address": FORM, **{f"f{n}": "x" for n in range(10_000)}}).status_code in (
        400,
        413,
    )
    assert typed(manager, name="长" * 20_000).status_code == 200
    assert not manager.get(FORM).status_code == 500


def test_without_signing_in_or_by_get_nothing_is_kept(world, client):
    assert typed(client, name="x").status_code == 302
    assert client.get("/drafts/").status_code == 302
    assert set(world.browser("manager").get("/drafts/").json()) == {"token"}
    assert not Draft.objects.exists()


def test_old_ones_go_at_night(manager):
    typed(manager, name="x")
    assert drafts.clear_old(timezone.now() + dt.timedelta(days=drafts.KEPT_DAYS - 1)) == 0
    assert drafts.clear_old(timezone.now() + dt.timedelta(days=drafts.KEPT_DAYS + 1)) == 1


def test_a_script_that_types_everywhere_keeps_the_newest_alone(manager, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_FORMS", 3)
    for n in range(5):
        typed(manager, f"{FORM}?n={n}", name=f"王{n}")
    assert sorted(Draft.objects.values_list("address", flat=True)) == [f"{FORM}?n={n}" for n in (2, 3, 4)]


def test_what_arrives_after_the_form_was_sent_is_not_kept_again(world, manager):
    ref = "11111111-1111-4111-8111-111111111111"
    drafts.ClientRef.objects.create(user=world.users["manager"], ref=ref, action="worker.form", object_id="7")
    assert typed(manager, client_ref=ref, name="x").json() == {"said": ""}
    assert typed(manager, client_ref="no-uuid-but-36-characters-long-yes-it", name="x").status_code == 200
    assert Draft.objects.count() == 1


def test_one_that_cannot_be_opened_shuts_no_form(manager):
    typed(manager, name="王小")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE surfaces_draft SET typed = left(typed, 20) || 'AAAA' || right(typed, -24)")
    answer = manager.get(FORM)
    assert answer.status_code == 200 and "王小" not in answer.content.decode()
    assert typed(manager, name="李小").status_code == 200
    assert "李小" in manager.get(FORM).content.decode()
