"""What the panels show, each in a few sentences and then sign by sign, and the words of the field."""

from __future__ import annotations

from typing import NamedTuple

FIRST, SECOND, RED = "first colour", "second colour", "red"


class Panel(NamedTuple):
    """A panel's title, what it is about, and what its signs, colours and numbers mean."""

    title: str
    about: str
    signs: tuple[tuple[str, str], ...] = ()


OVERVIEW = Panel(
    "Help",
    "A laboratory for gradient descent: step through the training of a network, forwards and backwards. tab goes from "
    "panel to panel, and this key explains the one that you are in.",
    (
        (FIRST, "what moves now: the ball, the last update, the phase that is shown"),
        (SECOND, "what is about to happen: the next update, what comes back from the loss"),
        (RED, "a run that has diverged or is undefined, or a number beyond its limit"),
    ),
)

PANELS = {
    "scenarios": Panel(
        "The gallery",
        "The course, in order: each scenario needs only what came before. Your own files come last. The picture plays "
        "by itself; what you have won, and where you left, is kept.",
        (("★ ☆", "a challenge that is won, and one that is not yet"),),
    ),
    "stage": Panel(
        "The stage",
        "The problem as a picture: the loss over one or two parameters with the run on it, or what a network answers.",
        (
            ("●", "where the run stands now, in the first colour"),
            ("○ ▶ →", "where the next update leads, in the second colour, before it is made"),
            ("•", "where the run was before; older points fade"),
            ("A × +", "a known minimum: its letter, or a cross"),
            ("···", "straight downhill, against the gradient, where the next update goes another way"),
            ("slope", "the gradient here on the next batch: the tangent of the curve"),
            ("dark to bright", "from a low loss to a high one; lines join points of equal loss"),
            ("◆ ▲ ■", "other runs of a race, with their paths; on a slice as seen at right angles to it"),
            ("› ✓ ✗", "the class that is true, and a right or a wrong answer; f leaves out the right ones"),
            ("table", "a row for each class, a column for each answer; errors are off the diagonal"),
            ("95 %", "where nearly all of many runs lie; ▼ ▲: what was printed is below or above"),
        ),
    ),
    "chart": Panel(
        "The loss",
        "The loss over the updates so far: of the training set, of the test set where there is one, and of single "
        "batches. With a logarithmic axis equal distances are equal factors.",
        (
            ("dots", "the losses of single batches: they scatter around the line of the training set"),
            ("┊", "a change of settings, with what was changed"),
            ("│", "where you stand after going back, or the cursor: its values stand in full below"),
            ("╌╌", "the learning rates of a schedule, on a scale of their own from 0 at the bottom"),
            ("signs", "futures that were left when the run went on differently, and runs of a race"),
            ("▲ ▼", "the line goes on beyond the top or the bottom"),
            ("◆", "the lowest test loss so far"),
            ("test rises", "while training falls: the network begins to learn its samples by heart"),
        ),
    ),
    "parameters": Panel(
        "The parameters",
        "Every weight and bias in digits. W2[28,8] joins input 28 to neuron 8 of layer 2; b1[1] is a bias.",
        (
            ("value", "the parameter now"),
            ("gradient", "dL/dw at this value on the next batch: how fast the loss grows with the parameter"),
            ("last update", "how far the last update moved it"),
            ("m, v, ...", "the optimizer's state; for Adam means of the gradient and of its square"),
            ("•", "what moved most in the last update"),
            ("›", "the selected row: its numbers stand below at full precision"),
        ),
    ),
    "narration": Panel(
        "What is happening",
        "What the last update did, with its numbers, and something to try next. In red where the run cannot go "
        "on: what failed, and the way back.",
    ),
    "diagram": Panel(
        "The network",
        "One sample of the next batch on its way through the network. The phases light it up: forward from the left, "
        "then the loss, then backward from the right.",
        (
            ("● ○", "a neuron whose activation is not 0, and one that is 0, or not yet known in this phase"),
            ("◆", "the selected neuron: its weights and gradients are written out"),
            ("── ╌╌", "a positive weight, and a negative one; the thicker, the larger in its layer"),
            ("◀", "delta, dL/dz: how the loss of this sample grows with the neuron's input"),
            ("t", "the target of an output"),
            ("∇", "the gradient of a weight or bias on the whole batch"),
            ("⋮", "neurons for which there is no room"),
        ),
    ),
    "batch": Panel(
        "The batch",
        "The samples that the next update will use, each with its target and its own loss; their mean is the loss of "
        "the batch.",
        (
            ("›", "the sample that the diagram shows"),
            ("error", "the answer minus the target: above 0 is too much, below 0 too little"),
            ("✓ ✗", "the right class, or a wrong one"),
            ("━━━", "the sample's loss beside the largest of the batch"),
            ("─ ━ █", "the order of this epoch and of the one before: what is done or to come, and this batch"),
            ("◆", "the sample that the diagram shows, in these orders"),
            ("last batch", "has fewer samples where the batch size does not divide the training set"),
        ),
    ),
    "readings": Panel(
        "Numbers to watch",
        "Numbers that tell how the training goes, each with a limit where there is one. In red: beyond it.",
        (
            ("gradient norm", "the length of the gradient: near 0 at a minimum, growing when the run diverges"),
            ("update/weight", "how far an update goes for the size of the weights: about 0.001 is usual"),
            (
                "sharpness",
                "the largest curvature; its limit for plain steps is 2 / learning rate: along a direction "
                "that stays so sharp, steps above it grow",
            ),
            (
                "scaled",
                "the same for Adam and its kin, which divide every step by a P: of P^-1/2 H P^-1/2; 38 / rate for Adam",
            ),
            ("gradient noise", "how far the next batch's gradient is off, and how far it is expected to be: tr(S)/B"),
            ("dead units", "neurons whose slope is 0 for every sample: no gradient reaches their weights"),
            ("saturated", "sigmoids and tanhs on a flat end for every sample: a slope below 1/10 of their largest"),
            ("effective rate", "the step divided by the gradient: what the optimizer makes of the learning rate"),
        ),
    ),
    "receipt": Panel(
        "The receipt",
        "The next update of the selected parameter written out. It adds up to the last digit: every number is the one "
        "that the update uses. x or esc puts it away.",
        (
            ("chain rule", "what came into the weight, times delta behind it, for each sample; then their mean"),
            ("penalty", "what is added for a large weight; clipping: what is cut from a long gradient"),
            ("state", "what the optimizer remembers, before and after"),
            ("new =", "the old value minus the step"),
            ("numeric", "the gradient by central differences, (L(w + h) - L(w - h)) / 2h, as a check"),
            ("rel. error", "how far the exact gradient is from it: below 1e-6 is as good as equal"),
        ),
    ),
    "race": Panel(
        "The race",
        "Runs from the same start, on the same data in the same order, which differ in one setting.",
        (
            ("●", "the run on the screen"),
            ("◆ ▲ ■", "the others, with the same signs on the chart and on the stage"),
            ("▸", "the lowest loss now"),
            ("≤ 0.1", "the first update at which the loss was that low; – where it was not yet"),
        ),
    ),
    "timeline": Panel(
        "The timeline",
        "The whole run from its start to its end. Go anywhere in it: every past update comes back bit for bit.",
        (
            ("●", "where you stand"),
            ("━ ─ ·", "behind you; ahead, but known already; not yet trained"),
            ("┊", "a change of settings"),
            ("◆", "the best test loss so far"),
            ("★", "a challenge won"),
            ("✕", "a divergence, or an undefined loss"),
            ("┬", "where another future was left"),
        ),
    ),
}

