"""What the real Anki library takes for the same work, for the benchmarks beside it.

    real_anki.py import PACKAGE             an import into an empty collection
    real_anki.py stats CARDS REVIEWS DAYS   the statistics of the last DAYS (0: all) over a collection of that size

Needs a Python with the package `anki` from PyPI; the benchmarks call it where PLUGG_ANKI_PYTHON names one. Prints
seconds (the median of several calls for statistics) and peak memory in KiB.
"""

import pathlib
import resource
import statistics
import sys
import tempfile
import time

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest


def import_package(folder: pathlib.Path, package: str) -> float:
    collection = Collection(str(folder / "collection.anki2"))
    started = time.perf_counter()
    request = ImportAnkiPackageRequest(package_path=package, options=ImportAnkiPackageOptions())
    collection.import_anki_package(request)
    took = time.perf_counter() - started
    collection.close()
    return took


def statistics_call(folder: pathlib.Path, cards: int, reviews: int, days: int) -> float:
    collection = Collection(str(folder / "collection.anki2"))
    note_type = collection.models.by_name("Basic")["id"]
    today = int(time.time()) // 86_400
    database = collection.db
    database.executemany(
        "insert into notes values (?, ?, ?, 0, -1, '', ?, ?, 0, 0, '')",
        ((n, f"g{n}", note_type, f"Question {n}\x1fAnswer", f"Question {n}") for n in range(1, cards + 1)),
    )
    database.executemany(
        "insert into cards values (?, ?, 1, 0, 0, -1, 2, 2, ?, ?, 2500, 10, 0, 0, 0, 0, 0, '{}')",
        ((n, n, n % 365, 1 + n % 200) for n in range(1, cards + 1)),
    )
    # Spread over five years, a card at a time, 87 % right.
    step = 5 * 365 * 86_400_000 // reviews
    first = (today - 5 * 365) * 86_400_000
    database.executemany(
        "insert into revlog values (?, ?, -1, ?, 20, 10, 2500, 6000, 1)",
        ((first + n * step, 1 + n * 7919 % cards, 3 if n % 8 else 1) for n in range(reviews)),
    )
    collection.close()
    collection = Collection(str(folder / "collection.anki2"))
    times = []
    for _ in range(5):
        started = time.perf_counter()
        collection._backend.graphs(search="", days=days)
        times.append(time.perf_counter() - started)
    collection.close()
    return statistics.median(times)


with tempfile.TemporaryDirectory() as name:
    what, *arguments = sys.argv[1:]
    folder = pathlib.Path(name)
    if what == "import":
        seconds = import_package(folder, *arguments)
    else:
        seconds = statistics_call(folder, *map(int, arguments))
print(f"{seconds:.4f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
