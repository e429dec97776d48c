"""What the FHIR interface does when nobody waits: exports, imports, and telling subscribers."""

from collections.abc import Callable

import structlog

from naer.events.instant import Instant
from naer.site.fhir import addresses, export, jobs, loading
from naer.site.fhir.models import Job

AT_ONCE = 5
"""Jobs in one round."""
WRITERS = addresses.WRITERS
"""What imports take in: loaded with the addresses."""
_log = structlog.get_logger("naer.fhir")


def run(clock: Callable[[], Instant], new_id: Callable[[], str]) -> int:
    """One round over what waits; how many jobs were done. Several processes may do so at the same time."""
    done = 0
    for _ in range(AT_ONCE):
        job = jobs.claimed(clock())
        if job is None:
            break
        _do(job, clock, new_id)
        done += 1
    return done


def _do(job: Job, clock: Callable[[], Instant], new_id: Callable[[], str]) -> None:
    """Do one job; a fault of our own ends it as failed, and is logged."""
    now = clock()
    try:
        if not job.user.is_active:
            raise PermissionError("the account of the job is closed")
        if job.kind == "export":
            export.run(job, now)
        else:
            loading.run(job, now, new_id)
        job.state = Job.State.DONE
    except jobs.GoneError:
        return
    except Exception as error:
        _log.exception("job failed", job=job.key, error=type(error).__name__)
        job.state = Job.State.FAILED
    Job.objects.filter(pk=job.pk).update(state=job.state, parameters=job.parameters, finished=clock())
