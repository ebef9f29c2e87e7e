"""Computes src/mycelium/ops/bessel_tables.py: Chebyshev coefficients of what is smooth in Bessel functions.

    python tools/bessel_coefficients.py > src/mycelium/ops/bessel_tables.py

Needs mpmath. Each function is interpolated at the Chebyshev points with 40 digits, so that the coefficients are exact
to double precision and the first one left out is below 1e-18 of the largest.
"""
from mpmath import besseli, besselj, besselk, bessely, chop, cos, exp, inf, log, mp, mpf, pi, sin, sqrt

mp.dps = 40
POINTS = 48


def coefficients(f):
    """The Chebyshev coefficients of `f` on [-1, 1], the first one halved already."""
    nodes = [cos(pi * (k + mpf(1) / 2) / POINTS) for k in range(POINTS)]
    values = [f(t) for t in nodes]
    found = [2 / mpf(POINTS) * sum(v * cos(pi * j * (k + mpf(1) / 2) / POINTS) for k, v in enumerate(values))
             for j in range(POINTS)]
    found[0] /= 2
    largest = max(map(abs, found))
    while abs(found[-1]) < largest * mpf(10) ** -18:
        found.pop()
    return found


def near(f):
    """`f` of x in [0, 8] as a function of t = x^2 / 32 - 1."""
    return lambda t: f(sqrt(32 * (t + 1)))


def far(f):
    """`f` of x in [8, inf) as a function of t = 128 / x^2 - 1."""
    return lambda t: f(sqrt(128 / (t + 1)) if t > -1 else inf)


def low(f):
    """`f` of x in [0, 2] as a function of t = x^2 / 2 - 1."""
    return lambda t: f(sqrt(2 * (t + 1)))


def high(f):
    """`f` of x in [2, inf) as a function of t = 4 / x - 1."""
    return lambda t: f(4 / (t + 1))


def modulus(order):
    """P and Q of J = sqrt(2 / (pi x)) (P cos a - Q sin a), Y = sqrt(2 / (pi x)) (P sin a + Q cos a), Q times x / 8."""
    def split(x):
        a = x - (order + mpf(1) / 2) * pi / 2
        scale = sqrt(pi * x / 2)
        j, y = scale * besselj(order, x), scale * bessely(order, x)
        return j * cos(a) + y * sin(a), (y * cos(a) - j * sin(a)) * x / 8

    return lambda x: split(x)[0], lambda x: split(x)[1]


TABLES = {
    "J0_NEAR": near(lambda x: besselj(0, x)),
    "J1_NEAR": near(lambda x: besselj(1, x) / x),
    "Y0_NEAR": near(lambda x: bessely(0, x) - 2 / pi * log(x) * besselj(0, x)),
    "Y1_NEAR": near(lambda x: (bessely(1, x) - 2 / pi * (log(x) * besselj(1, x) - 1 / x)) / x),
    "P0_FAR": far(modulus(0)[0]),
    "Q0_FAR": far(modulus(0)[1]),
    "P1_FAR": far(modulus(1)[0]),
    "Q1_FAR": far(modulus(1)[1]),
    "K0_LOW": low(lambda x: besselk(0, x) + log(x / 2) * besseli(0, x)),
    "K1_LOW": low(lambda x: x * (besselk(1, x) - log(x / 2) * besseli(1, x))),
    "K0_HIGH": high(lambda x: besselk(0, x) * exp(x) * sqrt(x)),
    "K1_HIGH": high(lambda x: besselk(1, x) * exp(x) * sqrt(x)),
}

print('"""Chebyshev coefficients for ops/bessel.py, computed by tools/bessel_coefficients.py."""')
print()
for name, f in TABLES.items():
    row, line = [], f"{name} = ("
    for c in coefficients(f):
        text = f"{float(chop(c))!r}"
        if len(line) + len(text) > 118:
            row.append(line.rstrip())
            line = "    "
        line += text + ", "
    row.append(line.rstrip(", ") + ")")
    print("\n".join(row))
