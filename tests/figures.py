"""Recomputes the report's figures from the log alone, in plain SQL and arithmetic, and holds them against plugg's own.

    python3 tests/figures.py DATABASE PLUGG [YYYY-MM-DD]

Nothing of plugg's code is used: only the rows of `review`, `event` and `scope`, and the JSON that `plugg report` prints.
It ends with 1 at the first figure that differs.
"""

import json
import math
import sqlite3
import subprocess
import sys
from datetime import date

EPOCH = date(1970, 1, 1)
Z = 1.959964


def wilson(passed, answers):
    share = passed / answers
    middle = share + Z * Z / (2 * answers)
    reach = Z * math.sqrt(share * (1 - share) / answers + Z * Z / (4 * answers * answers))
    scale = 1 + Z * Z / answers
    return share, (middle - reach) / scale, (middle + reach) / scale


def same(what, ours, theirs, tolerance=1e-6):
    near = theirs is not None and ours is not None and abs(ours - theirs) <= tolerance
    if not (near or ours is theirs):
        sys.exit(f"{what}: recomputed {ours}, the report says {theirs}")


database, program, *day = sys.argv[1:]
as_of = ["--as-of", day[0]] if day else []
report = json.loads(
    subprocess.run([program, "--db", database, "report", "--json", *as_of], check=True, capture_output=True).stdout
)
today = (date.fromisoformat(report["today"]) - EPOCH).days
first = today - report["window_days"] + 1

# An answer that counts: asked because it was due, the first of its day, its card's interval a day or more, not taken back.
rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute(
    """
    select scope.area, scope.system, scope.level, review.day, before_interval >= 21, evidence = 1, grade >= 3, guess,
           predicted, average, before_interval,
           review.day - (select max(earlier.day) from review as earlier
                         where earlier.card = review.card and earlier.seq < review.seq
                           and not exists (select 1 from event where event.review = earlier.seq and kind = 0))
    from review join scope on scope.id = review.scope
    where purpose = 0 and before_interval >= 1 and review.day <= ?
      and not exists (select 1 from event where event.review = review.seq and kind = 0)
      and not exists (select 1 from review as earlier where earlier.card = review.card
                      and earlier.day = review.day and earlier.seq < review.seq
                      and not exists (select 1 from event where event.review = earlier.seq and kind = 0))
    order by review.seq
    """,
    [today],
).fetchall()
window = [row for row in rows if row[3] >= first]
print(f"{len(rows)} answers count, {len(window)} of them in the window of {report['window_days']} days")


def rate(what, chosen, theirs):
    answers, passed, guessed = len(chosen), sum(row[6] for row in chosen), sum(row[7] for row in chosen)
    same(f"{what} answers", answers, theirs["answers"])
    same(f"{what} passed", passed, theirs["passed"])
    same(f"{what} guessed", guessed, theirs["guessed"], 1e-6)
    if answers < 20:
        same(f"{what} share", None, theirs["share"])
        return 1
    guess = guessed / answers
    for name, right in zip(("value", "low", "high"), wilson(passed, answers)):
        known = min(1.0, max(0.0, (right - guess) / (1 - guess)))
        same(f"{what} {name}", known, theirs["share"][name])
    return 1


checked = 0
for area in [*report["areas"], report["total"]]:
    mine = window if area is report["total"] else [row for row in window if row[0] == area["id"]]
    ever = rows if area is report["total"] else [row for row in rows if row[0] == area["id"]]
    checked += rate(f"{area['id']} retention", mine, area["retention"])
    checked += rate(f"{area['id']} young", [row for row in mine if not row[4]], area["young"])
    checked += rate(f"{area['id']} mature", [row for row in mine if row[4]], area["mature"])
    checked += rate(f"{area['id']} checked", [row for row in mine if row[5]], area["checked"])
    checked += rate(f"{area['id']} self-graded", [row for row in mine if not row[5]], area["self_graded"])
    for level, theirs in enumerate(area["by_level"]):
        checked += rate(f"{area['id']} level {level}", [row for row in mine if row[2] == level], theirs)
    for period, length in ((week, 7) for week in area["weeks"]):
        begin = (date.fromisoformat(period["from"]) - EPOCH).days
        chosen = [row for row in ever if begin <= row[3] < begin + length]
        checked += rate(f"{area['id']} week {period['from']}", chosen, period["retention"])
    for period in area["months"]:
        month = date.fromisoformat(period["from"])
        begin = (month - EPOCH).days
        end = (date(month.year + month.month // 12, month.month % 12 + 1, 1) - EPOCH).days
        chosen = [row for row in ever if begin <= row[3] < end]
        checked += rate(f"{area['id']} month {period['from']}", chosen, period["retention"])
    for system in area.get("systems", []):
        chosen = [row for row in mine if row[1] == system["id"]]
        checked += rate(f"{system['id']} retention", chosen, system["retention"])
print(f"{checked} rates agree")

# The predictions: each was written down before its answer.
predicted = [row for row in rows if row[8] is not None]
prediction = report["prediction"]
same("predicted answers", len(predicted), prediction["answers"])


def loss(chance, passed):
    chance = min(0.9999, max(0.0001, chance))
    return -math.log(chance if passed else 1 - chance)


if predicted:
    n = len(predicted)
    same("log loss", sum(loss(row[8], row[6]) for row in predicted) / n, prediction["log_loss"])
    same("of the average", sum(loss(row[9], row[6]) for row in predicted) / n, prediction["log_loss_average"])
    implied = sum(loss(0.9 ** (row[11] / row[10]), row[6]) for row in predicted) / n
    same("of SM-2's curve", implied, prediction["log_loss_interval"])
    # The learner's average before each answer, from nothing but the answers before it.
    answers = passed = 0
    for row in predicted:
        same("the average so far", (passed + 1) / (answers + 2), row[9], 1e-9)
        answers, passed = answers + 1, passed + row[6]
    for theirs in prediction["calibration"]:
        tenth = [row for row in predicted if min(int(row[8] * 10), 9) == round(theirs["from"] * 10)]
        same("calibration answers", len(tenth), theirs["answers"])
        same("calibration predicted", sum(row[8] for row in tenth) / len(tenth), theirs["predicted"])
        same("calibration passed", sum(row[6] for row in tenth) / len(tenth), theirs["passed"])
    print(f"{n} predictions: log loss and {len(prediction['calibration'])} bins of calibration agree")
