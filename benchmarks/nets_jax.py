"""The benchmark networks as plain JAX, written by hand: what a compiled program costs without any framework."""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LAYOUT = ("NCHW", "OIHW", "NCHW")


def conv(x, w, stride=1, padding="VALID"):
    return lax.conv_general_dilated(x, w, (stride, stride), padding, dimension_numbers=LAYOUT)


def max_pool(x, size, stride, padding=((0, 0), (0, 0))):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, size, size), (1, 1, stride, stride),
                             ((0, 0), (0, 0), *padding))


def weights(*shape):
    return np.random.normal(0, 0.02, shape).astype(np.float32)


def dense(cin, cout):
    return {"w": weights(cout, cin), "b": np.zeros(cout, np.float32)}


def apply(p, x):
    return x @ p["w"].T + p["b"]


def lenet():
    params = {"c1": weights(6, 1, 5, 5), "b1": np.zeros((6, 1, 1), np.float32), "c2": weights(16, 6, 5, 5),
              "b2": np.zeros((16, 1, 1), np.float32), "f1": dense(400, 120), "f2": dense(120, 84), "f3": dense(84, 10)}

    def forward(p, stats, x, train):
        x = max_pool(jax.nn.relu(conv(x, p["c1"]) + p["b1"]), 2, 2)
        x = max_pool(jax.nn.relu(conv(x, p["c2"]) + p["b2"]), 2, 2)
        x = jax.nn.relu(apply(p["f1"], x.reshape(x.shape[0], -1)))
        return apply(p["f3"], jax.nn.relu(apply(p["f2"], x))), stats

    return params, {}, forward


def mlp():
    params = [dense(784, 512), dense(512, 512), dense(512, 10)]

    def forward(p, stats, x, train):
        return apply(p[2], jax.nn.relu(apply(p[1], jax.nn.relu(apply(p[0], x))))), stats

    return params, {}, forward


def batch_norm(p, s, x, train):
    if train:
        mean = x.mean((0, 2, 3))
        var = ((x - mean[:, None, None]) ** 2).mean((0, 2, 3))
        n = x.size / x.shape[1]
        s = {"m": 0.9 * s["m"] + 0.1 * mean, "v": 0.9 * s["v"] + 0.1 * var * n / (n - 1)}
    else:
        mean, var = s["m"], s["v"]
    scale = p["g"] * lax.rsqrt(var + 1e-5)
    return (x - mean[:, None, None]) * scale[:, None, None] + p["b"][:, None, None], s


def resnet18():
    params, stats = {}, {}

    def bn(name, c):
        params[name] = {"g": np.ones(c, np.float32), "b": np.zeros(c, np.float32)}
        stats[name] = {"m": np.zeros(c, np.float32), "v": np.ones(c, np.float32)}

    params["c"] = weights(64, 3, 7, 7)
    bn("bn", 64)
    plan, cin = [], 64
    for cout, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        k = f"block{len(plan)}"
        params[k + "c1"], params[k + "c2"] = weights(cout, cin, 3, 3), weights(cout, cout, 3, 3)
        bn(k + "n1", cout), bn(k + "n2", cout)
        if stride != 1 or cin != cout:
            params[k + "d"] = weights(cout, cin, 1, 1)
            bn(k + "nd", cout)
        plan.append((k, stride))
        cin = cout
    params["fc"] = dense(512, 1000)

    def forward(p, s, x, train):
        new = {}

        def norm(name, x):
            y, new[name] = batch_norm(p[name], s[name], x, train)
            return y

        x = jax.nn.relu(norm("bn", conv(x, p["c"], 2, ((3, 3), (3, 3)))))
        x = max_pool(x, 3, 2, ((1, 1), (1, 1)))
        for k, stride in plan:
            identity = norm(k + "nd", conv(x, p[k + "d"], stride)) if k + "d" in p else x
            y = jax.nn.relu(norm(k + "n1", conv(x, p[k + "c1"], stride, ((1, 1), (1, 1)))))
            x = jax.nn.relu(norm(k + "n2", conv(y, p[k + "c2"], 1, ((1, 1), (1, 1)))) + identity)
        return apply(p["fc"], x.mean((2, 3))), new

    return params, stats, forward


def layer_norm(p, x):
    mean = x.mean(-1, keepdims=True)
    var = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(var + 1e-5) * p["g"] + p["b"]


def bert(width=768, heads=12, layers=4, vocabulary=1000, length=128):
    ln = lambda: {"g": np.ones(width, np.float32), "b": np.zeros(width, np.float32)}  # noqa: E731
    params = {"embed": weights(vocabulary, width), "position": np.zeros((length, width), np.float32),
              "head": dense(width, 10),
              "layers": [{"qkv": dense(width, 3 * width), "out": dense(width, width), "up": dense(width, 4 * width),
                          "down": dense(4 * width, width), "n1": ln(), "n2": ln()} for _ in range(layers)]}

    def forward(p, stats, ids, train):
        x = p["embed"][ids] + p["position"]
        b, s, w = x.shape
        d = w // heads
        for layer in p["layers"]:
            q, k, v = apply(layer["qkv"], x).reshape(b, s, 3, heads, d).transpose(2, 0, 3, 1, 4)
            a = jax.nn.softmax(jnp.einsum("bhsd,bhtd->bhst", q, k) / d ** 0.5)
            mixed = jnp.einsum("bhst,bhtd->bhsd", a, v).transpose(0, 2, 1, 3).reshape(b, s, w)
            x = layer_norm(layer["n1"], x + apply(layer["out"], mixed))
            x = layer_norm(layer["n2"], x + apply(layer["down"], jax.nn.gelu(apply(layer["up"], x))))
        return apply(p["head"], x.mean(1)), stats

    return params, {}, forward


NETS = {"lenet": lenet, "mlp": mlp, "resnet18": resnet18, "bert": bert}


def build(name, mode, train, data):
    """A function of no arguments that runs one step, and one that waits for it."""
    np.random.seed(0)
    params, stats, forward = NETS[name]()
    x, y = map(jnp.asarray, data)
    put = lambda tree: jax.tree.map(jnp.asarray, tree)  # noqa: E731
    params, stats = put(params), put(stats)
    if not train:
        infer = jax.jit(lambda p, s, x: forward(p, s, x, False)[0])
        return (lambda: infer(params, stats, x)), np.asarray

    def loss_fn(p, s, x, y):
        logits, s = forward(p, s, x, True)
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)
        return -picked.mean(), s

    def update(p, s, v, x, y):
        (loss, s), g = jax.value_and_grad(loss_fn, has_aux=True)(p, s, x, y)
        v = jax.tree.map(lambda v, g: 0.9 * v + g, v, g)
        return jax.tree.map(lambda p, v: p - 0.01 * v, p, v), s, v, loss

    update = jax.jit(update, donate_argnums=(0, 1, 2))
    state = [params, stats, jax.tree.map(jnp.zeros_like, params)]

    def step():
        *state[:], loss = update(*state, x, y)
        return loss

    return step, np.asarray
