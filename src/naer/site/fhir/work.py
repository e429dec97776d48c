"""What the FHIR interface does when nobody waits: exports, imports, and telling subscribers."""

import threading
import time
from collections.abc import Callable

import structlog

from naer.events.instant import Instant
from naer.site.fhir import addresses, export, jobs, loading, registry, telling
from naer.site.fhir.models import Job
from naer.site.trouble import Trouble

AT_ONCE = 5
"""Jobs in one round."""
EVERY_S = 1.0
"""Between two rounds."""
NEEDED = (addresses, registry)
"""What is read and written: every type is known once these are loaded."""
_log = structlog.get_logger("naer.fhir")


def run(clock: Callable[[], Instant], new_id: Callable[[], str]) -> int:
    """One round over what waits; how much was done. Several processes may do so at the same time."""
    done = telling.tell(clock, new_id)
    for _ in range(AT_ONCE):
        job = jobs.claimed(clock())
        if job is None:
            break
        _do(job, clock, new_id)
        done += 1
    return done


def beside() -> None:
    """Round after round in a thread of its own, for as long as the process lives.

    An export of a whole municipality takes minutes: deliveries in the same process do not wait for it.
    """
    threading.Thread(target=_rounds, name="fhir", daemon=True).start()


def _rounds() -> None:
    from naer.site import clock
    from naer.site.identity import new_id

    trouble = Trouble("naer.fhir", "the FHIR interface is in trouble; tried again")
    while True:
        with trouble.caught():
            run(clock.now, new_id)
        time.sleep(EVERY_S)


def _do(job: Job, clock: Callable[[], Instant], new_id: Callable[[], str]) -> None:
    """Do one job; a fault of our own ends it as failed, and is logged."""
    try:
        if not job.user.is_active:
            raise PermissionError("the account of the job is closed")
        if job.kind == "export":
            export.run(job, clock)
        else:
            loading.run(job, clock, new_id)
        job.state = Job.State.DONE
    except jobs.GoneError:
        return
    except Exception:
        _log.exception("job failed", job=job.key)
        job.state = Job.State.FAILED
    jobs.held(job).update(state=job.state, parameters=job.parameters, finished=clock())
