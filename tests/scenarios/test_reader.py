"""Strict reading: what does not fit becomes one sentence: the file, the key, what was found, what may stand there."""

import copy
import datetime
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import (
    BINARY_XOR,
    BOWL,
    CURVE,
    DOUBLE_WELL,
    FORMULA,
    LINE,
    XOR,
    Complaint,
    changed,
    save,
    table,
    told,
)

from nnsim.scenarios import library
from nnsim.scenarios.experiment import build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import MOST_BYTES, ScenarioError, convert, find, read, read_table
from nnsim.scenarios.remark import PLACEHOLDERS
from nnsim.scenarios.schema import Scenario

EVERY_KEY = ", ".join(Scenario.__struct_fields__)
EVERY_OPTIMIZER = (
    '"sgd", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "adamax", "nadam", "radam", "rprop" or "lion"'
)
REMARK = table("narration", when="start", text="You start.")
EXPECT = table("expect", kind="value", title="T", quantity="w1", equals=4.0, tolerance=1.0)


def complaint(path: Path, overrides: dict[str, object] | None = None) -> Complaint:
    """The error about a bad file; what only fits together wrongly counts as well."""
    with pytest.raises(ScenarioError) as caught:
        build(read(path, overrides), str(path), overridden=overrides or ())
    return told(caught.value, path)


def mentioned(text: str) -> set[str]:
    """The words of a text."""
    return {*re.findall(r"\w+", text)}


