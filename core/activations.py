"""Activation functions, each beside its derivative. A network's table names them by their place in `NAMES`.

Each keeps a NaN a NaN, has its limit at an infinite z (the sine, which has none, is NaN there), and keeps its digits
where it comes near to 0, as its derivative does.
Softmax is not here: it belongs to the loss, which works on logits (losses.py).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from nnsim.core.jit import inline


class Range(NamedTuple):
    """The greatest lower and the least upper bound of an activation; it need not reach them."""

    low: float = -math.inf
    high: float = math.inf


class Activation(NamedTuple):
    """What there is to know of an activation beside its formula: the range of its values, at which z its derivative
    jumps (`kinks`), which values it keeps over a whole stretch of z (`flat`), so that no gradient comes through, and
    whether it levels off at both ends without ever being flat (`saturates`)."""

    name: str
    range: Range = Range()
    kinks: tuple[float, ...] = ()
    flat: tuple[float, ...] = ()
    saturates: bool = False


# The lowest points of gelu, silu and mish are where their derivatives are 0, which has no closed form.
ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("linear"),
        Activation("relu", Range(low=0.0), kinks=(0.0,), flat=(0.0,)),
        Activation("leaky_relu", kinks=(0.0,)),
        Activation("tanh", Range(-1.0, 1.0), saturates=True),
        Activation("sigmoid", Range(0.0, 1.0), saturates=True),
        Activation("elu", Range(low=-1.0)),  # with alpha = 1 its slope does not jump at 0, only its curvature
        Activation("selu", Range(low=-1.7580993408473766), kinks=(0.0,)),
        Activation("gelu", Range(low=-0.16997120747990366)),
        Activation("gelu_tanh", Range(low=-0.17004075057125406)),
        Activation("silu", Range(low=-0.2784645427610738)),
        Activation("softplus", Range(low=0.0)),
        Activation("mish", Range(low=-0.30884341301725043)),
        Activation("hard_tanh", Range(-1.0, 1.0), kinks=(-1.0, 1.0), flat=(-1.0, 1.0)),
        Activation("sine", Range(-1.0, 1.0)),
    )
}
NAMES = tuple(ACTIVATIONS)
LINEAR, RELU, LEAKY_RELU, TANH, SIGMOID, ELU, SELU, GELU, GELU_TANH, SILU, SOFTPLUS, MISH, HARD_TANH, SINE = range(
    len(NAMES)
)

FADED = 0.01  # what is left of 1 below which a difference from 1 loses two digits
LEAK = 0.01
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
GELU_SLOPE = math.sqrt(2.0 / math.pi)
GELU_CUBIC = 0.044715


@inline
def relu(z: float) -> float:
    """max(0, z), written so that a NaN stays a NaN (Nair and Hinton 2010)."""
    return 0.0 if z <= 0.0 else z


@inline
def relu_derivative(z: float) -> float:
    """1 where z > 0, else 0: at the kink itself the derivative is taken as 0, as PyTorch does."""
    return 1.0 if z > 0.0 else 0.0


@inline
def leaky_relu(z: float) -> float:
    """z where z > 0, else 0.01 z (Maas, Hannun and Ng 2013)."""
    return z if z > 0.0 else LEAK * z


@inline
def leaky_relu_derivative(z: float) -> float:
    return 1.0 if z > 0.0 else LEAK


@inline
def tanh_slope(a: float) -> float:
    """1 - a^2, from the activation a = tanh(z)."""
    return 1.0 - a * a


@inline
def tanh_derivative(z: float, a: float) -> float:
    """1 - a^2, or 1 / cosh(z)^2 where a is so near to 1 that 1 - a^2 loses digits."""
    slope = tanh_slope(a)
    if slope < FADED:
        c = math.cosh(z)
        slope = 1.0 / (c * c)
    return slope


@inline
def sigmoid(z: float) -> float:
    """1 / (1 + e^-z), by the branch whose exponential cannot overflow."""
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@inline
def sigmoid_derivative(z: float, a: float) -> float:
    """a (1 - a), from the activation a = sigmoid(z), or a sigmoid(-z) where a is so near to 1 that 1 - a loses
    digits."""
    rest = 1.0 - a
    return a * (rest if not rest < FADED else sigmoid(-z))


@inline
def elu(z: float) -> float:
    """z where z > 0, else e^z - 1 (Clevert, Unterthiner and Hochreiter 2016, with alpha = 1)."""
    return z if z > 0.0 else math.expm1(z)


@inline
def elu_derivative(z: float) -> float:
    """1 where z > 0, else e^z."""
    return 1.0 if z > 0.0 else math.exp(z)


@inline
def selu(z: float) -> float:
    """scale z where z > 0, else scale alpha (e^z - 1) (Klambauer et al. 2017)."""
    return SELU_SCALE * (z if z > 0.0 else SELU_ALPHA * math.expm1(z))


@inline
def selu_derivative(z: float) -> float:
    """scale where z > 0, else scale alpha e^z: at the kink scale alpha, as PyTorch does."""
    return SELU_SCALE * (1.0 if z > 0.0 else SELU_ALPHA * math.exp(z))


@inline
def times(z: float, factor: float) -> float:
    """z times a factor of at least 0 that decays faster than any z grows: at 0 it wins over an infinite z."""
    return z * factor if factor > 0.0 else factor


@inline
def normal_share(z: float) -> float:
    """Phi(z), the share of the standard normal distribution below z: by erfc, as 1 + erf loses the lower tail."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@inline
