"""Background work of the room: rolling a period up because somebody asked."""

from metrics.actions import roll_up
from periods import Period
from stations.models import Division, Station


def rollup(job):
    """Input: period code, place as [kind, id]. Result: how many cells changed."""
    kind, pk = job.input["place"]
    place = Station.objects.get(pk=pk) if kind == "station" else Division.objects.get(pk=pk)
    job.progress(0, 1)
    return {"changed": roll_up(Period.parse(job.input["period"]), place, hold=job.hold)}


WORK = {"metrics.rollup": rollup}