# Each row: a text, what is changed in it, and the sentence.
BAD_KEYS = [
    # keys that do not belong there, that are missing, and of the wrong type
    (BOWL, "start =", "colour = 3\nstart =", f'"colour" is not a known key: a scenario takes {EVERY_KEY}.'),
    (BOWL, "[run]", "[runs]", f'"runs" is not a known key: a scenario takes {EVERY_KEY}. Did you mean run?'),
    (
        BOWL + '\n[[variants]]\ntitle = "V"\nset = { "optimizer.learning_rate" = 0.1 }\n',
        '"optimizer.learning_rate"',
        "optimizer.learning_rate",
        f"variants[1].set: optimizer.kind is missing: it takes {EVERY_OPTIMIZER}. "
        'Did you mean "optimizer.learning_rate", in quotes?',
    ),
    (
        BOWL,
        "learning_rate = 0.5",
        "learning_rate = 0.5\nlr = 3",
        '"optimizer.lr" is not a known key: optimizer takes kind, learning_rate, momentum, nesterov, dampening, '
        "weight_decay. Did you mean learning_rate?",
    ),
    (
        BOWL,
        "start =",
        'why = """' + "\\n".join("x" for _ in range(23)) + '"""\nstart =',
        "the scenario has a why of 23 lines: it takes up to 22.",
    ),
    (
        BOWL,
        "start =",
        'why = "a\\n' + "x" * 73 + '"\nstart =',
        "the scenario has a why whose line 2 has 73 characters: it takes up to 72.",
    ),
    (
        BOWL,
        "start =",
        'why = "\\u001b[31m"\nstart =',
        "the scenario has a why whose line 1 has a character that does not print: it takes plain text.",
    ),
    (
        BOWL + REMARK,
        'when = "start"',
        'when = "reached"\nbelow = 1.0',
        'narration[1] has when = "reached" without a quantity: it takes one, such as quantity = "loss".',
    ),
    (
        BOWL + REMARK,
        'when = "start"',
        'when = "reached"\nquantity = "loss"',
        "narration[1] has no below and no above: it takes exactly one of below, above.",
    ),
    (
        BOWL + REMARK,
        'when = "start"',
        'when = "reached"\nquantity = "w9"\nbelow = 1.0',
        'narration[1].quantity is "w9": it takes loss, batch_loss, w1, w2.',
    ),
    (
        BOWL + REMARK,
        'when = "start"',
        'when = "start"\nbelow = 1.0',
        'narration[1] has when = "start" with a quantity or a value: they go with "reached".',
    ),
    (
        BOWL + REMARK,
        'when = "start"',
        'when = "start"\nif = 1',
        '"narration[1].if" is not a known key: narration[1] takes when, text, hint, quantity, below, above.',
    ),
    (
        BOWL,
        "start =",
        '"two\\nlines\\u001b[31m" = 3\nstart =',
        f'"two lines?[31m" is not a known key: a scenario takes {EVERY_KEY}.',
    ),
    (BOWL, 'question = "Does it work?"\n', "", "question is missing: it takes text of 1 to 200 characters."),
    (BOWL, "learning_rate = 0.5\n", "", "optimizer.learning_rate is missing: it takes a number of at least 0."),
    (BOWL, 'kind = "sgd"\n', "", f"optimizer.kind is missing: it takes {EVERY_OPTIMIZER}."),
    (BOWL, 'kind = "sgd"', 'kind = "newton"', f'optimizer.kind is "newton": it takes {EVERY_OPTIMIZER}.'),
    (
        BOWL,
        'kind = "sgd"',
        'kind = "rmsprop"\nbeta1 = 0.9',
        '"optimizer.beta1" is not a known key: optimizer takes kind, learning_rate, alpha, epsilon, weight_decay, '
        "momentum, centered.",
    ),
    (
        BOWL,
        'kind = "bowl"',
        "kind = 3",
        'surface.kind is 3: it takes "squared_error", "bowl", "double_well", "named" or "formula".',
    ),
    (BOWL, 'kind = "bowl"', 'kind = "double_well"', '"surface.hessian" is not a known key: surface takes kind.'),
    (BOWL, 'question = "Does it work?"', "question = 3", "question is 3: it takes text of 1 to 200 characters."),
    (BOWL, 'question = "Does it work?"', 'question = ""', 'question is "": it takes text of 1 to 200 characters.'),
    (BOWL, "= 0.5", '= "fast"', 'optimizer.learning_rate is "fast": it takes a number of at least 0.'),
    (BOWL, "= 0.5", "= true", "optimizer.learning_rate is true: it takes a number of at least 0."),
    (BOWL, "= 0.5", "= 2020-01-01", "optimizer.learning_rate is 2020-01-01: it takes a number of at least 0."),
    (BOWL, "updates = 5", "updates = 5.0", "run.updates is 5.0: it takes a whole number of at least 1 and at most"),
    (BOWL, "[0.0, 0.0]\n\n", '[0.0, "a"]\n\n', 'start[2] is "a": it takes a number.'),
    (BOWL, "[0.0, 0.0]\n\n", '"a"\n\n', 'start is "a": it takes a list of 1 or more numbers.'),
    (BOWL, "[run]\nupdates = 5", "[[run]]\nupdates = 5", "run is a list of 1: it takes a table with updates, epochs"),
    (XOR, '"tanh", "linear"', '"tanh", "linera"', 'network.activations[2] is "linera": it takes "elu", "gelu",'),
    (XOR, '"cross_entropy"', '"mse"', 'network.loss is "mse": it takes "absolute_error",'),
    # numbers that are none, or out of bounds
    (BOWL, "= 0.5", "= nan", "optimizer.learning_rate is nan: it takes a finite number."),
    (BOWL, "= 0.5", "= -inf", "optimizer.learning_rate is -inf: it takes a finite number."),
    (BOWL, "= 0.5", "= 1e999", "optimizer.learning_rate is inf: it takes a finite number."),
    (BOWL, "[4.0, 3.0]", "[4.0, nan]", "surface.minimum[2] is nan: it takes a finite number."),
    (BOWL, "[[1.0, 0.0], ", "[[inf, 0.0], ", "surface.hessian row 1, number 1 is inf: it takes a finite number."),
    (
        BOWL,
        "= 0.5",
        f"= {10**20}",
        "optimizer.learning_rate is 100000000000000000000: it takes a number of at most 18 digits.",
    ),
    (BOWL, "= 5", f"= 0x{'F' * 6000}", "run.updates is a number of more than 38 digits: it takes a number of at most"),
    (BOWL, "= 0.5", "= -0.5", "optimizer.learning_rate is -0.5: it takes a number of at least 0."),
    (BOWL, "= 5", "= 0", "run.updates is 0: it takes a whole number of at least 1 and at most 100000000."),
    (
        BOWL,
        "= 0.5",
        "= 0.5\nmomentum = 1",
        "optimizer.momentum is 1: it takes a number of at least 0 and below 1.",
    ),
    (
        BOWL,
        "= 0.5",
        "= 0.5\nnesterov = true",
        "optimizer has nesterov = true with momentum 0: it takes a momentum above 0.",
    ),
    (
        BOWL,
        "= 0.5",
        "= 0.5\ndampening = 0.1",
        "optimizer has dampening 0.1 with momentum 0: it takes a momentum above 0.",
    ),
    (
        BOWL,
        "= 0.5",
        "= 0.5\nmomentum = 0.9\nnesterov = true\ndampening = 0.1",
        "optimizer has nesterov = true with dampening 0.1: it takes a dampening of 0.",
    ),
    (
        BOWL,
        'kind = "sgd"',
        'kind = "rprop"\nstep_minimum = 2\nstep_maximum = 1',
        "optimizer has step_minimum 2.0 with step_maximum 1.0: it takes up to that.",
    ),
    (
        BOWL,
        'kind = "sgd"',
        'kind = "rprop"\neta_minus = 1',
        "optimizer.eta_minus is 1: it takes a number above 0 and below 1.",
    ),
    (BOWL, 'kind = "sgd"', 'kind = "rprop"\neta_plus = 1', "optimizer.eta_plus is 1: it takes a number above 1."),
    (BOWL, 'kind = "sgd"', 'kind = "nadam"\nepsilon = 0', "optimizer.epsilon is 0: it takes a number above 0."),
    (CURVE, "= 100.0\n", "= 0\n", "data.target_scale is 0: it takes a number above 0."),
    (DOUBLE_WELL, "count = 16", "count = 1", "tilts.count is 1: it takes a whole number of at least 2"),
    # lists that are empty, ragged, or of the wrong length
    (BOWL, "[0.0, 0.0]\n\n", "[]\n\n", "start is an empty list: it takes a list of 1 or more numbers."),
    (BOWL, "[0.0, 0.0]\n\n", "[0.0]\n\n", "start has 1 number: this surface takes 2."),
    (LINE, "[network]", "start = [0.0]\n[network]", "start has 1 number: this network has 2 parameters."),
    (
        BOWL,
        "[[1.0, 0.0], [0.0, 1.0]]",
        "[[1.0, 0.0], [0.0]]",
        "surface has a hessian that is not a symmetric 2 x 2 matrix: its minimum has 2 numbers.",
    ),
    (
        BOWL,
        "[[1.0, 0.0], [0.0, 1.0]]",
        "[[1.0, 0.5], [0.0, 1.0]]",
        "surface has a hessian that is not a symmetric 2 x 2 matrix: its minimum has 2 numbers.",
    ),
    (BOWL, "[4.0, 3.0]", "[4.0]", "surface has a hessian that is not a symmetric 1 x 1 matrix: its minimum has 1"),
    (XOR, "[2, 8, 2]", "[2]", "network.sizes is a list of 1: it takes a list of 2 to 64 whole numbers of at least 1"),
    (XOR, "[2, 8, 2]", "[2, 8, 3]", "network.sizes ends with 3: the rows of data.targets have 2 numbers."),
    (XOR, '"tanh", "linear"', '"tanh"', "network has 1 activations for 2 layers: it takes one for each."),
    (
        LINE,
        '"squared_error"',
        '"huber"\nhuber_delta = 0.0',
        "network.huber_delta is 0.0: it takes a number above 0.",
    ),
    (
        LINE,
        '"squared_error"',
        '"squared_error"\nhuber_delta = 2.0',
        'network has huber_delta = 2 with the loss "squared_error": it goes with "huber".',
    ),
    # targets that name no class
    (
        BINARY_XOR,
        '"binary_cross_entropy"',
        '"hinge"',
        'data.targets row 1 is [0]: the loss "hinge" takes -1 or 1.',
    ),
    (
        BINARY_XOR,
        "[[0.0], [1.0], [1.0], [0.0]]",
        "[[0.0], [1.0], [1.5], [0.0]]",
        'data.targets row 3 is [1.5]: the loss "binary_cross_entropy" takes numbers from 0 to 1.',
    ),
    (
        XOR,
        "[0.0, 1.0], [1.0, 0.0]]\n\n",
        "[1.0, 1.0], [1.0, 0.0]]\n\n",
        'data.targets row 3 is [1, 1]: the loss "cross_entropy" takes numbers from 0 to 1 whose sum is 1.',
    ),
    (
        XOR,
        "[0.0, 1.0], [1.0, 0.0]]\n\n",
        "[-1.0, 2.0], [1.0, 0.0]]\n\n",
        'data.targets row 3 is [-1, 2]: the loss "cross_entropy" takes numbers from 0 to 1 whose sum is 1.',
    ),
    (
        CURVE,
        '"half_squared_error"',
        '"hinge"',
        'data.targets row 2 is [0], [0] when divided by target_scale: the loss "hinge" takes -1 or 1.',
    ),
    (LINE, "[[1.0], [2.0], [3.0]]", "[]", "data.inputs is an empty list: it takes a list of 1 or more lists of"),
    (LINE, "[[1.0], [2.0], [3.0]]", "[[1.0]]", "data has 1 inputs for 3 targets: it takes as many of each."),
    (
        LINE,
        "[[1.0], [2.0], [3.0]]",
        "[[1.0], [2.0], [3.0, 4.0]]",
        "data.inputs row 3 has 2 numbers: the others have 1.",
    ),
    (
        CURVE,
        "test_inputs = [[-0.5], [0.5]]\n",
        "",
        "data has test_inputs or test_targets alone: it takes both or none.",
    ),
    (CURVE, "[[-0.5], [0.5]]", "[[-0.5]]", "data has 1 test_inputs for 2 test_targets: it takes as many of each."),
    (CURVE, "size = 2", "size = 4", 'batches.size is 4: it takes up to 3, the number of samples, or "full".'),
    (
        CURVE,
        "size = 2",
        'size = "all"',
        'batches.size is "all": it takes a whole number of at least 1 and at most 100000000 or "full".',
    ),
    (
        LINE,
        '{ kind = "zeros" }',
        '{ kind = "uniform", low = 1.0, high = -1.0 }',
        "network.weights has the range 1.0 to -1.0: it takes a finite one, from low to high.",
    ),
    (
        LINE,
        '{ kind = "zeros" }',
        '{ kind = "uniform", low = -1.5e308, high = 1.5e308 }',
        "network.weights has the range -1.5e+308 to 1.5e+308: it takes a finite one, from low to high.",
    ),
    (LINE, '{ kind = "zeros" }', '"zeros"', 'network.weights is "zeros": it takes a table whose kind is "zeros",'),
    # formulas
    (FORMULA, "(1-x)", "(1-2x)", "surface.text at position 5 has x, where an operator may stand: a product is written"),
    (FORMULA, "(1-x)^2", "__import__('os')", "surface.text at position 1 has _: it takes numbers, names and"),
    (
        FORMULA,
        "(1-x)",
        "(1-\u0445)",
        "surface.text at position 4 has U+0445 CYRILLIC SMALL LETTER HA: it takes numbers,",
    ),
    (FORMULA, "(1-x)^2", "9^9^9^9", "surface.text at position 4 has 9 ^ 3.8742e+08, which is not a finite number."),
    (FORMULA, "(1-x)^2 + 100*(y-x^2)^2", "", 'surface.text is "": it takes text of 1 to 2000 characters.'),
    (FORMULA, "(1-x)^2", "(" * 3000, 'surface.text is "((((((((((((((((((((((((((((((((((((...: it takes text of 1 to'),
    (FORMULA, "\ntext =", "\ntext = 3 #", "surface.text is 3: it takes text of 1 to 2000 characters."),
    (
        FORMULA,
        "\ntext =",
        '\nnames = ["y"]\ntext =',
        "surface.text at position 4 has x, which is not one of the names:",
    ),
    (FORMULA, "\ntext =", '\nnames = ["y", "e"]\ntext =', "surface.names[2] is 'e': it takes a letter and up to 31"),
    (FORMULA, "\ntext =", "\nnames = []\ntext =", "surface.names has 0 entries: it takes 1 to 16."),
    (FORMULA, "[-1.2, 1.0]", "[1.0]", "start has 1 number: this surface takes 2."),
    (
        FORMULA,
        "\ntext =",
        '\nminima = [{label = "A", at = [1.0]}]\ntext =',
        "surface.minima[1], A, lies at 1 numbers: it takes 2, for x, y.",
    ),
    (
        FORMULA,
        "\ntext =",
        '\nminima = [{label = "A"}]\ntext =',
        "surface.minima[1].at is missing: it takes a list of 1 or more numbers.",
    ),
    (
        FORMULA,
        "(y-x^2)",
        "(loss-x^2)",
        "surface.text has a variable loss, but a run has a loss of its own: it takes another name.",
    ),
    # the view
    (BOWL, "[run]", "[view]\nx = [3.0, 1.0]\n[run]", "view has the range 3.0 to 1.0: it takes one from low to high."),
    (BOWL, "[run]", "[view]\ny = [3.0]\n[run]", "view.y is a list of 1: it takes a list of 2 numbers of at"),
    (BOWL, "[run]", "[view]\nx = [0.0, 1e101]\n[run]", "view.x[2] is 1e+101: it takes a number of at least -1e+100"),
    (
        BOWL,
        "[run]",
        "[view]\nsample = 1\n[run]",
        "view.sample is 1: it takes 0, for samples are counted from 0, in files as on the screen.",
    ),
    (DOUBLE_WELL, "[run]", "[view]\nsecants = [1.0, 1e90]\n[run]", "view.secants has 1e+90: so far from the start the"),
    (
        LINE,
        "[run]",
        "[view]\nsample = 3\n[run]",
        "view.sample is 3: it takes 0 to 2, for samples are counted from 0, in files as on the screen.",
    ),
    # keys that exclude or need each other
    (BOWL, "= 5", "= 5\nepochs = 5", "run has updates and epochs: it takes exactly one of updates, epochs."),
    (BOWL, "updates = 5\n", "", "run has no updates and no epochs: it takes exactly one of updates, epochs."),
    (
        BOWL,
        "[run]",
        LINE[LINE.index("[network]") : LINE.index("[optimizer]")] + "[run]",
        "the scenario has surface and network: it takes exactly one of surface, network.",
    ),
    (
        BOWL,
        "start = [0.0, 0.0]\n",
        "",
        "the scenario has a surface without a start: it takes one, such as start = [0.0].",
    ),
    (
        BOWL,
        "[run]",
        '[data]\nkind = "crowd"\n[run]',
        "the scenario has data beside a surface: data goes with a network, tilts with a surface.",
    ),
    (
        LINE,
        LINE[LINE.index("[data]") : LINE.index("[optimizer]")],
        "",
        'the scenario has a network without data: it takes some, such as data = {kind = "crowd"}.',
    ),
    (
        LINE,
        "[run]",
        "[tilts]\ncount = 2\ndeviation = 1.0\n[run]",
        "the scenario has tilts beside a network: tilts go with a surface, data with a network.",
    ),
    # narration, variants, expectations
    (BOWL + REMARK, '"start"', '"started"', 'narration[1].when is "started": it takes "approaching", "arrived",'),
    (
        BOWL + REMARK,
        "[[narration]]",
        "[narration]",
        "narration is a table: it takes a list of tables with when, text, hint, quantity, below, above.",
    ),
    (
        BOWL + table("variants", title="V", set={"optimizer.lr": 1}),
        "lr",
        "rate",
        'variants[1].set: "optimizer.rate" is not a known key: optimizer takes kind, learning_rate, momentum, ',
    ),
    (BOWL + EXPECT, "equals = 4.0", "", "expect[1].equals is missing: it takes a number."),
    (BOWL + EXPECT, '"value"', '"equal"', 'expect[1].kind is "equal": it takes "value", "sequence", "between",'),
    (BOWL + EXPECT, 'kind = "value"\n', "", 'expect[1].kind is missing: it takes "value", "sequence", "between",'),
    (
        BOWL + EXPECT,
        "equals = 4.0",
        "equals = 4.0\nupdate = 1\nepoch = 1",
        "expect[1] has update and epoch: it takes at most one of update, epoch.",
    ),
    (
        BOWL + EXPECT,
        "equals = 4.0",
        'equals = 4.0\nset = { "start" = [1.0, "x"] }',
        'expect[1].set: start[2] is "x": it takes a number.',
    ),
    (
        BOWL + table("expect", kind="reaches", title="T", quantity="w1", below=1.0),
        "below = 1.0",
        "below = 1.0\nabove = 2.0",
        "expect[1] has below and above: it takes exactly one of below, above.",
    ),
    (
        BOWL + table("expect", kind="between", title="T", quantity="w1", low=1.0),
        "low = 1.0",
        "",
        "expect[1] has no low and no high: it takes at least one of low, high.",
    ),
    (
        BOWL + table("expect", kind="statistics", title="T", quantity="w1", seeds=2, statistic="mean", low=1.0),
        "low = 1.0",
        "low = 1.0\nbelow = 1.0",
        'expect[1] has statistic = "mean" with below or above: it takes neither.',
    ),
    (
        BOWL + table("expect", kind="statistics", title="T", quantity="w1", seeds=2, statistic="mean", low=1.0),
        "low = 1.0",
        "low = 1.0\nback = 1.0",
        'expect[1] has statistic = "mean" with back: share_returning and mean_returns take it.',
    ),
    (
        BOWL + table("expect", kind="epochs", title="T", quantity="loss", seeds=2, equals=[1.0, 2.0], tolerance=0.5),
        "tolerance = 0.5",
        "tolerance = [0.5, 0.5, 0.5]",
        "expect[1] has 3 tolerances for 2 values: it takes as many, or a single one.",
    ),
    (
        BOWL + table("expect", kind="statistics", title="T", quantity="w1", seeds=2, statistic="mean", low=1.0),
        'statistic = "mean"',
        'statistic = "mean_returns"\nbelow = 1.0',
        'expect[1] has statistic = "mean_returns" without back: it takes the value to get back to.',
    ),
]