def gelu(z: float) -> float:
    """z Phi(z) (Hendrycks and Gimpel 2016)."""
    return times(z, normal_share(z))


@inline
def gelu_derivative(z: float) -> float:
    """Phi(z) + z phi(z), where phi(z) = e^(-z^2 / 2) / sqrt(2 pi) is the density of Phi."""
    return normal_share(z) + times(z, math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi))


@inline
def gelu_tanh(z: float) -> float:
    """z (1 + tanh u) / 2 with u = sqrt(2 / pi) (z + 0.044715 z^3), gelu's approximation (Hendrycks and Gimpel 2016).

    (1 + tanh u) / 2 is sigmoid(2 u), which keeps the digits of the lower tail.
    """
    return times(z, sigmoid(2.0 * GELU_SLOPE * (z + GELU_CUBIC * z * z * z)))


@inline
def gelu_tanh_derivative(z: float) -> float:
    """s + z s' 2 u', where s = sigmoid(2 u), s' its slope, and u' = sqrt(2 / pi) (1 + 3 * 0.044715 z^2)."""
    u = GELU_SLOPE * (z + GELU_CUBIC * z * z * z)
    slope = GELU_SLOPE * (1.0 + 3.0 * GELU_CUBIC * z * z)
    return sigmoid(2.0 * u) + times(2.0 * z * slope, sigmoid_derivative(2.0 * u, sigmoid(2.0 * u)))


@inline
def silu(z: float) -> float:
    """z sigmoid(z) (Elfwing, Uchibe and Doya 2018), also called swish."""
    return times(z, sigmoid(z))


@inline
def silu_derivative(z: float) -> float:
    """s + z s', where s = sigmoid(z) and s' is its slope."""
    return sigmoid(z) + times(z, sigmoid_derivative(z, sigmoid(z)))


@inline
def softplus(z: float) -> float:
    """log(1 + e^z) (Dugas et al. 2001), by the exponential that cannot overflow. Its derivative is sigmoid(z)."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


@inline
def mish(z: float) -> float:
    """z tanh(softplus(z)) (Misra 2020)."""
    return times(z, math.tanh(softplus(z)))


@inline
def mish_derivative(z: float) -> float:
    """tanh(s) + z sigmoid(z) / cosh(s)^2, where s = softplus(z) and 1 / cosh(s)^2 = 4 e^-2s / (1 + e^-2s)^2."""
    s = softplus(z)
    e = math.exp(-2.0 * s)
    return math.tanh(s) + times(z, sigmoid(z) * 4.0 * e / ((1.0 + e) * (1.0 + e)))


@inline
def hard_tanh(z: float) -> float:
    """z, kept between -1 and 1 (Collobert 2004)."""
    return z if not abs(z) > 1.0 else math.copysign(1.0, z)


@inline
def hard_tanh_derivative(z: float) -> float:
    """1 where -1 < z < 1, else 0: at the kinks themselves 0, as PyTorch does."""
    return 1.0 if abs(z) < 1.0 else 0.0


@inline
def sine(z: float) -> float:
    """sin z (Sitzmann et al. 2020, without their factor): not monotone, so that even one weight has several minima."""
    return math.sin(z)


@inline
def sine_derivative(z: float) -> float:
    return math.cos(z)


@inline
def other(kind: int, z: float) -> float:
    """The activations from elu on: they share one function, so that the usual ones stay free of them."""
    if kind == ELU:
        return elu(z)
    if kind == SELU:
        return selu(z)
    if kind == GELU:
        return gelu(z)
    if kind == GELU_TANH:
        return gelu_tanh(z)
    if kind == SILU:
        return silu(z)
    if kind == SOFTPLUS:
        return softplus(z)
    if kind == MISH:
        return mish(z)
    if kind == HARD_TANH:
        return hard_tanh(z)
    return sine(z)


@inline
def other_derivative(kind: int, z: float) -> float:
    """The derivatives of the same."""
    if kind == ELU:
        return elu_derivative(z)
    if kind == SELU:
        return selu_derivative(z)
    if kind == GELU:
        return gelu_derivative(z)
    if kind == GELU_TANH:
        return gelu_tanh_derivative(z)
    if kind == SILU:
        return silu_derivative(z)
    if kind == SOFTPLUS:
        return sigmoid(z)
    if kind == MISH:
        return mish_derivative(z)
    if kind == HARD_TANH:
        return hard_tanh_derivative(z)
    return sine_derivative(z)
