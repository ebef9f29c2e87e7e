"""Training steps written by hand: optimizers, gradients and state inside one compiled Cell."""
# ruff: noqa: B905
from tests.graph.language.table import grid, mstype, nn, ops, program, scalar, weight

from mycelium import Parameter, ParameterTuple, Tensor

X, Y = grid(4, 3), grid(4, 2) * 2


def net(seed=0):
    """Two layers with given weights."""
    return nn.SequentialCell([
        nn.Dense(3, 4, weight_init=Tensor(grid(4, 3) + seed), bias_init=Tensor(grid(4))),
        nn.Tanh(),
        nn.Dense(4, 2, weight_init=Tensor(grid(2, 4) - seed), bias_init="zeros")])


class Loss(nn.Cell):
    def __init__(self, network):
        super().__init__()
        self.network = network
        self.loss = nn.MSELoss()

    def construct(self, x, y):
        return self.loss(self.network(x), y)


class Trains(nn.Cell):
    """What the steps below have in common."""

    def __init__(self, optimizer=None):
        super().__init__()
        self.network = Loss(net())
        self.weights = ParameterTuple(self.network.trainable_params())
        self.optimizer = optimizer(self.weights) if optimizer else nn.Momentum(self.weights, 0.1, 0.9)
        self.grad = ops.GradOperation(get_by_list=True)


@program((X, Y), grad=False, calls=3)
class OneStep(Trains):
    def construct(self, x, y):
        loss = self.network(x, y)
        grads = self.grad(self.network, self.weights)(x, y)
        return ops.depend(loss, self.optimizer(grads))


@program((X, Y), grad=False, calls=3)
class AdamByName(Trains):
    def __init__(self):
        super().__init__(lambda p: nn.Adam(p, nn.ExponentialDecayLR(0.1, 0.9, 2), weight_decay=0.01))

    def construct(self, x, y):
        loss = self.network(x, y)
        grads = self.grad(self.network, self.weights)(x, y)
        return ops.depend(loss, self.optimizer(grads))


@program((X, Y), grad=False, calls=3)
class SgdByHand(Trains):
    """No optimizer object: Parameters assigned in a loop."""

    def construct(self, x, y):
        grads = self.grad(self.network, self.weights)(x, y)
        for w, g in zip(self.weights, grads):
            ops.assign_sub(w, 0.1 * g)
        return self.network(x, y)


add_grads = ops.MultitypeFuncGraph("add_grads")


@add_grads.register("Tensor", "Tensor")
def _add_grads(kept, grad):
    return ops.assign_add(kept, grad)


clear_grads = ops.MultitypeFuncGraph("clear_grads")


@clear_grads.register("Tensor", "Tensor")
def _clear_grads(kept, zero):
    return ops.assign(kept, zero)


@program((X, Y), grad=False, calls=5)
class Accumulates(Trains):
    """The optimizer runs at every second call only, under a condition on a Parameter."""

    def __init__(self):
        super().__init__()
        self.kept = self.weights.clone(prefix="kept", init="zeros")
        self.zeros = self.weights.clone(prefix="zeros", init="zeros")
        self.counter = Parameter(Tensor(0, mstype.int32), name="counter", requires_grad=False)
        self.map = ops.HyperMap()

    def construct(self, x, y):
        loss = self.network(x, y)
        grads = self.grad(self.network, self.weights)(x, y)
        loss = ops.depend(loss, self.map(add_grads, self.kept, grads))
        self.counter += 1
        if self.counter % 2 == 0:
            loss = ops.depend(loss, self.optimizer(self.kept))
            loss = ops.depend(loss, self.map(clear_grads, self.kept, self.zeros))
        return loss


clip = ops.MultitypeFuncGraph("clip")


@clip.register("Number", "Tensor")
def _clip(limit, grad):
    norm = ops.sqrt((grad * grad).sum())
    if norm > limit:
        grad = grad * (limit / norm)
    return grad


@program((X, Y), grad=False, calls=3)
class Clips(Trains):
    def __init__(self):
        super().__init__()
        self.map = ops.HyperMap()
        self.partial = ops.Partial()

    def construct(self, x, y):
        grads = self.grad(self.network, self.weights)(x, y)
        grads = self.map(self.partial(clip, 0.2), grads)
        loss = self.network(x, y)
        return ops.depend(loss, self.optimizer(grads))


@program((X, Y, scalar(64)), (X * 1e18, Y, scalar(1e30)), grad=False, calls=3)
class ScalesTheLoss(Trains):
    """Steps with overflow are left out, and halve the scale."""

    def __init__(self):
        super().__init__()
        self.scale = weight(1024, "scale", False)
        self.sens = ops.GradOperation(get_by_list=True, sens_param=True)

    def construct(self, x, y, factor):
        loss = self.network(x, y)
        grads = self.sens(self.network, self.weights)(x, y, ops.ones_like(loss) * self.scale * factor)
        finite = x.sum() * 0 == 0
        unscaled = ()
        for g in grads:
            finite = ops.logical_and(finite, ops.isfinite(g).all())
            unscaled = unscaled + (g / (self.scale * factor),)
        if finite:
            self.optimizer(unscaled)
        else:
            self.scale = self.scale * 0.5
        return finite, self.scale * 1


