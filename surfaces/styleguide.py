"""The page that shows all components, with samples that say so. For people who build pages; no data of the site."""

import re
from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("站点名称"))
    phone = forms.CharField(label=gettext_lazy("联系电话"), help_text=gettext_lazy("手机 11 位，或带区号的座机。"))
    opened = forms.DateField(label=gettext_lazy("成立日期"), required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("运营方式"),
        choices=[("a", gettext_lazy("政府购买服务")), ("b", gettext_lazy("直接运营"))],
        widget=forms.RadioSelect,
    )
    file = forms.FileField(label=gettext_lazy("工作簿"), required=False)
    agreed = forms.BooleanField(label=gettext_lazy("已取得知情同意"), required=False)


def wrong_form():
    form = SampleForm({"name": _("太和镇社会工作服务站"), "phone": "1390000", "mode": "a"})
    form.add_error("phone", _("手机号应是 11 位，这里 7 位"))
    return form


def colours():
    return [
        ("paper", _("纸")), ("sheet", _("页")), ("well", _("凹")), ("line", _("细线")), ("edge", _("控件边")), ("ink", _("墨")),
        ("ink-soft", _("次墨")), ("ink-faint", _("淡墨")), ("act", _("可按")), ("act-soft", _("选中")), ("ok", _("好")),
        ("warn", _("留意")), ("bad", _("逾期、错")), ("info", _("说明")), ("series-1", _("序列一")), ("series-2", _("序列二")),
        ("series-3", _("序列三")), ("series-4", _("序列四")),
    ]  # fmt: skip


def trend():
    months = [f"2021-{m:02d}" for m in range(8, 13)] + [f"2022-{m:02d}" for m in range(1, 8)]
    counts = [16, 16, 16, None, 16, 16, 18, 18, 20, 21, 22, 25]
    points = [
        {"label": m, "short": m[5:], "numerator": n, "denominator": None if n is None else 27}
        for m, n in zip(months, counts, strict=True)
    ]
    return {"title": _("覆盖率"), "kind": "rate", "points": points, "target": Decimal(1)}


def tile_items():
    states = ["covered", "covered", "few", "planned", "out", "covered", "covered"]
    return [
        {"name": _("第 %(n)s 格") % {"n": i + 1}, "short": str(i + 1), "url": "#", "row": i // 4, "col": i % 4, "state": s,
         "state_label": s, "sub": ngettext("%(n)s 人", "%(n)s 人", i) % {"n": i}}
        for i, s in enumerate(states)
    ]  # fmt: skip


class Styleguide(TemplateView):
    """/styleguide/"""

    template_name = "styleguide.html"

    def get_context_data(self, **kwargs):
        links = [{"url": "#", "label": _("概况"), "current": True}, {"url": "#", "label": _("人员"), "count": 2}]
        sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
        sample = [_("太和镇站"), _("东沟镇站"), _("长港镇站")]
        rows = [
            {"name": n, "url": "#", "numerator": a, "denominator": 14} for n, a in zip(sample, (14, 13, 6), strict=True)
        ]
        cells = [{"text": _("运营"), "kind": "ok", "key": True}, {"text": "2", "num": True, "label": _("专职")}]
        return super().get_context_data(
            wrong_form=wrong_form(),
            colours=colours(),
            trend=trend(),
            tile_items=tile_items(),
            tile_legend=[{"state": s, "label": s} for s in ("covered", "few", "planned", "out")],
            rows=rows,
            tab_items=links,
            chips=links,
            kinds=links,
            choices=links,
            page={"text": "1–50 / 1,825", "previous": "", "next": "#"},
            steps=[{"label": _("草稿"), "state": "done"}, {"label": _("已报"), "state": "now"}, {"label": _("锁定"), "state": "shut"}],
            columns=[{"label": _("站点"), "sort": "ascending", "sort_url": "#"}, {"label": _("状态")}, {"label": _("专职"), "num": True}],
            table_rows=[{"cells": [{"text": n, "url": "#"}, *cells]} for n in sample],
            icons=re.findall(r'id="i-([a-z]+)"', sprite),
            **kwargs,
        )  # fmt: skip
