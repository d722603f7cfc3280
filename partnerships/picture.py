"""A programme's figure over time as bars: numbers in, places and lengths out. Looks are in `templates/partnerships/_bars.html`."""

from decimal import Decimal

from surfaces.charts import nice_scale

LEFT, RIGHT, TOP, BOTTOM = 52, 452, 14, 184
MOST_LABELS = 6


def label_of(period):
    """22Q3, 22上 or 2022: what stands below a bar."""
    year = period.first.year
    if period.kind == "quarter":
        return f"{year % 100}Q{(period.first.month + 2) // 3}"
    return f"{year % 100}H{1 if period.first.month == 1 else 2}" if period.kind == "half" else str(year)


def bars(rows, target=None):
    """{bars: [{x, y, width, height, middle, text_y, value, label}], ticks: [{y, text_y, value}], target_y} of `by_period` rows.

    The axis begins at 0 and holds the target, where there is one.
    """
    most = max([Decimal(str(total)) for _period, _here, total in rows] + [Decimal(target or 1)])
    ticks = nice_scale(Decimal(0), most)
    top = ticks[-1]

    def y(value):
        return round(BOTTOM - float(Decimal(str(value)) / top) * (BOTTOM - TOP), 1)

    step = (RIGHT - LEFT) / max(len(rows), 1)
    width = min(34, step * 0.6)
    drawn = []
    every = 2 if len(rows) > MOST_LABELS else 1  # on a phone more would run into each other
    for n, (period, _here, total) in enumerate(rows):
        middle, height = LEFT + step * (n + 0.5), BOTTOM - y(total)
        drawn.append({
            "x": round(middle - width / 2, 1), "y": y(total), "width": round(width, 1), "height": round(height, 1),
            "middle": round(middle, 1), "text_y": round(y(total) - 6, 1), "value": total, "label": "" if (len(rows) - 1 - n) % every else label_of(period),
        })  # fmt: skip
    return {
        "bars": drawn, "ticks": [{"y": y(t), "text_y": y(t) + 5, "value": t} for t in ticks],
        "target_y": y(target) if target else None, "target_text_y": y(target) + 17 if target else None,
    }  # fmt: skip