@pytest.mark.parametrize(
    ("text", "old", "new", "sentence"), BAD_KEYS, ids=[re.sub(r"[^\w.]+", "-", row[3])[:50] for row in BAD_KEYS]
)
def test_a_bad_key_is_told_in_one_sentence(tmp_path: Path, text: str, old: str, new: str, sentence: str) -> None:
    bad = changed(text, old, new)
    line, found = complaint(save(tmp_path, bad))
    assert found.startswith(sentence)
    assert found == sentence or not sentence.endswith((".", "?"))
    assert found.endswith((".", "?"))
    assert "\n" not in found
    assert line is not None
    assert mentioned(bad.splitlines()[line - 1]) & mentioned(found)


def test_the_texts_that_the_table_changes_are_good(tmp_path: Path) -> None:
    for text in (BOWL + REMARK + EXPECT, DOUBLE_WELL, LINE, CURVE, XOR):
        path = save(tmp_path, text)
        build(read(path), str(path))


@pytest.mark.parametrize(
    "placeholder", ["{foo}", "{before.x}", "{before[0]}", "{0}", "{}", "{before!r}", "{before:>9}", "{before:{after}}"]
)
def test_a_placeholder_is_one_of_the_known_names_and_nothing_more(tmp_path: Path, placeholder: str) -> None:
    path = save(tmp_path, BOWL + table("narration", when="rose", hint=f"From {placeholder} on."))
    line, sentence = complaint(path)
    assert sentence.startswith(f"narration[1] has {placeholder} in its hint: it takes {', '.join(PLACEHOLDERS)}.")
    assert sentence.endswith("Did you mean {before}?") == ("before" in placeholder)
    assert path.read_text().splitlines()[(line or 0) - 1].startswith("hint")