WORDS = {
    "parameters": "what training changes: weights (W2[28,8] joins input 28 to neuron 8 of layer 2) and biases",
    "loss": "how wrong the network is, as one number; training makes it small",
    "gradient": "the slope of the loss along every parameter: which way is up, and how steep",
    "update": "one step of all parameters against the gradient of one batch",
    "epoch": "one pass over the training set; without samples, one update",
    "phase": "a part of an update: sample in, forward, loss, backward, update",
    "learning rate": "how far a step goes: for plain SGD, learning rate times gradient",
    "critical rate": "2 divided by the curvature, for plain steps: above it they grow along that direction, as long as "
    "the loss curves as it does here",
    "curvature": "how fast the slope changes, along the direction where it changes most",
    "schedule": "a plan by which the learning rate changes on the way",
    "clipping": "a gradient that is too long is made shorter before the step",
    "penalty": "what is added to the loss for large weights, to keep them small",
    "SGD": "stochastic gradient descent: plain steps against the gradient; momentum keeps a part of the last step",
    "Adam": "steps of about the learning rate along every parameter, whatever the size of its gradient",
    "other optimizers": "each divides or signs the gradient in its own way, from what it has seen of it before; Rprop "
    "uses the learning rate as its first step alone",
    "RMSE": "how far estimates are off: the root of the mean squared error, in people for the crowd",
    "least squares": "the best straight-line answer, without a network; the mean predictor always gives the mean",
}
