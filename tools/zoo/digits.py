"""mindcv's training script on scikit-learn's handwritten digits: folder of images, augmentation, trainer, checkpoints.

`python tools/zoo/digits.py [graph|pynative]` prints the accuracy; under MindSpore it runs as it is.
"""
from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

    from mycelium.compat import install_as_mindspore

    install_as_mindspore()

import mindspore as ms
import numpy as np
from mindcv.data import create_dataset, create_loader, create_transforms
from mindcv.loss import create_loss
from mindcv.models import create_model
from mindcv.optim import create_optimizer
from mindcv.scheduler import create_scheduler
from mindcv.utils import StateMonitor, create_trainer, get_metrics
from PIL import Image
from sklearn.datasets import load_digits

MODEL, SIZE, CLASSES = "mobilenet_v1_025", 32, 10


def write_images(folder: Path) -> None:
    """The digits as RGB pictures: folder/train/<digit>/<number>.png, every fifth in folder/val."""
    digits = load_digits()
    for i, (image, label) in enumerate(zip(digits.images, digits.target)):    # noqa: B905, Python 3.9 runs this too
        place = folder / ("val" if i % 5 == 0 else "train") / str(label)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9).astype(np.uint8)).resize((SIZE, SIZE)).convert("RGB").save(place / f"{i}.png")


def loader(folder: Path, training: bool) -> Any:
    """The batches of one part, transformed as for ImageNet."""
    data = create_dataset(name="", root=str(folder), split="train" if training else "val", shuffle=training)
    options = {"scale": (0.8, 1.0), "hflip": 0.0} if training else {"crop_pct": 1.0}
    transform = create_transforms("imagenet", image_resize=SIZE, is_training=training, **options)
    return create_loader(data, batch_size=64, drop_remainder=training, is_training=training, num_classes=CLASSES,
                         transform=transform)


def train(folder: Path, mode: int, epochs: int = 3, **trainer_options: Any) -> tuple[float, float]:
    """Trains, saves and loads.

    Args:
        folder: Where the images are, and where checkpoints go.
        mode: `ms.GRAPH_MODE` or `ms.PYNATIVE_MODE`.
        epochs: How often to see all images.
        **trainer_options: For `create_trainer`: ema, clip_grad, gradient_accumulation_steps, amp_level, loss_scale.

    Returns:
        Accuracy of the trained network and of one loaded from its checkpoint, both on images that were not trained on.
    """
    ms.set_context(mode=mode)
    ms.set_seed(1)
    train_data, val_data = loader(folder, True), loader(folder, False)
    network = create_model(MODEL, num_classes=CLASSES)
    loss = create_loss(name="CE", label_smoothing=0.1)
    steps = train_data.get_dataset_size()
    rates = create_scheduler(steps, scheduler="cosine_decay", lr=0.01, min_lr=1e-4, warmup_epochs=1,
                             decay_epochs=epochs - 1, num_epochs=epochs)
    optimizer = create_optimizer(network.trainable_params(), opt="adamw", lr=rates, weight_decay=0.01)
    options = {"amp_level": "O0", "amp_cast_list": None, "loss_scale_type": "fixed", "loss_scale": 1.0,
               "drop_overflow_update": False, **trainer_options}
    trainer = create_trainer(network, loss, optimizer, metrics=get_metrics(CLASSES), **options)
    monitor = StateMonitor(trainer, model_name=MODEL, model_ema=trainer_options.get("ema", False),
                           dataset_sink_mode=False, dataset_val=val_data,
                           metric_name=["Top_1_Accuracy", "Top_5_Accuracy"], val_interval=epochs,
                           val_start_epoch=epochs, ckpt_save_dir=str(folder / "ckpt"), ckpt_save_interval=epochs,
                           summary_dir=str(folder / "summary"), log_interval=10)
    trainer.train(epochs, train_data, callbacks=[monitor], dataset_sink_mode=False)
    after = trainer.eval(val_data, dataset_sink_mode=False)["Top_1_Accuracy"]
    saved = next((folder / "ckpt").glob(f"{MODEL}-{epochs}_*.ckpt"))
    again = create_model(MODEL, num_classes=CLASSES, checkpoint_path=str(saved))
    evaluation = ms.Model(again, loss_fn=loss, metrics=get_metrics(CLASSES))
    return float(after), float(evaluation.eval(val_data, dataset_sink_mode=False)["Top_1_Accuracy"])


def main() -> None:
    """Trains in the mode of the command line, plainly and with mindcv's own training step."""
    logging.basicConfig(level=logging.INFO)
    mode = {"graph": ms.GRAPH_MODE, "pynative": ms.PYNATIVE_MODE}[sys.argv[1] if len(sys.argv) > 1 else "graph"]
    for options in ({}, {"ema": True, "clip_grad": True}, {"gradient_accumulation_steps": 2},
                    {"clip_grad": True, "amp_level": "O2", "loss_scale": 1024.0},
                    {"clip_grad": True, "amp_level": "O3", "loss_scale": 1024.0}):
        with tempfile.TemporaryDirectory() as folder:
            write_images(Path(folder))
            trained, loaded = train(Path(folder), mode, **options)
            print(options, f"accuracy {trained:.4f}, after loading {loaded:.4f}")


if __name__ == "__main__":
    main()