@pytest.mark.parametrize("text", ["{before", "before}", "{{before}"])
def test_a_lonely_brace_is_told(tmp_path: Path, text: str) -> None:
    path = save(tmp_path, BOWL + table("narration", when="rose", text=text))
    sentence = "narration[1] has a brace without its partner in its text: it takes {{ or }} for a brace itself."
    assert complaint(path).sentence == sentence


def test_every_placeholder_and_a_doubled_brace_may_stand_in_a_text(tmp_path: Path) -> None:
    text = " ".join(f"{{{name}}}" for name in PLACEHOLDERS) + " {{x}}"
    path = save(tmp_path, BOWL + table("narration", when="rose", text=text, hint=text))
    assert read(path).narration[0].text == text


# --- files ---


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (b"", 1, "title is missing: it takes text of 1 to 200 characters."),
        (b"\xff\xfe" + BOWL.encode(), 1, "byte 1 of the file is not UTF-8 text."),
        (b"\n\ntitle = 'caf\xe9'", 3, "byte 15 of the file is not UTF-8 text."),
        (b"title = ", 1, "this is not TOML: invalid value at the end."),
        (b"[a]\r\n\r\nb = [1,\r\n", 3, "this is not TOML: invalid value at the end."),
        (b"\xef\xbb\xbf[a]\r\n\tb = [1,\r\n\r\n[b]", 4, "this is not TOML: invalid value at column 2."),
        (b"a = [1\n\n[b]\nc = 1\n", 3, "this is not TOML: unclosed array at column 1."),
        (b"title = 'a'\ntitle = 'b'", 2, "this is not TOML: cannot overwrite a value at the end."),
        (b"[a.b]\n[c]\n[a.b]", 3, "this is not TOML: cannot declare a.b twice at column 5."),
        (f"a = 1\nb = {'9' * 5000}".encode(), 2, "a number has thousands of digits: it takes numbers of at most 18."),
        (b"a = 1\nb = sgd", 2, 'this is not TOML: invalid value at column 5. Did you mean "sgd"?'),
        (b"a = 1\nb = True # yes", 2, "this is not TOML: invalid value at column 5. Did you mean true?"),
        (b"#" * (MOST_BYTES + 1), None, "is larger than 256 kB: no scenario is."),
        (b"b = 1\na = " + b"[" * 5000 + b"]" * 5000, 2, "tables or lists are nested too deeply for a scenario."),
        (b"\na = " + b"{a = " * 5000 + b"1" + b"}" * 5000, 2, "tables or lists are nested too deeply for a scenario."),
        (b"\n" + b".".join([b"a"] * 20_000) + b" = 1", 2, "a key has more than 16 parts: no key of a scenario has"),
        (b"[" + b" . ".join([b'"a \\" b"'] * 20_000) + b"]", 1, "a key has more than 16 parts: no key of a scenario"),
        (b"a = {b = 1, " + b".".join([b"'%'"] * 20_000) + b" = 1}", 1, "a key has more than 16 parts: no key of a"),
    ],
    ids=[
        "empty",
        "utf16",
        "latin1",
        "no value",
        "open list",
        "open list before a table",
        "list without a comma",
        "twice",
        "table twice",
        "digits",
        "no quotes",
        "no boolean",
        "large",
        "lists",
        "tables",
        "key",
        "quoted key",
        "inline key",
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, content: bytes, line: int | None, sentence: str) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    found = complaint(path)
    assert found.line == line
    assert found.sentence.startswith(sentence)
    assert found.sentence.endswith((".", "?"))


