"""A Spark cluster of two workers counts what DuckDB counts, by the same command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.counters.facts import many, write
from tests.counters.test_audit import YEARLY, enter, timeless, told
from tests.program import bare_environment, crosspost

SPARK = Path(__file__).parents[2] / ".cache" / "spark"
DAYS = ("--since", "2025-01-06", "--until", "2025-12-22")
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # compiling well takes longer than the little that is run
pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master on this machine with two workers of one core each."""
    if not (SPARK / "pyspark").is_dir():
        pytest.skip("pyspark is not there: .ci/install-spark")
    folder = tmp_path_factory.mktemp("cluster")
    environment = bare_environment(
        folder, SPARK_LOCAL_IP="127.0.0.1", SPARK_HOME=str(SPARK / "pyspark"), SPARK_DAEMON_JAVA_OPTS=JAVA
    )
    spark_class = str(SPARK / "pyspark" / "bin" / "spark-class")
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("wb") as file:
            command = ["bash", spark_class, f"org.apache.spark.deploy.{arguments[0]}", *arguments[1:]]
            started.append(
                subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file, start_new_session=True)
            )
        return log

    try:
        ports = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        address = _seen(start("master", "master.Master", *ports), r"Starting Spark master at (spark://\S+)")
        sizes = ("--cores", "1", "--memory", "512m")
        logs = [
            start(name, "worker.Worker", *ports, *sizes, "--work-dir", str(folder / f"work of {name}"), address)
            for name in ("worker1", "worker2")
        ]
        for log in logs:
            _seen(log, r"(Successfully registered) with master")
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _seen(log: Path, pattern: str) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text("utf-8", "replace")):
            return found.group(1)
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace")[-2_000:])


def on(cluster: str, home: Path, *command: str) -> str:
    """What a command prints that counts on the cluster."""
    (home / "spark-defaults.conf").write_text(
        "spark.sql.shuffle.partitions 1\nspark.sql.adaptive.enabled false\nspark.ui.enabled false\n"
        "spark.driver.host 127.0.0.1\n"
        "spark.executor.memory 512m\n"
        f"spark.driver.extraJavaOptions {JAVA}\nspark.executor.extraJavaOptions {JAVA}\n"
    )
    environment = bare_environment(
        home, SPARK_LOCAL_IP="127.0.0.1", SPARK_HOME=str(SPARK / "pyspark"), SPARK_CONF_DIR=str(home),
        PYTHONPATH=os.pathsep.join([str(SPARK), *filter(None, [os.environ.get("PYTHONPATH")])]),
    )  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "crosspost", *command, "--engine", "spark", "--master", cluster], cwd=home,
        env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3_000:]
    return ran.stdout


def test_an_audit_counted_on_the_cluster_is_that_of_plain_code(cluster: str, tmp_path: Path) -> None:
    enter(tmp_path, 60)
    assert timeless(on(cluster, tmp_path, *YEARLY)) == told(tmp_path)


def test_the_cluster_gives_the_same_tables_as_duckdb(cluster: str, tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Léa", "--zone", "UTC", home=tmp_path).returncode == 0
    leads, touches = write(many(3_000, seed=8), tmp_path, "parquet")
    files = ("--leads", str(leads), "--touches", str(touches))
    duck = crosspost("statistics", *DAYS, *files, "--engine", "duckdb", "--json", home=tmp_path)
    assert duck.returncode == 0, duck.stderr
    found = json.loads(on(cluster, tmp_path, "statistics", *DAYS, *files, "--json"))
    assert found == json.loads(duck.stdout)
    assert len(found["paths"]) > 500


def test_a_cluster_that_is_not_there_is_told_without_pyspark_too(tmp_path: Path) -> None:
    assert crosspost("brand", "add", "Léa", home=tmp_path).returncode == 0
    leads, touches = write(many(3, seed=8), tmp_path, "parquet")
    files = ("--leads", str(leads), "--touches", str(touches))
    ran = crosspost("statistics", *DAYS, *files, "--engine", "spark", "--master", "spark://127.0.0.1:1", home=tmp_path)
    assert (ran.returncode, "pyspark is not installed" in ran.stderr) == (6, True)
