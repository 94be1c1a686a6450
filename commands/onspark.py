"""Some authorities of a table on every machine of a Spark cluster; the only module that knows of Spark.

Every task opens the table for itself and reads the rows of its authorities alone, as a run on one machine does with as
many as memory allows; only rows of the answer travel. The workers need the product, Python of the same version and the
table under the same path.
"""

from __future__ import annotations

import io
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from commands.common import USAGE, stop
from explain.screening import Answer, Lot
from kb.model import Problem

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import SparkSession

ON_SPARK = "spark"
"""What is said to Spark on this machine; what begins with spark:// names a cluster."""
QUIET = {"spark.ui.enabled": "false", "spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false",
         "spark.executorEnv.POLARS_MAX_THREADS": "1"}
"""No page beside the run, no talk, and no task that takes all processors of its machine for itself."""
ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "place long, rows binary, problems binary"


@contextmanager
def session(where: str) -> Iterator[SparkSession]:
    """A session on this machine or a cluster; an end in one line where there is no Spark or no Java."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        stop(["sigrisk: --on spark needs the extra 'spark': pip install 'signatures-of-risk[spark]'"], USAGE)
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        stop(["sigrisk: --on spark needs Java 17 or newer: no JAVA_HOME is set, and there is no java"], USAGE)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    builder = SparkSession.builder.master("local[*]" if where == ON_SPARK else where).appName("sigrisk screen")
    for name, value in {**QUIET, "spark.executorEnv.PYTHONPATH": path}.items():
        builder = builder.config(name, value)
    spark = None
    try:
        spark = builder.getOrCreate()
        yield spark
    except PySparkException as error:
        stop([f"sigrisk: Spark could not do it: {_last_line(error)}"], USAGE)
    finally:
        if spark is not None:
            spark.stop()


def _last_line(error: Exception) -> str:
    return next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__).strip()


def on_spark(where: str, work: Callable[[Lot], Answer], parts: Callable[[int], Sequence[Lot]]) -> list[Answer]:
    """What the work gives of each part, in their order; `parts`: for as many tasks as run at once."""
    with session(where) as spark:
        return _gathered(spark, work, parts(int(spark.sparkContext.defaultParallelism)))


def _gathered(spark: SparkSession, work: Callable[[Lot], Answer], parts: Sequence[Lot]) -> list[Answer]:
    def of_some(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        for batch in batches:
            for place in batch.column("id").to_pylist():
                rows, problems = _packed(work(parts[place]))
                yield pyarrow.RecordBatch.from_pydict({"place": [place], "rows": [rows], "problems": [problems]})
    found = spark.range(0, len(parts), 1, len(parts)).mapInArrow(of_some, SCHEMA).collect()
    return [_unpacked(row) for row in sorted(found, key=lambda row: int(row.place))]


def _packed(found: Answer) -> tuple[bytes, bytes]:
    """An answer as bytes that are small: its rows, or its problems."""
    if not isinstance(found, pl.DataFrame):
        return b"", pickle.dumps(found)
    written = io.BytesIO()
    found.write_ipc(written, compression="zstd")
    return written.getvalue(), b""


def _unpacked(row: Any) -> Answer:
    if row.problems:
        problems: tuple[Problem, ...] = pickle.loads(row.problems)
        return problems
    return pl.read_ipc(io.BytesIO(row.rows))
