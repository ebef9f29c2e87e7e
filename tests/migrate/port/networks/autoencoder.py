"""A variational autoencoder for small grey images."""
import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, in_dim=784, hidden=400, latent=20):
        super().__init__()

        self.fc1 = nn.Linear(in_dim, hidden)
        self.fc21 = nn.Linear(hidden, latent)
        self.fc22 = nn.Linear(hidden, latent)
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, in_dim)
        self.in_dim = in_dim

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        if not self.training:
            return mu
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, self.in_dim))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


class ConvAutoencoder(nn.Module):
    """Strided convolutions down, transposed convolutions up."""

    def __init__(self, channels=16, code=8):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 3, stride=2, padding=1),  # 16 x 16
            nn.ELU(),
            nn.Conv2d(channels, channels * 2, 3, stride=2, padding=1),  # 8 x 8
            nn.ELU(),
            nn.Flatten(),
            nn.Linear(channels * 2 * 8 * 8, code),
        )
        self.expand = nn.Linear(code, channels * 2 * 8 * 8)
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (channels * 2, 8, 8)),
            nn.ConvTranspose2d(channels * 2, channels, 3, stride=2, padding=1, output_padding=1),
            nn.ELU(),
            nn.ConvTranspose2d(channels, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        z = self.encoder(x)
        return self.decoder(self.expand(z).clamp(min=-6.0, max=6.0))


# Reconstruction + KL divergence losses summed over all elements and batch
def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, recon_x.shape[1]), reduction='sum')

    # 0.5 * sum(1 + log(sigma^2) - mu^2 - sigma^2)
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())

    return BCE + KLD


def train(model, train_loader, epoch=1, lr=1e-3, weight_decay=1e-5):
    device = next(model.parameters()).device
    optimizer = optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_fn = nn.MSELoss()
    model.train()
    train_loss = 0
    for batch_idx, data in enumerate(train_loader):
        data = data.to(device)
        loss = loss_fn(model(data), data)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
    return train_loss / len(train_loader)


def reconstruction_error(model, loader):
    model.eval()
    errors = []
    for data in loader:
        with torch.no_grad():
            out = model(data)
        errors.append(((out - data) ** 2).flatten(1).mean(dim=1).cpu().numpy())
    return errors
