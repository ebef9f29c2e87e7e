"""Training code: statements of PyTorch's, and what becomes of them."""
import pytest
from tests.migrate.port.test_rewriting import body

# name, theirs, ours
PROGRAMS = [
    ("an operand keeps its place", """\
loss = -0.5 * torch.sum(1 + a - b.pow(2) - a.exp())
""", """\
loss = -0.5 * (1 + a - b.pow(2) - a.exp()).sum()
"""),
    ("an expression becomes an owner", """\
d = torch.mean(a - b, dim=1)
""", """\
d = (a - b).mean(axis=1)
"""),
    ("weights frozen by a method", """\
for p in net.parameters():
    p.requires_grad_(False)
""", '''\
def parameters_of(cell):
    """What parameters() of a torch.nn.Module gives: buffers, such as running statistics, are none of them."""
    buffers = ("moving_mean", "moving_variance")
    return [p for p in cell.get_parameters() if p.name.rpartition(".")[2] not in buffers]


for p in parameters_of(net):
    p.requires_grad = False
'''),
    ("weights frozen by an attribute", """\
for name, p in net.named_parameters():
    if p.requires_grad and name.endswith('bias'):
        p.requires_grad = False
""", """\
for name, p in net.parameters_and_names():
    if p.requires_grad and name.endswith('bias'):
        p.requires_grad = False
"""),
    ("weights averaged in place", """\
for s, p in zip(ema.parameters(), net.parameters()):
    s.mul_(0.9).add_(p, alpha=0.1)
""", """\
for s, p in zip(ema.trainable_params(), net.trainable_params()):
    s.set_data(s * 0.9 + 0.1 * p)
"""),
    ("weights averaged by data", """\
for i, (k, q) in enumerate(zip(ema.parameters(), net.parameters())):
    k.data = k.data * m + q.data * (1 - m)
""", """\
for i, (k, q) in enumerate(zip(ema.trainable_params(), net.trainable_params())):
    k.set_data(k * m + q * (1 - m))
"""),
    ("weights clipped", """\
for p in net.parameters():
    p.data.clamp_(-0.01, 0.01)
""", """\
for p in net.trainable_params():
    p.set_data(ops.clip_by_value(p, -0.01, 0.01))
"""),
    ("weights decayed", """\
for p in net.parameters():
    p.data -= rate * p.data
""", """\
for p in net.trainable_params():
    p.set_data(p - (rate * p))
"""),
    ("results by name", """\
v = q.max(1).values + q.topk(3, dim=1).values[:, 0]
i = q.max(dim=1).indices
""", """\
v = ops.max(q, axis=1, keep_dims=False)[1] + ops.topk(q, 3, 1, True, True)[0][:, 0]
i = ops.max(q, axis=1, keep_dims=False)[0].astype(ms.int64)
"""),
    ("a generator of random numbers", """\
g = torch.Generator().manual_seed(3)
x = torch.randn(2, generator=g)
""", """\
g = ms.set_seed(3)
x = ops.randn(2)
"""),
    ("old constructors", """\
a = torch.FloatTensor(3, 4)
b = torch.LongTensor([1, 2])
c = torch.FloatTensor(len(b))
""", """\
a = ops.zeros((3, 4), ms.float32)
b = ms.Tensor([1, 2], ms.int64)
c = ops.zeros(len(b), ms.float32)
"""),
    ("a list from a generator", """\
cells = nn.ModuleList(nn.ReLU() for _ in range(2))
""", """\
cells = nn.CellList([nn.ReLU() for _ in range(2)])
"""),
    ("decay of norms", """\
net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
""", """\
net = nn.SequentialCell(nn.Dense(2, 2), nn.BatchNorm1d(2))
opt = nn.SGD([{'params': net.trainable_params(), 'weight_decay': 1e-4}], learning_rate=0.1, momentum=0.9)
"""),
    ("a target without gradients", """\
net = nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
for s, t, r in data:
    with torch.no_grad():
        target = r + net(t).max(1)[0]
    loss = F.mse_loss(net(s).max(1)[0], target)
    opt.zero_grad()
    loss.backward()
    opt.step()
""", """\
net = nn.Dense(3, 2)
opt = nn.Adam(net.trainable_params())

net.set_train()

def forward_fn(s, target):
    loss = ops.mse_loss(ops.max(net(s), axis=1, keep_dims=False)[1], target)
    return loss

grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
for s, t, r in data:
    target = r + ops.max(net(t), axis=1, keep_dims=False)[1]
    loss, grads = grad_fn(s, target)
    opt(grads)
"""),
    ("a weight without gradients", """\
net = nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
for x in data:
    y = net(x)
    with torch.no_grad():
        w = y.abs()
    loss = (w * y).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""", """\
net = nn.Dense(3, 2)
opt = nn.Adam(net.trainable_params())

net.set_train()

def forward_fn(x):
    y = net(x)
    w = y.abs()
    w = ops.stop_gradient(w)
    loss = (w * y).mean()
    return loss

grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
for x in data:
    loss, grads = grad_fn(x)
    opt(grads)
"""),
    ("forward without gradients", """\
class Net(nn.Module):
    def forward(self, x):
        with torch.no_grad():
            k = torch.exp(x)
        return x * k
""", """\
class Net(nn.Cell):
    def construct(self, x):
        k = ops.exp(x)
        k = ops.stop_gradient(k)
        return x * k
"""),
    ("training and evaluation in one", """\
def run(model, loader, criterion, opt=None):
    for x, y in loader:
        with torch.set_grad_enabled(opt is not None):
            out = model(x)
            _, pred = torch.max(out, 1)
            loss = criterion(out, y)
            # only in training
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                opt.step()
        print(loss.item(), pred)
""", """\
def run(model, loader, criterion, opt=None):

    def forward_fn(x, y):
        out = model(x)
        loss = criterion(out, y)
        return loss, out

    grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters, has_aux=True) if opt is not None else None
    for x, y in loader:
        # only in training
        if opt is not None:
            (loss, out), grads = grad_fn(x, y)
            opt(grads)
        else:
            loss, out = forward_fn(x, y)
        _, pred = ops.max(out, axis=1, keep_dims=False)[::-1]
        print(loss.asnumpy().item(), pred)
"""),
    ("a loss computed elsewhere", """\
def finish(optimizer, saved, returns):
    loss = torch.cat([-p * r for p, r in zip(saved, returns)]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""", """\
def finish(optimizer, saved, returns):
    loss = ops.concat([-p * r for p, r in zip(saved, returns)]).sum()
    # port: check: what leads to this loss was computed before; ops.value_and_grad differentiates a
    #   function that computes it from the weights
    # port: check: torch.Tensor.backward has no counterpart: write the forward pass as a function:
    #   ms.value_and_grad(fn, None, weights), ops.GradOperation(get_by_list=True)(net, weights), or
    #   nn.TrainOneStepCell(net_with_loss, optimizer)
    loss.backward()
    optimizer.step()
"""),
    ("a step without a loop", """\
def step(model, optimizer, x, y):
    out = model(x)
    loss = F.mse_loss(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), out
""", """\
def step(model, optimizer, x, y):

    def forward_fn(x, y):
        out = model(x)
        loss = ops.mse_loss(out, y)
        return loss, out

    grad_fn = ops.value_and_grad(forward_fn, None, optimizer.parameters, has_aux=True)
    (loss, out), grads = grad_fn(x, y)
    optimizer(grads)
    return loss.asnumpy().item(), out
"""),
    ("a gradient penalty", """\
def penalty(critic, real, fake):
    mixed = (real + fake).requires_grad_(True)
    score = critic(mixed)
    grads = torch.autograd.grad(outputs=score, inputs=mixed, grad_outputs=torch.ones_like(score), create_graph=True)[0]
    return grads.pow(2).mean()
""", """\
def penalty(critic, real, fake):
    mixed = (real + fake)
    grads = ops.grad(lambda mixed: critic(mixed))(mixed)
    return grads.pow(2).mean()
"""),
    ("second derivatives", """\
def residual(net, x, t):
    x.requires_grad_(True)
    u = net(torch.cat([x, t], 1))
    u_x, u_t = torch.autograd.grad(u, (x, t), torch.ones_like(u), create_graph=True)
    u_xx, = torch.autograd.grad(u_x, [x], torch.ones_like(u_x), create_graph=True)
    return u_t - u_xx
""", """\
def residual(net, x, t):
    u_x, u_t = ops.grad(lambda x, t: net(ops.concat([x, t], 1)), (0, 1))(x, t)
    u_xx, = (ops.grad(lambda x: ops.grad(lambda x, t: net(ops.concat([x, t], 1)), (0, 1))(x, t)[0])(x),)
    return u_t - u_xx
"""),
    ("derivatives one by one", """\
def residual(net, x):
    u = net(x)
    u_x = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
    u_xx = torch.autograd.grad(u_x.sum(), x, create_graph=True)[0]
    return u_xx + u
""", """\
def residual(net, x):
    u = net(x)
    u_xx = ops.grad(lambda x: ops.grad(lambda x: net(x).sum())(x).sum())(x)
    return u_xx + u
"""),
    ("a checkpoint of several things", """\
def save(net, optimizer, epoch, best, folder):
    torch.save({'epoch': epoch, 'net': net.state_dict(), 'optimizer': optimizer.state_dict()}, f'{folder}/last.pth')


def resume(net, optimizer, path='last.pth'):
    state = torch.load(path)
    net.load_state_dict(state['net'])
    optimizer.load_state_dict(state['optimizer'])
    return state['epoch'] + 1
""", """\
def save(net, optimizer, epoch, best, folder):
    # port: check: the state of optimizer is not saved: ms.save_checkpoint(optimizer, ...) writes it
    #   to its own file
    ms.save_checkpoint(net, f'{folder}/last.ckpt', append_dict={'epoch': epoch})


def resume(net, optimizer, path='last.ckpt'):
    state = ms.load_checkpoint(path)
    ms.load_param_into_net(net, state)
    # port: check: optimizer.load_state_dict(state['optimizer']): its state is not in the checkpoint
    return state['epoch'].asnumpy().item() + 1
"""),
    ("weights that are missing", """\
missing, more = net.load_state_dict(state, strict=False)
""", """\
missing, more = ms.load_param_into_net(net, state), [name for name in state if name not in net.parameters_dict()]
"""),
    ("packed sequences", """\
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        h, (last, _) = self.lstm(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(h, batch_first=True)
        return h, last[-1]
""", """\
class Tagger(nn.Cell):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)

    def construct(self, x, lengths):
        h, (last, _) = self.lstm(x, None, lengths)
        return h, last[-1]
"""),
    ("scaled losses", """\
net = nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
scaler = torch.cuda.amp.GradScaler(enabled=False)
for x in data:
    loss = net(x).mean()
    opt.zero_grad()
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    scaler.step(opt)
    scaler.update()
""", """\
net = nn.Dense(3, 2)
opt = nn.Adam(net.trainable_params())

net.set_train()

def forward_fn(x):
    loss = net(x).mean()
    return loss

grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
for x in data:
    loss, grads = grad_fn(x)
    opt(grads)
"""),
    ("a sampler", """\
from torch.utils.data import DataLoader, WeightedRandomSampler


def load(rows):
    sampler = WeightedRandomSampler([0.5, 1.0], 2)
    loader = DataLoader(rows, batch_size=4, sampler=sampler)
    for x, y in loader:
        print(x, y)
""", """\
def load(rows):
    sampler = ds.WeightedRandomSampler([0.5, 1.0], 2, True)
    loader = ds.GeneratorDataset(rows, ['x', 'y'], sampler=sampler).batch(4, drop_remainder=False)
    for x, y in loader:
        print(x, y)
"""),
    ("numbers that grow into tensors", """\
def count(loader, net):
    right = 0
    for x, y in loader:
        right += torch.sum(net(x).argmax(1) == y)
    return right.double() / 3
""", """\
def count(loader, net):
    right = 0
    for x, y in loader:
        right += (net(x).argmax(1) == y).sum()
    return right.astype(ms.float64) / 3
"""),
    ("an input made for its gradient", """\
def slope(net):
    x = torch.linspace(0, 1, 5, requires_grad=True)
    return torch.autograd.grad(net(x).sum(), x)[0]
""", """\
def slope(net):
    x = ops.linspace(Tensor(0, ms.float32), Tensor(1, ms.float32), 5)
    return ops.grad(lambda x: net(x).sum())(x)
"""),
    ("gradients of what is not shown", """\
def slope(u, x):
    du = torch.autograd.grad(u, x)[0]
    return du
""", """\
def slope(u, x):
    # port: check: torch.autograd.grad has no counterpart: ms.grad(fn, grad_position)(inputs): the
    #   gradient of a function, not of a result
    du = torch.autograd.grad(u, x)[0]
    return du
"""),
    ("gradients that add up", """\
def train(net, opt, data, n):
    opt.zero_grad()
    for i, (x, y) in enumerate(data):
        loss = F.mse_loss(net(x), y) / n
        loss.backward()
        if (i + 1) % n == 0:
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
""", """\
def train(net, opt, data, n):

    grads = None
    net.set_train()

    def forward_fn(x, y):
        loss = ops.mse_loss(net(x), y) / n
        return loss

    grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
    for i, (x, y) in enumerate(data):
        loss, more = grad_fn(x, y)
        grads = more if grads is None else tuple(a + b for a, b in zip(grads, more))
        if (i + 1) % n == 0:
            grads = ops.clip_by_global_norm(grads, 1.0)
            opt(grads)
            grads = None
"""),
    ("a penalty that a function computes", """\
def penalty(net, x):
    return net(x).abs().mean()


net = nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
for x in data:
    extra = penalty(net, x)
    decay = sum(p.pow(2).sum() for p in net.parameters())
    loss = net(x).mean() + extra + decay
    opt.zero_grad()
    loss.backward()
    opt.step()
""", """\
def penalty(net, x):
    return net(x).abs().mean()


net = nn.Dense(3, 2)
opt = nn.Adam(net.trainable_params())

net.set_train()

def forward_fn(x):
    extra = penalty(net, x)
    decay = sum(p.pow(2).sum() for p in net.trainable_params())
    loss = net(x).mean() + extra + decay
    return loss

grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
for x in data:
    loss, grads = grad_fn(x)
    opt(grads)
"""),
    ("inputs made between", """\
import collections

Row = collections.namedtuple('Row', 'x y')


def learn(net, old, opt, rows):
    batch = Row(*zip(*rows))
    values = net(torch.cat(batch.x))
    target = torch.zeros(3)
    with torch.no_grad():
        target[1] = old(torch.cat(batch.y)).sum()
    loss = F.mse_loss(values, target)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(net.parameters(), 100)
    opt.step()
""", """\
Row = collections.namedtuple('Row', 'x y')


def learn(net, old, opt, rows):
    batch = Row(*zip(*rows))
    net.set_train()

    def forward_fn(batch, target):
        values = net(ops.concat(batch.x))
        loss = ops.mse_loss(values, target)
        return loss

    grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
    target = ops.zeros(3, ms.float32)
    target[1] = old(ops.concat(batch.y)).sum()
    loss, grads = grad_fn(batch, target)
    grads = tuple([ops.clip_by_value(g, -100, 100) for g in grads])
    opt(grads)
"""),
    ("weights moved towards others", """\
a, b = target.state_dict(), net.state_dict()
moved, fixed = target.state_dict(), 0
state = net.state_dict()
for key in state:
    state[key] = state[key] * 0.5
""", """\
a, b = target.parameters_dict(), net.parameters_dict()
moved, fixed = target.parameters_dict(), 0
state = net.parameters_dict()
for key in state:
    state[key].set_data(state[key] * 0.5)
"""),
    ("indices that are joined", """\
def greedy(net, ids):
    for _ in range(3):
        new = net(ids)[:, -1].argmax(-1, keepdim=True)
        ids = torch.cat([ids, new], dim=1)
    return ids, (net(ids).argmax(1) == 3).sum()
""", """\
def greedy(net, ids):
    for _ in range(3):
        new = net(ids)[:, -1].argmax(-1, keepdims=True).astype(ms.int64)
        ids = ops.concat([ids, new], axis=1)
    return ids, (net(ids).argmax(1) == 3).sum()
"""),
    ("the old way", """\
from torch.autograd import Variable

whole = Variable(torch.FloatTensor([1, 2]), requires_grad=False)
weight = next(net.parameters())
""", """\
whole = ms.Tensor([1, 2], ms.float32)
weight = next(iter(net.trainable_params()))
"""),
    ("a function without gradients", """\
@torch.no_grad()
def aim(net, x):
    return net(x).max(1)[0]


@torch.no_grad()
def score(net, x):
    return net(x).mean().item()


net = nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
for x in data:
    loss = F.mse_loss(net(x).sum(1), aim(net, x))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(score(net, x))
""", """\
def aim(net, x):
    return ops.stop_gradient(ops.max(net(x), axis=1, keep_dims=False)[1])


def score(net, x):
    return net(x).mean().asnumpy().item()


net = nn.Dense(3, 2)
opt = nn.Adam(net.trainable_params())

net.set_train()

def forward_fn(x):
    loss = ops.mse_loss(net(x).sum(1), aim(net, x))
    return loss

grad_fn = ops.value_and_grad(forward_fn, None, opt.parameters)
for x in data:
    loss, grads = grad_fn(x)
    opt(grads)
    print(score(net, x))
"""),
    ("a file beside others", """\
import pathlib


def keep(net, folder):
    out = pathlib.Path(folder)
    torch.save(net.state_dict(), out / 'best.pt')
    net.load_state_dict(torch.load(out / 'best.pt'))
""", """\
def keep(net, folder):
    out = pathlib.Path(folder)
    ms.save_checkpoint(net, str(out / 'best.ckpt'))
    ms.load_param_into_net(net, ms.load_checkpoint(str(out / 'best.ckpt')))
"""),
]


@pytest.mark.parametrize(("theirs", "ours"), [row[1:] for row in PROGRAMS], ids=[row[0] for row in PROGRAMS])
def test_training_code(theirs, ours):
    assert body(theirs) == ours