@pytest.mark.parametrize("content", ["x" * 250_000, f'title = "{"x" * 250_000}"', '"a"' * 80_000, "a," * 120_000])
def test_a_long_line_is_read_at_once(tmp_path: Path, content: str) -> None:
    """A search for deep keys that tries every place again would take minutes here."""
    complaint(save(tmp_path, content))


def test_a_text_may_have_many_full_stops(tmp_path: Path) -> None:
    goal = ". ".join(str(number) for number in range(40))
    assert read(save(tmp_path, changed(BOWL, "See that it does.", goal))).goal == goal


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BOWL.replace("\n", "\r\n").encode())
    assert read(path) == read(save(tmp_path, BOWL))


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.toml").sentence == "cannot be read: no such file or directory."
    assert complaint(tmp_path).sentence == "cannot be read: is a directory."
    assert complaint(tmp_path / ("x" * 300 + ".toml")).sentence == "cannot be read: file name too long."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    path = save(tmp_path, BOWL)
    path.chmod(0)
    assert complaint(path).sentence == "cannot be read: permission denied."


def test_a_hostile_title_is_harmless_and_kept(tmp_path: Path) -> None:
    path = save(tmp_path, changed(BOWL, "A scenario of one's own", "[/] \\u001b[2J \\u202e {foo} \\n"))
    assert read(path).title == "[/] \x1b[2J \u202e {foo} \n"


