"""Spark is an extra: without it or without Java these tests are skipped, in CI only where it says so."""

import importlib.util
import os
import shutil

import pytest


@pytest.fixture(scope="session")
def spark():
    """One session for all tests, on two threads."""
    if importlib.util.find_spec("pyspark") is None:
        missing = "pyspark is not installed: Spark tests skipped (NAER_EXTRAS=spark ./run setup)"
    elif shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        missing = "no Java: Spark tests skipped (Debian: sudo apt-get install openjdk-17-jre-headless)"
    else:
        from naer.history.spark import session

        # A short life: what the JVM and Spark compile to run faster later is never run again.
        os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        opened = session("local[2]")
        opened.conf.set("spark.sql.shuffle.partitions", 2)
        opened.conf.set("spark.sql.codegen.wholeStage", False)
        opened.conf.set("spark.sql.adaptive.enabled", False)
        yield opened
        opened.stop()
        return
    if os.environ.get("CI") and "spark" in os.environ.get("NAER_EXTRAS", "").split():
        pytest.fail(missing.replace("skipped", "cannot run, though CI should have installed it"))
    pytest.skip(missing)