class Discriminator(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(2, 1, weight_init=Tensor(grid(1, 2)))

    def construct(self, x):
        return ops.Sigmoid()(self.dense(x))


class DiscriminatorLoss(nn.Cell):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator

    def construct(self, z, real):
        fake = ops.stop_gradient(self.generator(z))
        return -(ops.log(self.discriminator(real)) + ops.log(1 - self.discriminator(fake))).mean()


class GeneratorLoss(nn.Cell):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator

    def construct(self, z):
        return -ops.log(self.discriminator(self.generator(z))).mean()


@program((X, Y / 3), grad=False, calls=3)
class TwoNetsTwoOptimizers(nn.Cell):
    """One step of a GAN as one program; the generator trains only when the discriminator is good enough."""

    def __init__(self):
        super().__init__()
        generator, discriminator = net(), Discriminator()
        self.loss_d = DiscriminatorLoss(generator, discriminator)
        self.loss_g = GeneratorLoss(generator, discriminator)
        self.weights_g = ParameterTuple(generator.trainable_params())
        self.weights_d = ParameterTuple(discriminator.trainable_params())
        self.optimizer_g = nn.Adam(self.weights_g, 0.01)
        self.optimizer_d = nn.Momentum(self.weights_d, 0.1, 0.9)
        self.grad = ops.GradOperation(get_by_list=True)

    def construct(self, z, real):
        loss_d = self.loss_d(z, real)
        loss_d = ops.depend(loss_d, self.optimizer_d(self.grad(self.loss_d, self.weights_d)(z, real)))
        loss_g = self.loss_g(z)
        if loss_d < 2:
            grads = self.grad(self.loss_g, self.weights_g)(z)
            loss_g = ops.depend(loss_g, self.optimizer_g(grads))
        return loss_d, loss_g


@program((X, Y), grad=False, calls=3)
class TargetNetwork(Trains):
    """A second set of weights follows the trained ones."""

    def __init__(self):
        super().__init__()
        self.slow = self.weights.clone(prefix="slow", init="same")

    def construct(self, x, y):
        grads = self.grad(self.network, self.weights)(x, y)
        success = self.optimizer(grads)
        loss = ops.depend(self.network(x, y), success)
        for kept, w in zip(self.slow, self.weights):
            ops.assign(kept, kept * 0.9 + w * 0.1)
        return loss


@program((X, Y), grad=False, calls=3)
class Adversarial(Trains):
    """Inputs moved along their gradient's sign, then trained on."""

    def __init__(self):
        super().__init__()
        self.input_grad = ops.GradOperation()

    def construct(self, x, y):
        moved = x + 0.1 * ops.Sign()(self.input_grad(self.network)(x, y))
        moved = ops.clip_by_value(moved, Tensor(-1.5, mstype.float32), Tensor(1.5, mstype.float32))
        grads = self.grad(self.network, self.weights)(moved, y)
        self.optimizer(grads)
        return moved


@program((X, Y), grad=False, calls=2)
class SeveralStepsInALoop(Trains):
    """Three updates per call, left early when the loss is small; an optimizer inside a loop of the program."""

    def construct(self, x, y):
        n = 0
        loss = self.network(x, y)
        while n < 3:
            grads = self.grad(self.network, self.weights)(x, y)
            self.optimizer(grads)
            loss = self.network(x, y)
            if loss < 0.2:
                break
            n += 1
        return loss, n


class Linear(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = weight(grid(3, 2), "w")

    def construct(self, x, y):
        return ((ops.matmul(x, self.w) - y) ** 2).mean()


@program((X, Y))
class InnerStep(nn.Cell):
    """A gradient step whose result is differentiated again (meta-learning)."""

    def __init__(self):
        super().__init__()
        self.w = weight(grid(3, 2), "w")
        self.rate = weight(0.3, "rate")
        self.grad = ops.GradOperation()

    def loss(self, w, x, y):
        return ((ops.matmul(x, w) - y) ** 2).mean()

    def construct(self, x, y):
        w = self.w * 1
        for _ in range(2):
            w = w - self.rate * self.grad(self.loss)(w, x, y)
        return self.loss(w, x, y)


@program((X, Y))
class GradientPenalty(nn.Cell):
    """The norm of an input's gradient as part of the loss."""

    def __init__(self):
        super().__init__()
        self.network = Linear()
        self.grad = ops.GradOperation()

    def construct(self, x, y):
        loss = self.network(x, y)
        g = self.grad(self.network)(x, y)
        norm = ops.sqrt((g * g).sum())
        if norm > 0.1:
            loss = loss + (norm - 1) ** 2
        return loss