def test_a_hostile_file_name_cannot_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "own\x1b[2J\nname.scenario.toml"
    with pytest.raises(ScenarioError) as caught:
        read(path)
    assert str(caught.value) == f"{tmp_path}/own?[2J name.scenario.toml cannot be read: no such file or directory."
    assert name_of(path) == "own?[2J name"


# --- lines ---

SETS = """
[[variants]]
title = "fine"
set = { "optimizer.learning_rate" = 0.1 }
[[variants]]
title = "V"
set = { "run.updates" = 3, "optimizer.learning_rate" = 0.2 }
[[expect]]  # another title = "V", start = 3
kind = "diverges"
title = "E"
by_update = 3
[expect.set]
run.updates = 6
"batches.size" = 1
[[challenges]]
kind = "diverge"
title = "C"
by_update = 3
solution = [
    { set = { "optimizer.learning_rate" = 3.0 } },
    { update = 2, set = { "optimizer.learning_rate" = 4.0 } },
]
"""
RACE = """race = [
    { "optimizer.learning_rate" = 0.3 },
    { "optimizer.learning_rate" = 0.4 },
]
"""


# Each row: what is changed in RACE + BOWL + SETS, and the line that is told and what stands there, with the sentence.
BAD_LINES = [
    (
        '"V"\nset = { "run.updates" = 3',
        '"V"\nset = { "run.update" = 3',
        'set = { "run.update"',
        'variants[2].set: "run.update" is',
    ),
    (
        'learning_rate" = 0.2',
        'learning_rate" = -2',
        'set = { "run.updates" = 3',
        "variants[2].set: optimizer.learning_rate is -2",
    ),
    ("run.updates = 6", "run.updates = 0", "run.updates = 0", "expect[1].set: run.updates is 0"),
    ("run.updates = 6", "run.epoch = 6", "run.epoch = 6", 'expect[1].set: "run.epoch" is not a known key'),
    ('"batches.size" = 1', '"batches.size" = 0', '"batches.size" = 0', "expect[1].set: batches.size is 0"),
    (
        'learning_rate" = 3.0',
        'learningrate" = 3.0',
        '    { set = { "optimizer.learningrate"',
        'challenges[1].solution[1].set: "optimizer.',
    ),
    (
        'learning_rate" = 4.0',
        'learning_rate" = -4',
        '    { update = 2, set = { "optimizer.learning_rate" = -4',
        "challenges[1].solution[2].set: optimizer.",
    ),
    (
        'learning_rate" = 0.4',
        'rate" = 0.4',
        '    { "optimizer.rate" = 0.4',
        'race[2]: "optimizer.rate" is not a known key',
    ),
    ("{ update = 2,", "{ update = -2,", "    { update = -2,", "challenges[1].solution[2].update is -2"),
    ('kind = "diverges"\n', "", "[[expect]]  #", "expect[1].kind is missing"),
    ('title = "V"\n', "", "[[variants]]", "variants[2].title is missing"),
    ('title = "V"\n', 'titel = "V"\n', 'titel = "V"', '"variants[2].titel" is not a known key'),
    ("[optimizer]\n", "[optimizer] # kind\n'lr' = 1\n", "'lr' = 1", '"optimizer.lr" is not a known key'),
    ("[optimizer]\n", '[ optimizer ]\n"k\\u0069dn" = 1\n', '"k\\u0069dn"', '"optimizer.kidn" is not a known key'),
    ("minimum = [4.0, 3.0]", "minimum = [\n  4.0, # 3\n  nan,\n]", "  nan,", "surface.minimum[2] is nan"),
    ("[0.0, 1.0]]", "\n\t[0.0,\n\ttrue]]", "\ttrue]]", "surface.hessian row 2, number 2 is true"),
    ('goal = "See that it does."', 'goal = """\n[run]\nupdates = 5\n"""\nwhy = 3', "why = 3", "why is 3"),
    ("[run]\n", "[run]\nseed = -1 # [run]\n", "seed = -1", "run.seed is -1"),
    ("[run]\n", "[view]\nx = [3, 1]\n[run]\n", "[view]", "view has the range 3.0 to 1.0"),
    ("[run]\nupdates", "[batches]\nsize = 3\n[run]\nupdates", "size = 3", "batches.size is 3: it takes up to 1"),
    ("start = [0.0, 0.0]", "start = [0.0]", "start = [0.0]", "start has 1 number"),
]


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize(("old", "new", "beginning", "sentence"), BAD_LINES, ids=[row[3][:40] for row in BAD_LINES])
def test_the_line_at_fault_is_told(
    tmp_path: Path, old: str, new: str, beginning: str, sentence: str, ending: str
) -> None:
    path = tmp_path / "own.toml"
    text = changed(RACE + BOWL + SETS, old, new)
    path.write_bytes(b"\xef\xbb\xbf" * (ending == "\r\n") + text.replace("\n", ending).encode())
    line, found = complaint(path)
    assert found.startswith(sentence)
    assert text.splitlines()[(line or 0) - 1].startswith(beginning)


