"""``make bench`` on a tiny size, from end to end: no times are asserted."""

from __future__ import annotations

import json

from ceasefire_monitor.tests.benchmarks import run


def test_the_benchmark_runs_from_end_to_end_and_what_is_missing_is_told(tmp_path):
    report = run.main([str(tmp_path), "--size", "tiny", "--peers", str(tmp_path / "absent")])
    kernel, postgis, save, join, taken = report.races
    assert kernel.peer.missing == "not installed"
    assert len(kernel.ours.seconds) == 1
    assert postgis.peer.seconds or "PostgreSQL" in postgis.peer.missing
    for race in (save, join, taken):
        assert race.ours.missing is None
        assert race.peer.missing is None
        assert race.ratio > 0.0
    assert [step.count for step in report.scaling if step.seconds] == [20, 40]
    assert [turns.name for turns in report.plain if turns.missing] == []
    for leftover in ("output_*", "ledger_*", "plain_*"):
        assert list(tmp_path.glob(leftover)) == []
    stored = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert stored["races"][0]["verdict"] == "not measured"
