"""The runner: tasks and main-thread runs, success, cancel, failure, history, nothing left over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
    QgsProcessingProvider,
)
from qgis.gui import QgsGui


class Slow(QgsProcessingAlgorithm):
    """Writes a file, then counts until it is stopped or has counted enough."""

    THREADED = True
    ran_in: list = []

    def createInstance(self):
        return type(self)()

    def name(self):
        return type(self).__name__.lower()

    def displayName(self):
        return "Count slowly"

    def flags(self):
        if self.THREADED:
            return super().flags()
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading

    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterString("HOW", "How"))
        self.addParameter(QgsProcessingParameterFileDestination("OUTPUT", "Out", "Text (*.txt)"))

    def processAlgorithm(self, parameters, context, feedback):
        how = self.parameterAsString(parameters, "HOW", context)
        path = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        self.ran_in.append(threading.current_thread() is threading.main_thread())
        Path(path).write_text("half", encoding="utf-8")
        feedback.pushInfo("It has begun.")
        if how == "fail":
            raise QgsProcessingException("The lines have no features; choose another layer.")
        if how == "crash":
            raise ZeroDivisionError("secret detail")
        steps = 200_000_000 if how == "for ever" else 20
        for step in range(steps):
            if feedback.isCanceled():
                break
            feedback.setProgress(100 * step / 20 if step < 20 else 99)
        Path(path).write_text("whole", encoding="utf-8")
        return {"OUTPUT": path}


class SlowOnMain(Slow):
    """The same on the main thread."""

    THREADED = False


class TestProvider(QgsProcessingProvider):
    """Gives the two."""

    __test__ = False

    def id(self):
        return "slowtest"

    def name(self):
        return "Slow test"

    def loadAlgorithms(self):
        self.addAlgorithm(Slow())
        self.addAlgorithm(SlowOnMain())


@pytest.fixture
def runner(desk):
    from ceasefire_monitor.ui.runner import Runner

    provider = TestProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    Slow.ran_in.clear()
    made = Runner(desk.window, desk.bar)
    yield made
    made.close()
    QgsApplication.processingRegistry().removeProvider(provider)


@pytest.fixture
def finish(runner, tmp_path, wait):
    """``finish(id, how)``: run to the end; returns the Run and the output's path."""

    def run(algorithm, how, meanwhile=None):
        runs = []
        output = tmp_path / "out.txt"
        assert runner.run(algorithm, {"HOW": how, "OUTPUT": str(output)}, runs.append)
        if meanwhile:
            meanwhile()
        wait(lambda: runs)
        assert not runner.busy()
        return runs[0], output

    return run


BOTH = pytest.mark.parametrize("algorithm", ["slowtest:slow", "slowtest:slowonmain"])


@BOTH
def test_a_run_ends_with_its_results(finish, algorithm):
    run, output = finish(algorithm, "well")
    assert run.outcome.value == "done"
    assert run.results["OUTPUT"] == str(output)
    assert output.read_text() == "whole"


def test_only_what_must_runs_on_the_main_thread(finish):
    finish("slowtest:slow", "well")
    finish("slowtest:slowonmain", "well")
    assert Slow.ran_in == [False, True]


def test_a_cancelled_task_leaves_no_output(finish, runner, wait):
    def cancel():
        wait(lambda: Slow.ran_in)
        runner.cancel()

    run, output = finish("slowtest:slow", "for ever", cancel)
    assert run.outcome.value == "cancelled"
    assert run.results == {}
    assert not output.exists()


def test_a_cancelled_run_on_the_main_thread_leaves_no_output(finish, runner):
    runner.said.connect(lambda *_: runner.cancel())
    run, output = finish("slowtest:slowonmain", "for ever")
    assert run.outcome.value == "cancelled"
    assert not output.exists()


@BOTH
def test_a_failure_is_one_sentence_in_the_message_bar(finish, desk, algorithm):
    run, output = finish(algorithm, "fail")
    assert run.outcome.value == "failed"
    assert run.sentence == "The lines have no features; choose another layer."
    assert desk.sentences() == [run.sentence]
    assert not output.exists()


@BOTH
def test_a_crash_shows_no_traceback_and_no_data(finish, desk, algorithm):
    run, output = finish(algorithm, "crash")
    assert run.outcome.value == "failed"
    assert "Traceback" not in run.sentence
    assert "secret" not in run.sentence
    assert "Count slowly" in run.sentence
    assert not output.exists()


def test_a_file_that_was_there_before_survives_a_failure(finish, tmp_path):
    (tmp_path / "out.txt").write_text("mine")
    _, output = finish("slowtest:slow", "fail")
    assert output.exists()


def test_wrong_parameters_are_refused_before_anything_runs(runner, desk):
    assert not runner.run("slowtest:slow", {"OUTPUT": "/tmp/x.txt"})
    assert not runner.busy()
    assert len(desk.sentences()) == 1


def test_an_algorithm_that_is_not_there_is_named(runner, desk):
    runs = []
    assert not runner.run("slowtest:nothing", {}, runs.append)
    assert runs[0].outcome.value == "failed"
    assert "slowtest:nothing" in desk.sentences()[0]


def test_one_runs_at_a_time(runner, desk, tmp_path, wait):
    runs = []
    forever = {"HOW": "for ever", "OUTPUT": str(tmp_path / "a.txt")}
    assert runner.run("slowtest:slow", forever, runs.append)
    assert not runner.run("slowtest:slow", forever)
    assert "still running" in desk.sentences()[0]
    runner.cancel()
    wait(lambda: runs)


def test_closing_in_the_middle_ends_it_without_a_word(runner, desk, tmp_path, wait):
    runs = []
    forever = {"HOW": "for ever", "OUTPUT": str(tmp_path / "a.txt")}
    runner.run("slowtest:slow", forever, runs.append)
    wait(lambda: Slow.ran_in)
    runner.close()
    wait(lambda: not runner.busy())
    assert runs == []
    assert desk.sentences() == []
    assert not (tmp_path / "a.txt").exists()


def test_history_can_repeat_the_run_and_holds_no_secret(runner, tmp_path, wait):
    runs = []
    history = QgsGui.historyProviderRegistry()
    secret = "https://me:hidden1@example.org/?token=hidden2"
    output = str(tmp_path / "out.txt")
    runner.run("slowtest:slow", {"HOW": secret, "OUTPUT": output}, runs.append)
    wait(lambda: runs)
    entries = [
        entry.entry
        for entry in history.queryEntries(providerId="processing")
        if entry.entry.get("algorithm_id") == "slowtest:slow"
    ]
    assert entries[-1]["parameters"]["inputs"]["OUTPUT"] == output
    assert "slowtest:slow" in entries[-1]["python_command"]
    assert "hidden" not in str(entries)


def test_a_native_algorithm_hands_over_its_layer(runner, wait):
    from qgis.analysis import QgsNativeAlgorithms

    registry = QgsApplication.processingRegistry()
    native = None
    if registry.providerById("native") is None:
        native = QgsNativeAlgorithms(registry)
        registry.addProvider(native)
    runs = []
    parameters = {"INPUT": "0,10,0,10 [EPSG:4326]", "OUTPUT": "TEMPORARY_OUTPUT"}
    assert runner.run("native:extenttolayer", parameters, runs.append)
    wait(lambda: runs)
    layer = runs[0].context.takeResultLayer(runs[0].results["OUTPUT"])
    assert layer.featureCount() == 1
