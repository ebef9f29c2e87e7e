"""Which models stand for their families, and the size of the images they get."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """The model of a family with the fewest Parameters.

    Args:
        model: Its name for `mindcv.create_model`.
        size: Height and width of the images: the model's own.
        gain: Scales the weights, where sums of many branches would overflow, or attention would pick one of two
            nearly equal scores, which rounding then decides.
        half: Compute in float16, where a model has float16 constants that its operators do not mix with float32.
        train: How it is trained, if it is one of the families that are: arguments of `workload.train`.
    """

    model: str
    size: int = 224
    gain: float = 1.0
    half: bool = False
    train: dict = field(default_factory=dict)


# BatchNorm over the 16 numbers that a channel of four small images has left in the last layers magnifies rounding: with
# steps of 1e-3 the third losses of our own two modes were 4e-3 apart (densenet121).
SMALL_STEPS = {"size": 64, "lr": 1e-4}

FAMILIES = {
    "bit": Choice("BiT_resnet50"),
    "cait": Choice("cait_xxs24_224"),
    "cmt": Choice("cmt_tiny", 160),
    "coat": Choice("coat_tiny"),
    "convit": Choice("convit_tiny"),
    "convnext": Choice("convnextv2_atto", train={"size": 64}),
    "crossvit": Choice("crossvit_9", 240),
    "densenet": Choice("densenet121", train=SMALL_STEPS),
    "dpn": Choice("dpn92"),
    "edgenext": Choice("edgenext_xx_small", 256),
    "efficientnet": Choice("efficientnet_b0"),
    "ghostnet": Choice("ghostnet_050", train={"size": 64, "drop_rate": 0.0}),
    "googlenet": Choice("googlenet"),
    "halonet": Choice("halonet_50t", 256),
    "hrnet": Choice("hrnet_w32", gain=0.5),
    "inceptionv3": Choice("inception_v3", 299),
    "inceptionv4": Choice("inception_v4", 299),
    "mae": Choice("mae_b_16_224_finetune"),
    "mixnet": Choice("mixnet_s"),
    "mlpmixer": Choice("mlp_mixer_s_p16"),
    "mnasnet": Choice("mnasnet_050", train={**SMALL_STEPS, "drop_rate": 0.0}),
    "mobilenetv1": Choice("mobilenet_v1_025"),
    "mobilenetv2": Choice("mobilenet_v2_035_224"),
    "mobilenetv3": Choice("mobilenet_v3_small_075"),
    "mobilevit": Choice("mobilevit_xx_small", 256),
    "nasnet": Choice("nasnet_a_4x1056"),
    "pit": Choice("pit_ti", train={"size": 224}),
    "pnasnet": Choice("pnasnet"),
    "poolformer": Choice("poolformer_s12", train={"size": 64}),
    "pvt": Choice("pvt_tiny"),
    "pvtv2": Choice("pvt_v2_b0", train={"size": 64}),
    "regnet": Choice("regnet_x_200mf", train={"size": 64, "lr": 1e-5}),
    "repmlp": Choice("repmlp_t224"),
    "repvgg": Choice("repvgg_a0"),
    "res2net": Choice("res2net50"),
    "resnest": Choice("resnest14"),
    "resnet": Choice("resnet18", train=SMALL_STEPS),
    "resnetv2": Choice("resnetv2_50"),
    "rexnet": Choice("rexnet_09"),
    "senet": Choice("seresnet18", train=SMALL_STEPS),
    "shufflenetv1": Choice("shufflenet_v1_g3_05"),
    "shufflenetv2": Choice("shufflenet_v2_x0_5", train=SMALL_STEPS),
    "sknet": Choice("skresnet18"),
    "squeezenet": Choice("squeezenet1_1", train={"size": 96, "drop_rate": 0.0}),
    "swintransformer": Choice("swin_tiny"),
    "swintransformerv2": Choice("swinv2_tiny_window8", 256),
    "vgg": Choice("vgg11"),
    "visformer": Choice("visformer_tiny", gain=0.5),
    "vit": Choice("vit_b_32_224"),
    "volo": Choice("volo_d1", half=True),
    "xception": Choice("xception", 299),
    "xcit": Choice("xcit_tiny_12_p16_224", gain=0.25),
}
