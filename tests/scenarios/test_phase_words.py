"""What is told inside an update: every phase of every kind of problem, with the numbers of this moment and sample."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import BINARY_XOR, BOWL, CURVE, DOUBLE_WELL, FORMULA, LINE, XOR, changed, ready
from problems import random_network

from nnsim.core.activations import NAMES
from nnsim.core.formula import formula_surface
from nnsim.core.losses import LOSSES
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.penalties import Penalty
from nnsim.core.phases import REST, Phase, phases
from nnsim.core.timeline import Timeline
from nnsim.core.trace import trace
from nnsim.core.training import Settings
from nnsim.scenarios import library
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.narration import Story, tell
from nnsim.scenarios.phase_words import tell_phase
from nnsim.scenarios.reader import read
from nnsim.scenarios.text import number


def told(experiment: Experiment, timeline: Timeline, phase: Phase, sample: int = 0) -> Story:
    run = timeline.run
    return tell_phase(experiment, timeline, trace(run.objective, run.parameters, run.next_batch()), phase, sample)


def at(experiment: Experiment, updates: int) -> Timeline:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return timeline


def lines(experiment: Experiment, kind: Any, layer: int = 0, sample: int = 0, updates: int = 0) -> list[str]:
    return list(told(experiment, at(experiment, updates), Phase(kind, layer), sample).lines)


# XOR by hand: two hidden neurons, W1 = [[1, -1], [2, 0.5]], b1 = 0, W2 = [[1, 0], [0, 1]], b2 = 0.
SMALL = {"start": [1.0, -1.0, 2.0, 0.5, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]}


@pytest.fixture
def small(tmp_path: Path) -> Experiment:
    text = changed(changed(XOR, "[2, 8, 2]", "[2, 2, 2]"), '["tanh", "linear"]', '["relu", "linear"]')
    return ready(tmp_path, changed(text, 'kind = "adam"', 'kind = "sgd"'), **SMALL)


def test_a_sample_of_a_classifier_goes_in(small: Experiment) -> None:
    assert lines(small, "sample", sample=2) == [
        "Sample 2 goes in, number 3 of the 4 in this batch.",
        "Its inputs are x[1] = 1 and x[2] = 0.",
        "The answer should be 1 at output 2 and 0 at the others.",
    ]


def test_a_hidden_layer_and_its_units_that_are_off(small: Experiment) -> None:
    assert lines(small, "forward", 1, sample=2) == [
        "Layer 1, 2 neurons: z = x W1 + b1, and then a = relu(z).",
        "Neuron 1 is the most active: it has z = 1, so a = 1.",
        "1 of 2 relu units is 0 for this sample.",
    ]


def test_the_last_layer_of_a_classifier_gives_logits(small: Experiment) -> None:
    assert lines(small, "forward", 2, sample=3) == [
        "Layer 2, 2 neurons: z = a1 W2 + b2, and then a = z.",
        "Neuron 1 is the most active: it has z = 3.",
        "These outputs are logits: softmax makes probabilities of them in the loss.",
    ]


def test_the_loss_of_a_right_and_of_a_wrong_answer(small: Experiment) -> None:
    share = np.exp(3.0) / (np.exp(3.0) + 1.0)
    logits = np.array([[0.0, 0.0], [2.0, 0.5], [1.0, 0.0], [3.0, 0.0]])
    wanted = np.array([0, 1, 1, 0])
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(4), wanted]
    mean = number(float(losses.mean()))
    assert lines(small, "loss", sample=3) == [
        f"The answer is output 1, with a probability of {number(float(share))}: right.",
        f"The loss of this sample is {number(float(-np.log(share)))}; the mean over the batch of 4 is {mean}.",
    ]
    right = np.e / (np.e + 1.0)
    assert lines(small, "loss", sample=2)[0] == (
        f"The answer is output 1, with a probability of {number(float(right))}: wrong. "
        f"Output 2, the target, gets {number(float(1.0 - right))}."
    )


def test_the_way_back_tells_the_largest_gradient_and_where_it_leads(small: Experiment) -> None:
    first, last = lines(small, "backward", 2, sample=2)
    share = np.e / (np.e + 1.0)  # of output 1, while output 2 is the target
    assert first.startswith("Back through layer 2: delta = dL/dz comes from the loss; the largest of this sample is ")
    assert first.endswith((f"delta2[1] = {number(float(share))}.", f"delta2[2] = {number(float(-share))}."))
    timeline = at(small, 0)
    gradient = trace(timeline.objective, timeline.run.parameters, timeline.run.next_batch()).gradient
    top = 6 + int(np.abs(gradient[6:]).argmax())
    before = float(timeline.run.parameters[top])
    timeline.advance(1)
    after = float(timeline.run.parameters[top])
    assert last == (
        f"The largest gradient of W2 and b2 is {number(float(gradient[top]))}, of {timeline.objective.names[top]}: "
        f"the next update moves it {'up' if after > before else 'down'}, from {number(before)} to {number(after)}."
    )
    hidden = lines(small, "backward", 1, sample=2)
    assert "comes through W2, times relu'(z)" in hidden[0]
    assert hidden[1] == "The 1 unit that is 0 lets nothing through."


def test_a_binary_classifier(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BINARY_XOR)
    timeline = at(experiment, 3)
    logit = float(timeline.objective.outputs(timeline.run.parameters, timeline.objective.train.inputs)[2, 0])
    share = 1.0 / (1.0 + np.exp(-logit))
    verdict = "right" if logit > 0 else "wrong"
    assert lines(experiment, "sample", sample=2, updates=3)[2] == "The answer should be 1."
    assert lines(experiment, "forward", 2, 2, updates=3)[-1].startswith("This output is a logit: the sigmoid")
    assert lines(experiment, "loss", sample=2, updates=3)[0] == (
        f"The logit {number(logit)} is a probability of {number(float(share))}, the target is 1: {verdict}."
    )


def test_a_regression_in_the_units_of_its_data(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = at(experiment, 1)
    (sample,) = timeline.run.next_batch()
    output = float(timeline.objective.outputs(timeline.run.parameters, timeline.objective.train.inputs)[sample, 0])
    target = float(timeline.objective.train.targets[sample, 0])
    way = "high" if output > target else "low"
    assert lines(experiment, "sample", updates=1) == [
        f"Sample {sample} goes in.",
        f"Its input is x[1] = {number(float(timeline.objective.train.inputs[sample, 0]))}.",
        f"The answer should be {number(target)} ({number(100 * target)} metres).",
    ]
    assert lines(experiment, "loss", updates=1) == [
        f"The output is {number(output)} ({number(100 * output)} metres), the target {number(target)} "
        f"({number(100 * target)} metres): {number(abs(output - target))} too {way}.",
        f"The loss is {number(0.5 * (output - target) ** 2)}.",
    ]


def test_a_line_without_hidden_neurons(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE)
    assert lines(experiment, "forward", 1, 2) == [
        "Layer 1, 1 neuron: z = x W1 + b1, and then a = z.",
        "The neuron has z = 0.",
    ]
    assert lines(experiment, "backward", 1, 2) == [
        "Back through layer 1: delta = dL/dz comes from the loss; it is -14.",
        f"The largest gradient of W1 and b1 is {number(-68 / 3)}, of W1[1,1]: the next update moves it up, "
        f"from 0 to {number(6.8 / 3)}.",
    ]


def test_the_penalty_is_told_with_the_loss(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE, network__l2=0.5, start=[2.0, 0.0])
    assert lines(experiment, "loss")[-1] == "The penalty on the weights adds 2."


def test_many_inputs_are_told_by_their_range() -> None:
    path = library.FOLDER / "crowd.scenario.toml"
    experiment = build(read(path, {}), str(path), "crowd")
    timeline = at(experiment, 0)
    pixels = timeline.objective.train.inputs[timeline.run.next_batch()[5]]
    low, mean, high = (number(float(each)) for each in (pixels.min(), pixels.mean(), pixels.max()))
    assert lines(experiment, "sample", sample=5)[1] == (
        f"Its 64 inputs lie between {low} and {high}, {mean} on average."
    )


# --- surfaces ---


def test_a_surface_of_one_parameter() -> None:
    path = library.FOLDER / "squared-error.scenario.toml"
    experiment = build(read(path, {}), str(path), "squared-error")
    assert lines(experiment, "loss") == ["At y = 350 the loss is 22500."]
    assert lines(experiment, "backward") == [
        "The slope here is -300.",
        "The next update moves y up, from 350 to 380.",
    ]


def test_a_surface_of_two_parameters(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    assert lines(experiment, "loss") == ["At w1 = 0 and w2 = 0 the loss is 12.5."]
    assert lines(experiment, "backward") == [
        "The gradient is (-4, -3), 5 long.",
        "The largest gradient is -4, of w1: the next update moves it up, from 0 to 2.",
    ]


def test_tilts_and_what_all_samples_say(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    timeline = at(experiment, 2)
    objective, w = timeline.objective, float(timeline.run.parameters[0])
    batch = timeline.run.next_batch()
    tilts, slope = objective.train.inputs[batch, 0], (w + 2.0) * (w - 1.0) * (w - 3.0)
    height = w**4 / 4 - 2 * w**3 / 3 - 5 * w**2 / 2 + 6 * w + 38 / 3
    assert lines(experiment, "sample", sample=1, updates=2) == [
        f"Sample {batch[1]} comes in, number 2 of the 4 in this batch.",
        f"Its tilt adds {number(float(tilts[1]))} to the slope.",
    ]
    full, own, mean = (number(float(height + w * tilt)) for tilt in (0.0, tilts[1], tilts.mean()))
    assert lines(experiment, "loss", sample=1, updates=2) == [
        f"At w = {number(w)} the loss on all samples is {full}.",
        f"The loss of this sample is {own}; the mean over the batch of 4 is {mean}.",
    ]
    assert lines(experiment, "backward", updates=2)[:2] == [
        f"The slope here is {number(float(slope + tilts.mean()))}.",
        f"That is what this batch of 4 says; all samples together say {number(slope)}.",
    ]


def test_a_flat_place_has_no_gradient(tmp_path: Path) -> None:
    assert lines(ready(tmp_path, BOWL, start=[4.0, 3.0]), "backward")[-1] == "No parameter has a gradient."


def test_a_step_up_the_slope_is_explained(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__kind="adam", optimizer__learning_rate=2.0)
    assert "carried on by earlier gradients" in lines(experiment, "backward", updates=2)[-1]
    assert "carried on" not in lines(experiment, "backward")[-1]


def test_what_momentum_has_to_do_with_a_step_is_told(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__momentum=0.9, optimizer__learning_rate=0.1)
    assert "momentum" not in lines(experiment, "backward")[-1]
    timeline = experiment.timeline()
    timeline.advance(2)
    slope = timeline.objective.loss_and_gradient(timeline.run.parameters)[1][0]
    told = lines(experiment, "backward", updates=2)[-1]
    assert f"; learning rate times this gradient is {number(-0.1 * slope)}, the rest is momentum 0.9." in told


# --- every phase of everything ---


def test_a_tie_is_undecided(tmp_path: Path) -> None:
    zeros = '[network]\nweights = { kind = "zeros" }\nbiases = { kind = "zeros" }'
    for text, words in (
        (XOR, "No output leads: undecided. Output 1, the target, gets 0.5."),
        (BINARY_XOR, "The logit 0 is a probability of 0.5, the target is 0: undecided."),
        (
            changed(
                changed(BINARY_XOR, '"binary_cross_entropy"', '"hinge"'),
                "[[0.0], [1.0], [1.0], [0.0]]",
                "[[-1], [1], [1], [-1]]",
            ),
            "The output is 0 for the target -1: on neither side, without the margin of 1.",
        ),
    ):
        experiment = ready(tmp_path, changed(text, "[network]", zeros))
        assert lines(experiment, "loss")[0] == words


TEXTS = {"bowl": BOWL, "tilts": DOUBLE_WELL, "line": LINE, "curve": CURVE, "xor": XOR, "binary": BINARY_XOR}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_phase_has_a_few_calm_sentences_and_says_how_to_go_on(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, text)
    timeline = at(experiment, 2)
    order = phases(timeline.objective)
    for phase, following in zip(order[1:], [*order[2:], None], strict=True):
        story = told(experiment, timeline, phase)
        assert 1 <= len(story.lines) <= 3
        assert not story.alarm
        for line in story.lines:
            assert line[0].isupper(), line
            assert line.endswith("."), line
            assert "nan" not in line, line
            assert "  " not in line, line
        assert story.hint.startswith(". ")
        goal = "makes update 3" if following is None else f"layer {following.layer}" if following.layer else None
        assert (
            goal or {"loss": "the loss", "backward": "the gradient"}[following.kind if following else ""]
        ) in story.hint


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_same_moment_is_told_the_same_again_and_nothing_moves(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, text)
    timeline = at(experiment, 3)
    before = [told(experiment, timeline, phase) for phase in phases(timeline.objective)]
    checkpoint = timeline.run.checkpoint()
    timeline.advance(1)
    timeline.seek(3)
    assert timeline.run.parameters.tobytes() == checkpoint.parameters.tobytes()
    assert [told(experiment, timeline, phase) for phase in phases(timeline.objective)] == before


def test_between_updates_it_is_the_story_of_the_update_before(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    timeline = at(experiment, 2)
    assert told(experiment, timeline, REST) == tell(experiment, timeline)


def test_a_sample_beyond_the_batch_is_its_last(tmp_path: Path) -> None:
    assert lines(ready(tmp_path, XOR), "sample", sample=99) == lines(ready(tmp_path, XOR), "sample", sample=3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", ["log(x)", "1/x", "x*1e300*1e300"])
def test_numbers_that_are_not_finite_are_told_as_they_are(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, FORMULA, surface={"kind": "formula", "text": "x"}, start=[0.0])
    experiment = replace(experiment, objective=of_surface(formula_surface(text)))
    for phase in phases(experiment.objective)[1:]:
        assert told(experiment, experiment.timeline(), phase).lines


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")


@given(data=st.data())
def test_any_network_is_told_with_the_twins_numbers(data: st.DataObject) -> None:
    path = library.FOLDER / "bowl.scenario.toml"
    experiment = build(read(path, {}), str(path), "bowl")
    sizes = tuple(data.draw(st.lists(st.integers(1, 8), min_size=2, max_size=4)))
    activations = tuple(data.draw(st.sampled_from(NAMES)) for _ in sizes[1:])
    loss = data.draw(st.sampled_from(list(LOSSES)))
    objective = replace(random_network(sizes, activations, loss, 12), penalty=Penalty(0.0, 0.01))
    optimizer = data.draw(st.sampled_from([SGD(0.1), Adam(0.01)]))
    settings = Settings(optimizer, data.draw(st.integers(1, 12)))
    start = np.random.default_rng(data.draw(st.integers(0, 9))).uniform(-0.9, 0.9, objective.size)
    timeline = Timeline(objective, settings, start)
    sample = data.draw(st.integers(0, settings.batch_size - 1))
    index = timeline.run.next_batch()[sample]
    a = objective.train.inputs[index]
    for k, (weights, bias) in enumerate(reference.layers(sizes, start)):
        z = a @ weights + bias
        a, _ = reference.ACTIVATIONS[activations[k]](z)
        line = told(experiment, timeline, Phase("forward", k + 1), sample).lines[1]
        numbers = [float(each) for each in NUMBER.findall(line.split(": ")[-1])]
        top = int(line.split()[1]) - 1 if line.startswith("Neuron ") else 0
        assert abs(a[top]) == pytest.approx(np.abs(a).max(), rel=1e-9)
        wanted = [z[top]] if activations[k] == "linear" else [z[top], a[top]]
        assert numbers == pytest.approx(wanted, rel=1e-5, abs=1e-12)
    own, _ = reference.LOSSES[loss](a[None], objective.train.targets[[index]])
    text = " ".join(told(experiment, timeline, Phase("loss"), sample).lines)
    found = re.search(rf"The loss (?:of this sample )?is ({NUMBER.pattern})", text)
    assert found is not None
    assert float(found.group(1)) == pytest.approx(float(own[0]), rel=1e-5, abs=1e-12)
    for k in range(len(sizes) - 1):
        assert told(experiment, timeline, Phase("backward", k + 1), sample).lines


def test_what_the_author_says_about_a_phase_stands_before_its_own_words() -> None:
    path = library.FOLDER / "six-steps.scenario.toml"
    experiment = build(read(path), str(path), "six-steps")
    timeline = at(experiment, 0)
    said = [told(experiment, timeline, phase).lines for phase in phases(timeline.objective)[1:]]
    assert [words[0][:7] for words in said] == ["Step 1:", "Step 2:", "Step 3:", "Step 4:"]
    assert said[2][1] == "The output is 350, the target 500: 150 too low."
