#!/usr/bin/env python
"""Django's commands. Where no DATABASE_URL names a database, the embedded one is there for the length of the command."""

import contextlib
import fcntl
import os
import sys
import time

NEEDS_NO_DATABASE = {
    "check", "check_translations", "collectstatic", "compilemessages", "diffsettings", "help", "makemessages",
    "makemigrations", "sendtestemail", "spectacular", "startapp", "version", "--help", "--version", "-h",
}  # fmt: skip
MAKES_A_DATABASE = {"migrate", "restore", "set_up"}
NEEDS_NO_SETTINGS = {"help", "version", "--help", "--version", "-h"}


@contextlib.contextmanager
def _database_of(command):
    """The services that `command` needs: those named by URL, those that run, or our own until it is done."""
    from django.conf import settings

    from config import embedded, folders

    folder = settings.VAR_DIR
    if command in NEEDS_NO_DATABASE or settings.DATABASE_URL != embedded.urls(folder)[0]:
        yield
        return
    if not embedded.data_dir(folder).exists() and command not in MAKES_A_DATABASE:
        raise embedded.Refused(
            f"{folder} 里还没有数据库：请先运行 make run（或 manage.py migrate、restore）。"
            f" / There is no database in {folder} yet: start with `make run` (or `manage.py migrate`, `restore`)."
        )
    embedded.writable(folder)
    users = folders.open_lock(folder / "commands.lock")
    fcntl.flock(users, fcntl.LOCK_SH)
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(embedded.AlreadyRunning):
            if not embedded.running(folder):
                stack.enter_context(embedded.services(folder, purpose=f"manage.py {command}", say=_say))
                stack.callback(fcntl.flock, users, fcntl.LOCK_EX)  # commands that lean on our services end first
        _until_running(folder)
        yield


def _until_running(folder):
    """Another process holds the services: wait until they answer."""
    from config import embedded

    deadline = time.monotonic() + 60
    while not embedded.answers(folder):
        if time.monotonic() > deadline:
            raise embedded.Refused(f"{folder} 的数据库没有应答。/ The database of {folder} does not answer.")
        time.sleep(0.1)


def _say(sentence):
    print(sentence, file=sys.stderr)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("STATEMENT_TIMEOUT", "0")  # the limit of 15 s is for requests; a command may load a country
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as why:
        sys.exit(
            f"没有安装 {why.name}：请用 .venv/bin/python manage.py，首次请先运行 make run。/ {why.name} is not installed: use .venv/bin/python."
        )
    from config import embedded

    command = next(iter(sys.argv[1:]), "help")
    try:
        if command not in NEEDS_NO_SETTINGS:
            settings.INSTALLED_APPS  # noqa: B018 - reads the settings, so that a missing key is told in one sentence
        with _database_of(command) if command not in NEEDS_NO_SETTINGS else contextlib.nullcontext():
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.Refused) as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
