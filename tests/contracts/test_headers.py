"""Headers of every kind of answer: content policy, no sniffing, no frames, no caches; and no inline code on any page."""

import re

import pytest
from django.test import Client, override_settings

from surfaces.pages import Page
from tests.contracts.addresses import addresses
from tests.contracts.table import LINES

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
}  # fmt: skip
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:", re.I)
OUTSIDE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//(?!testserver)[^"']+""", re.I)


def kinds_of_answers(world):
    """{name: answer}: a page, a fragment, JSON, a table, a workbook, each kind of refusal, a redirect, health, the schema's page."""
    official, program, nobody = (
        world.browser("official"),
        world.program("official"),
        Client(raise_request_exception=False),
    )
    code = world.station("太和镇").code
    return {
        "page": official.get(f"/stations/{code}/"),
        "fragment": official.get("/stations/", headers={"HX-Request": "true", "HX-Target": "roster"}),
        "json": program.get("/api/v1/stations/"), "304": program.get("/api/v1/me/", headers={"If-None-Match": "*"}),
        "csv": program.get("/api/v1/stations/?format=csv"), "xlsx": program.get("/api/v1/stations/?format=xlsx"),
        "template": official.get("/imports/blank/stations.xlsx"),
        "schema": program.get("/api/v1/schema/"), "docs": official.get("/api/v1/docs/"),
        "page 400": official.get("/stations/?as_of=x"), "page 403": world.browser("agency").get("/stations/"),
        "page 404": official.get("/no-such/"), "page 405": official.get("/account/language/"),
        "NUL": official.get("/stations/%00/"), "NUL of the API": program.get("/api/v1/stations/?search=%00"),
        "csrf": Client(enforce_csrf_checks=True).post("/accounts/login/", {}),
        "json 401": nobody.get("/api/v1/me/"), "json 403": world.program("viewer").post("/api/v1/stations/", {}),
        "json 404": program.get("/api/v1/no-such/"), "json 405": program.delete("/api/v1/stations/"),
        "sign-in": nobody.get("/accounts/login/"), "redirect": nobody.get("/stations/"), "slash": nobody.get("/stations"),
        "health": nobody.get("/healthz"), "admin": world.browser("superuser").get("/admin/"),
        "admin list": world.browser("superuser").get("/admin/stations/station/"),
    }  # fmt: skip


def test_every_kind_of_answer_has_the_headers(world):
    wrong = []
    for name, answer in kinds_of_answers(world).items():
        expect = {
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        }  # fmt: skip
        wrong += [f"{name}: {h} is {answer.get(h)}" for h, value in expect.items() if answer.get(h) != value]
        policy = answer.get("Content-Security-Policy", "")
        wrong += [f"{name}: the content policy lacks {part}: {policy}" for part in POLICY if part not in policy]
        wrong += [
            f"{name}: the content policy allows {bad}" for bad in ("unsafe", "*", "http:", "https:") if bad in policy
        ]
        if "no-store" not in answer.get("Cache-Control", "") and "no-cache" not in answer.get("Cache-Control", ""):
            wrong.append(f"{name}: may be kept: {answer.get('Cache-Control')}")
        wrong += [f"{name}: tells {h}" for h in ("Server", "X-Powered-By") if answer.get(h)]
        if "camera=()" not in answer.get("Permissions-Policy", ""):
            wrong.append(f"{name}: no Permissions-Policy")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [line for line in LINES if not line.at and 200 in line.ok and not line.path.startswith("/api/v1/c")],
    ids=lambda x: x.path,
)
def test_no_page_holds_inline_code_or_asks_another_site(world, line):
    who = None if line.nobody == 200 else "superuser" if "R" in line.sees else "agency"
    answer = world.browser(who).get(line.path)
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    text = answer.content.decode()
    assert not INLINE.findall(text), INLINE.search(text)
    assert not OUTSIDE.findall(text)


@pytest.mark.parametrize(
    "path",
    ["/stations/{code}/", "/stations/{code}/edit/", "/stations/{code}/change/?verb=move", "/stations/{code}/history/"],
)
def test_nor_does_a_station_s_page(world, path):
    text = world.browser("superuser").get(path.format(code=world.station("太和镇").code)).content.decode()
    assert "太和镇" in text and not INLINE.findall(text) and not OUTSIDE.findall(text)


def test_a_download_is_kept_as_a_file_and_not_shown(world):
    for answer in (
        world.program("official").get("/api/v1/stations/?format=csv"),
        world.browser("official").get("/imports/blank/stations.xlsx"),
    ):
        assert answer["Content-Disposition"].startswith("attachment")


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world):
    browser = world.browser("official")
    browser.get("/account/")
    browser.post("/account/language/", {"language": "en", "next": "/"})
    assert {"sid", "csrf", "language"} <= set(browser.cookies)
    for name in ("csrf", "language"):
        assert browser.cookies[name]["httponly"] and browser.cookies[name]["samesite"] == "Lax", name


def test_behind_tls_cookies_are_secure_and_the_site_says_so_for_a_year(tmp_path):
    """The settings as a site behind TLS has them, read by a process of its own."""
    import json
    import os
    import subprocess
    import sys

    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS",
             "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_HTTPONLY", "DEBUG"]  # fmt: skip
    program = (
        f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {names!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "HTTPS": "1", "ALLOWED_HOSTS": "shegong.example"}, capture_output=True, text=True
    )  # fmt: skip
    assert json.loads(done.stdout) == ["__Host-sid", "__Host-csrf", True, True, 31536000, True, True, True, False], (
        done.stderr
    )


@override_settings(ALLOWED_HOSTS=["shegong.example"])
def test_another_host_s_name_is_refused(db):
    assert Client(raise_request_exception=False).get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_every_page_of_ours_asks_for_sign_in():
    """No view of a page is open but those that the table says are."""
    open_to_all = {line.path for line in LINES if line.nobody == 200}
    for address in addresses():
        if getattr(address.view, "login_required", True) is False and not address.is_api:
            assert address.path in open_to_all | {
                "/account/language/",
                "/accounts/logout/",
                "/admin/login/",
                "/admin/logout/",
            }, address.path
        if isinstance(address.view_class, type) and issubclass(address.view_class, Page):
            assert getattr(address.view, "login_required", True) is True, address.path
