"""Run by test_leases in a process of its own: works on job argv[1] and stops at the place argv[2] until it is killed."""

import os
import sys
import time

import django

django.setup()

from django.db import transaction

from accounts.changes import change
from jobs import actions
from stations.models import Agency


def stop(place):
    if sys.argv[2:] == [place]:
        print("here", flush=True)
        time.sleep(120)


def build(lease):
    stop("before")
    with transaction.atomic():
        lease.hold()
        with change(lease.user, "test.built"):
            Agency.objects.get_or_create(name=f"job {lease.id}")
            stop("inside")
    stop("after")
    return {"pid": os.getpid()}


actions.work = lambda: {"test.build": build}
if __name__ == "__main__":
    actions.run(int(sys.argv[1]))