def test_the_text_whose_lines_are_told_is_good(tmp_path: Path) -> None:
    path = save(tmp_path, RACE + BOWL + SETS)
    build(read(path), str(path))


def test_what_is_set_from_outside_has_no_line_and_what_stands_in_the_file_keeps_its_own(tmp_path: Path) -> None:
    path = save(tmp_path, changed(BOWL, "[run]", "[batches]\nsize = 3\n[run]"))
    assert complaint(path, {"batches.size": 9}) == (
        None,
        '--set batches.size: batches.size is 9: it takes up to 1, the number of samples, or "full".',
    )
    line, sentence = complaint(path, {"optimizer.learning_rate": 0.1})
    assert (line, sentence[:17]) == (BOWL[: BOWL.index("[run]")].count("\n") + 2, "batches.size is 3")
    line, sentence = complaint(path, {"optimizer.kind": "rprop", "optimizer.momentum": 0.1})
    assert (line, sentence[:47]) == (None, '--set optimizer.kind: "optimizer.momentum" is n')


def test_a_scenario_that_comes_from_no_file_has_no_lines() -> None:
    with pytest.raises(ScenarioError, match=r"^own\.toml: title is missing"):
        convert({}, "own.toml")


# --- names ---


def test_a_scenario_is_found_by_its_name_in_the_course_or_by_its_path(tmp_path: Path) -> None:
    assert find("bowl") == library.FOLDER / "bowl.scenario.toml"
    assert find("not/there.toml") == Path("not/there.toml")
    other = save(tmp_path, BOWL, "without-ending")
    assert find(str(other)) == other
    assert [name_of(Path(name)) for name in ("a/b.scenario.toml", "b.toml", "b")] == ["b", "b", "b"]


@pytest.mark.parametrize("name", ["bowel", "x" * 5000])
def test_any_other_name_is_told_what_it_can_be(name: str) -> None:
    with pytest.raises(
        ScenarioError,
        match=r" is not a scenario: it can be neuron, .*, or the path of a .toml file\.( Did you mean bowl\?)?$",
    ):
        find(name)


