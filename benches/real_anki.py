"""What the real Anki library takes for the same work, for the benchmarks beside it.

Needs a Python with the package `anki` from PyPI; the benchmarks call it where PLUGG_ANKI_PYTHON names one.
Prints seconds and peak memory in KiB.
"""

import pathlib
import resource
import sys
import tempfile
import time

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest


def import_package(package: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection(str(pathlib.Path(folder) / "collection.anki2"))
        started = time.perf_counter()
        request = ImportAnkiPackageRequest(package_path=package, options=ImportAnkiPackageOptions())
        collection.import_anki_package(request)
        took = time.perf_counter() - started
        collection.close()
    return took


seconds = import_package(sys.argv[1])
print(f"{seconds:.4f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
