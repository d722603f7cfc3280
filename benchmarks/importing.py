"""Importing a roster of 41,352 townships: read, check, difference, write, log; beside openpyxl merely reading the file."""

import os
import sys
import tempfile
import threading
from pathlib import Path

import openpyxl
import xlsxwriter

from benchmarks.measuring import clock, say, tell
from exchange import actions
from exchange.management.shell import shell_user
from exchange.models import Import
from stations.models import Station

HEADER = "区划代码 站点名称 层级 状态 运营方式 成立日期 地址 负责人 联系电话 专职社工数 持证社工数".split()
STATUS = {"operating": "运营", "planned": "筹建", "suspended": "暂停"}


def run():
    """The roster says another manager for every station, and for one in ten another number of workers."""
    folder = Path(tempfile.mkdtemp(prefix="bench-roster-"))
    warm, roster = folder / "warm.xlsx", folder / "roster.xlsx"
    rows = write(roster, "李某")
    write(warm, "王某", 50)
    user = shell_user("")
    _import(user, warm)
    with clock() as c:
        held = [
            list(row)
            for sheet in openpyxl.load_workbook(roster, read_only=True)
            for row in sheet.iter_rows(values_only=True)
        ]
    theirs, lists = c.seconds, size_of(held)
    del held
    with Watch() as watch, clock() as c:
        made = _import(user, roster)
    if made.state != Import.COMMITTED:
        raise AssertionError(f"{made.state}: {made.message}")
    say(
        f"  {made.state}: 新增 {made.created}，修改 {made.updated}，没变 {made.unchanged}；{roster.stat().st_size / 1e6:.1f} MB"
    )
    tell(f"导入 {rows:,} 行的乡镇名册（读、核对、比较、写、记录）", c.seconds, "openpyxl 只读一遍", theirs, 2)
    tell("导入时工作进程和子进程多占的内存", watch.growth / 1e6, "这些行的 Python 列表", lists / 1e6, 3, "MB")


def _import(user, file):
    made = actions.request_import(user, kind="stations", file=file, name=file.name, mode=Import.COMMIT, start=False)
    return actions.write(made, user)


def write(path, manager, most=None):
    """A roster of all township stations as an office would send it. Returns how many rows."""
    stations = Station.objects.filter(tier=3).select_related("division").order_by("code")[:most]
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("乡镇站")
        sheet.write_row(0, 0, HEADER)
        n = 0
        for n, s in enumerate(stations.iterator(chunk_size=5000), 1):
            full = s.reported_full_time if n % 10 else 3
            certified = s.reported_certified if n % 10 else 2
            sheet.write_row(n, 0, [s.division.code, s.name, "乡镇（街道）站", STATUS[s.status], "政府购买服务"])
            sheet.write_datetime(n, 5, s.established_on)
            sheet.write_row(n, 6, [s.address, manager, s.phone, full, certified])
    return n


def size_of(rows):
    """Bytes of the rows as Python lists, each value once."""
    seen, total = set(), sys.getsizeof(rows)
    for row in rows:
        total += sys.getsizeof(row)
        for value in row:
            if id(value) not in seen:
                seen.add(id(value))
                total += sys.getsizeof(value)
    return total


class Watch:
    """The most memory that this process and its children took while it ran, over what it had at the start (PSS)."""

    def __enter__(self):
        self.idle = self.most = memory()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def _look(self):
        while not self.stop.wait(0.1):
            self.most = max(self.most, memory())

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.growth = self.most - self.idle


def memory():
    """Proportional set size of this process and those below it, in bytes; the database is none of them."""
    own = os.getpid()
    parents, wanted = {}, {own}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    for _ in range(3):
        wanted |= {pid for pid, parent in parents.items() if parent in wanted and _is_python(pid)}
    return sum(map(_pss, wanted))


def _is_python(pid):
    try:
        return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _pss(pid):
    try:
        line = next(x for x in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if x.startswith("Pss:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        return 0