def test_a_file_beside_the_one_that_is_not_there_may_have_been_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = save(tmp_path, BOWL, "my-own.scenario.toml")
    missing = "cannot be read: no such file or directory."
    assert complaint(tmp_path / "my_wn.toml").sentence == f"{missing} Did you mean {other}?"
    assert complaint(tmp_path / "else.toml").sentence == missing
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=r"the path of a \.toml file\. Did you mean my-own\.scenario\.toml\?$"):
        find("my-own")


# --- overrides ---


def test_a_link_to_nowhere_and_a_folder_are_not_what_is_meant(tmp_path: Path) -> None:
    (tmp_path / "own.toml").symlink_to(tmp_path / "gone.toml")
    (tmp_path / "owns.toml").mkdir()
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path / "own.toml")
    assert str(caught.value) == f"{tmp_path / 'own.toml'} cannot be read: no such file or directory."


def test_overrides_replace_and_add_values_and_leave_the_table_alone(tmp_path: Path) -> None:
    path = save(tmp_path, BOWL)
    before = read_table(path)
    untouched = copy.deepcopy(before)
    scenario = convert(before, str(path), {"optimizer.learning_rate": 0.1, "batches.size": 1, "start": [1.0, 1.0]})
    assert (scenario.optimizer.learning_rate, scenario.batches.size, scenario.start) == (0.1, 1, [1.0, 1.0])
    assert before == untouched


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("optimizer.learning_rate", -1.0, "optimizer.learning_rate is -1.0: it takes a number of at least 0."),
        ("optimizer.learning_rate", float("nan"), "optimizer.learning_rate is nan: it takes a finite number."),
        ("optimizer.lr", 1.0, '"optimizer.lr" is not a known key: optimizer takes kind, learning_rate, momentum,'),
        ("new.deep.key", 1, f'"new" is not a known key: a scenario takes {EVERY_KEY}.'),
        ("title.x", 1, '"title.x" cannot be set: title is "A scenario of one\'s own", which has no keys.'),
        ("start.0", 1, '"start.0" cannot be set: start is a list of 2, which has no keys.'),
        ("optimizer.kind.x", 1, '"optimizer.kind.x" cannot be set: kind is "sgd", which has no keys.'),
        (
            "surface",
            3,
            'surface is 3: it takes a table whose kind is "squared_error", "bowl", "double_well", "named" or '
            '"formula".',
        ),
        ("a." * 20_000 + "b", 1, "tables or lists are nested too deeply for a scenario."),
    ],
    ids=range(9),
)
def test_a_bad_override_is_told_in_one_sentence(tmp_path: Path, key: str, value: object, sentence: str) -> None:
    found = complaint(save(tmp_path, BOWL), {key: value})
    assert found.line is None
    assert found.sentence.startswith(f"--set {key[:30]}")
    assert found.sentence.partition(": ")[2].startswith(sentence)
    assert found.sentence.endswith((".", "?"))


# --- any mutation of a good file ---

TABLES = [tomllib.loads(text + REMARK + EXPECT) for text in (BOWL, DOUBLE_WELL, LINE, CURVE, XOR)]
JUNK: list[Any] = [
    True,
    0,
    -1,
    3,
    2.5,
    1e300,
    float("nan"),
    float("-inf"),
    10**30,
    "",
    "text",
    "x" * 3000,
    "{",
    "[/]\x1b\n",
    [],
    [1.0],
    [[]],
    [[1.0], [2.0, 3.0]],
    ["a", 1],
    {},
    {"kind": "sgd"},
    {"kind": "zeros", "a": 1},
    [{}],
    datetime.date(2020, 1, 1),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside of a table."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """A good table in which one to three things were dropped, replaced or added."""
    mutant: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(TABLES)))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(mutant) or [(mutant, "title")]))
        junk = copy.deepcopy(draw(st.sampled_from(JUNK)))
        action = draw(st.sampled_from(["drop", "replace", "add"]))
        if action == "drop" and mutant:
            del container[key]
        elif action == "add" and isinstance(container, dict):
            container[draw(st.sampled_from(["extra", "kind", "a.b", "`", "\n\x1b", ""]))] = junk
        else:
            container[key] = junk
    return mutant


@given(mutants())
def test_any_mutation_is_accepted_or_told_in_one_sentence(mutant: dict[str, Any]) -> None:
    try:
        with np.errstate(all="ignore"):
            build(convert(mutant, "own.toml"), "own.toml")
    except ScenarioError as error:
        sentence = str(error)
        assert sentence.startswith("own.toml: ")
        assert sentence.endswith((".", "?"))
        assert sentence.isprintable()


READ_IN_THREADS = """
import sys, threading
from nnsim.scenarios.library import files
from nnsim.scenarios.reader import read_table, convert

sys.setswitchinterval(1e-6)
table = read_table(files()[0])
together = threading.Barrier(4)

def read():
    together.wait()
    convert(table, "here")

threads = [threading.Thread(target=read) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_first_scenarios_may_be_read_in_several_threads_at_once() -> None:
    """The library that does the checking crashes the interpreter when its first uses coincide."""
    for _ in range(5):
        assert subprocess.run([sys.executable, "-c", READ_IN_THREADS], check=False).returncode == 0
