"""Runs every case against the server in S3_URL, and prints a line of JSON for each: its area, its name, and what was wrong."""
import importlib
import json
import os
import sys
import traceback

from kit import cases

folder = os.path.dirname(os.path.abspath(__file__))
areas = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py") and name not in ("kit.py", "run.py"))
for area in areas:
    importlib.import_module(area)

for area, name, function in cases:
    wrong = None
    try:
        function()
    except Exception as error:  # Whatever it was, it is what the case found.
        where = traceback.extract_tb(error.__traceback__)
        lines = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(where[-3:]))
        wrong = f"{type(error).__name__}: {error} ({lines})"
    json.dump({"area": area, "name": name, "wrong": wrong}, sys.stdout)
    sys.stdout.write("\n")
    sys.stdout.flush()
