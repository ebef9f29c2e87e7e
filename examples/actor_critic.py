"""An actor-critic loop that balances a pole: host code between compiled steps, returns of every length.

    mycelium run examples/actor_critic.py [--mode graph|pynative] [--episodes 300]
"""
import argparse

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor

LONGEST = 200


class CartPole:
    """A pole on a cart (Barto, Sutton and Anderson 1983), integrated by Euler's rule."""

    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        self.state = self.rng.uniform(-0.05, 0.05, 4)
        return self.state.astype(np.float32)

    def step(self, action):
        x, v, angle, spin = self.state
        force = 10.0 if action else -10.0
        push = (force + 0.05 * spin ** 2 * np.sin(angle)) / 1.1
        turn = (9.8 * np.sin(angle) - np.cos(angle) * push) / (0.5 * (4 / 3 - 0.1 * np.cos(angle) ** 2 / 1.1))
        slide = push - 0.05 * turn * np.cos(angle) / 1.1
        self.state = np.array([x + 0.02 * v, v + 0.02 * slide, angle + 0.02 * spin, spin + 0.02 * turn])
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.21
        return self.state.astype(np.float32), fallen


class ActorCritic(nn.Cell):
    def __init__(self, hidden=64):
        super().__init__()
        self.body = nn.Dense(4, hidden, weight_init="he_uniform", activation="relu")
        self.actor = nn.Dense(hidden, 2, weight_init="xavier_uniform")
        self.critic = nn.Dense(hidden, 1, weight_init="xavier_uniform")

    def construct(self, state):
        h = self.body(state)
        return self.actor(h), self.critic(h)


class Loss(nn.Cell):
    """Policy gradient with the critic's advantage, the critic's error, and a bonus for entropy, over one episode."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.log_softmax = nn.LogSoftmax()
        self.one_hot = nn.OneHot(depth=2)

    def construct(self, states, actions, returns, mask):
        logits, values = self.net(states)
        log_p = self.log_softmax(logits)
        chosen = (log_p * self.one_hot(actions)).sum(-1)
        values = values.reshape((-1,))
        advantage = ops.stop_gradient(returns - values)
        entropy = -(ops.exp(log_p) * log_p).sum(-1)
        error = ops.Square()(returns - values)
        return ((0.5 * error - chosen * advantage - 0.01 * entropy) * mask).sum() / mask.sum()


def padded(values, dtype=np.float32):
    """An episode at full length, so that one compiled program serves all."""
    values = np.asarray(values, dtype)
    out = np.zeros((LONGEST, *values.shape[1:]), dtype)
    out[:len(values)] = values
    return Tensor(out)


def train(mode=ms.GRAPH_MODE, episodes=300, seed=1):
    """Trains; returns the length and the loss of every episode."""
    ms.set_context(mode=mode)
    ms.set_seed(seed)
    rng = np.random.default_rng(seed)
    world, net = CartPole(rng), ActorCritic()
    step = nn.TrainOneStepCell(Loss(net), nn.Adam(net.trainable_params(), learning_rate=1e-2))
    lengths, losses = [], []
    for _ in range(episodes):
        states, actions, state, fallen = [], [], world.reset(), False
        while not fallen and len(states) < LONGEST:
            logits = net(Tensor(state[None]))[0].asnumpy()[0].astype(np.float64)
            p = np.exp(logits - logits.max())
            action = int(rng.random() < p[1] / p.sum())
            states.append(state)
            actions.append(action)
            state, fallen = world.step(action)
        returns, total = np.zeros(len(states), np.float32), 0.0
        for i in reversed(range(len(states))):
            total = 1.0 + 0.98 * total
            returns[i] = total
        returns = (returns - 20) / 10
        loss = step(padded(states), padded(actions, np.int32), padded(returns), padded(np.ones(len(states))))
        losses.append(float(loss.asnumpy()))
        lengths.append(len(states))
    return lengths, losses


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["graph", "pynative"], default="graph")
    parser.add_argument("--episodes", type=int, default=300)
    args = parser.parse_args()
    lengths, _ = train(ms.GRAPH_MODE if args.mode == "graph" else ms.PYNATIVE_MODE, args.episodes)
    for i in range(0, len(lengths), 30):
        print(f"episodes {i} to {i + 29}: balanced {np.mean(lengths[i:i + 30]):.0f} of {LONGEST} steps")


if __name__ == "__main__":
    main()
