"""The heat maps of a folder against the long export of the store (standard input)."""
import csv
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
exported = {}
for row in csv.DictReader(sys.stdin):
    if row["statistic"] == "share" and row["measure"] in ("false_rollback", "missed"):
        exported[row["measure"], row["rate"], row["failures"]] = float(row["value"])


def rows(name):
    with open(folder / f"heat-{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def values(name):
    return {row["at"]: row["text"] for row in rows(name)}


rates, failures = values("x_axis"), values("y_axis")
drawn = {}
for measure, name in (("false_rollback", "false_map"), ("missed", "missed_map")):
    for row in rows(name):
        drawn[measure, rates[row["x"]], failures[row["y"]]] = float(row["share"])
assert drawn == exported and len(drawn) == 12, (drawn, exported)
