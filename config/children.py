"""A child process that is started, watched and stopped, and that never outlives its starter. Which ones there are: embedded.py, run.py."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000


def _die_with(parent, sig):
    """A preexec function: `sig` reaches the child when its starter ends, even by SIGKILL. Linux only, elsewhere nothing.

    It must run after the change of user (which clears the setting): Popen's preexec_fn does.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def arm():
        if prctl:
            prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
            if os.getppid() != parent:  # the starter ended before the setting held
                os._exit(1)

    return arm


@dataclass
class Child:
    """One process in a session of its own: Ctrl-C in the terminal reaches the starter alone, which stops it in order.

    `stop_signal` asks it to end, and is followed by SIGKILL to its group after `grace` seconds; `orphan_signal` is sent
    by the kernel when the starter is gone. `owner` is the (uid, gid) it runs as, None for the starter's own.
    `before_start` makes way for it, each time.
    """

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: str = "/"
    owner: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    grace: float = 10
    keep_open: tuple[int, ...] = ()
    before_start: Callable[[], None] | None = None
    process: subprocess.Popen | None = None
    asked: bool = False

    def start(self):
        """Start it, or start it again: what its last life left in its group is killed first."""
        if self.process is not None:
            self._kill_group()
        self.asked = False
        if self.before_start:
            self.before_start()
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
        uid, gid = self.owner or (None, None)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.keep_open,
                preexec_fn=_die_with(os.getpid(), self.orphan_signal),
                user=uid,
                group=gid,
                extra_groups=[] if self.owner else None,
            )
        return self

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ask(self):
        """Ask it to end, once, without waiting."""
        if self.process is not None and not self.asked:
            self.asked = True
            self.process.send_signal(self.stop_signal)

    def stop(self):
        """Ask, wait `grace` seconds, then kill the whole group."""
        if self.process is None:
            return
        self.ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace)
        self._kill_group()
        self.process.wait()

    def _kill_group(self):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines=3):
        """The end of its log, for a message that says why it ended."""
        with contextlib.suppress(OSError):
            text = self.log.read_bytes()[-4000:].decode("utf-8", "replace").strip()
            return "\n".join(text.splitlines()[-lines:])
        return ""
