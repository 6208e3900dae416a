"""The layers of the vocabulary in PyTorch, by the names of its rows layer_*: what goes in, and how the layer is made from the
extents of a size."""
from torch import nn


def residual(ch):
    return nn.Sequential(
        nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch), nn.ReLU(),
        nn.Conv2d(ch, ch, 3, padding=1, bias=False), nn.BatchNorm2d(ch), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(ch, 10))


class SelfAttention(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x, need_weights=False)


ROWS, IMAGES, LINES, STEPS, BATCH = "normal r c", "normal b ch y x", "normal b ch n1", "normal t bt 32", "normal bt t 64"
LAYERS = {
    "dense": (ROWS, lambda c, ch: nn.Linear(c, c)), "conv_1d": (LINES, lambda c, ch: nn.Conv1d(ch, ch, 3, padding=1)),
    "conv_2d": (IMAGES, lambda c, ch: nn.Conv2d(ch, ch, 3, padding=1)),
    "conv_2d_stride_2": (IMAGES, lambda c, ch: nn.Conv2d(ch, 2 * ch, 3, stride=2, padding=1)),
    "conv_2d_1x1": (IMAGES, lambda c, ch: nn.Conv2d(ch, ch, 1)),
    "conv_2d_depthwise": (IMAGES, lambda c, ch: nn.Conv2d(ch, ch, 3, padding=1, groups=ch)),
    "conv_2d_groups": (IMAGES, lambda c, ch: nn.Conv2d(ch, ch, 3, padding=1, groups=4)),
    "conv_transpose_2d": (IMAGES, lambda c, ch: nn.ConvTranspose2d(ch, ch, 2, stride=2)),
    "batch_norm_2d": (IMAGES, lambda c, ch: nn.BatchNorm2d(ch)), "batch_norm_1d": (ROWS, lambda c, ch: nn.BatchNorm1d(c)),
    "group_norm": (IMAGES, lambda c, ch: nn.GroupNorm(4, ch)), "instance_norm": (IMAGES, lambda c, ch: nn.InstanceNorm2d(ch)),
    "layer_norm": (ROWS, lambda c, ch: nn.LayerNorm(c)), "rms_norm": (ROWS, lambda c, ch: nn.RMSNorm(c)),
    "local_response_norm": (IMAGES, lambda c, ch: nn.LocalResponseNorm(5)), "max_pool_2d": (IMAGES, lambda c, ch: nn.MaxPool2d(2)),
    "avg_pool_2d": (IMAGES, lambda c, ch: nn.AvgPool2d(2)), "adaptive_avg_pool_2d": (IMAGES, lambda c, ch: nn.AdaptiveAvgPool2d(1)),
    "upsample": (IMAGES, lambda c, ch: nn.Upsample(scale_factor=2)), "pixel_shuffle": (IMAGES, lambda c, ch: nn.PixelShuffle(2)),
    "zero_pad_2d": (IMAGES, lambda c, ch: nn.ZeroPad2d(1)), "flatten": (IMAGES, lambda c, ch: nn.Flatten()),
    "dropout": (ROWS, lambda c, ch: nn.Dropout(0.5)), "dropout_2d": (IMAGES, lambda c, ch: nn.Dropout2d(0.5)),
    "relu": (ROWS, lambda c, ch: nn.ReLU()), "gelu": (ROWS, lambda c, ch: nn.GELU()), "silu": (ROWS, lambda c, ch: nn.SiLU()),
    "prelu": (IMAGES, lambda c, ch: nn.PReLU(ch)), "softmax": (ROWS, lambda c, ch: nn.Softmax(-1)),
    "rnn": (STEPS, lambda c, ch: nn.RNN(32, 64)), "gru": (STEPS, lambda c, ch: nn.GRU(32, 64)),
    "lstm": (STEPS, lambda c, ch: nn.LSTM(32, 64)),
    "lstm_bidirectional": (STEPS, lambda c, ch: nn.LSTM(32, 64, num_layers=2, bidirectional=True)),
    "multi_head_attention": (BATCH, lambda c, ch: SelfAttention(64, 4, batch_first=True)),
    "transformer_encoder": (BATCH, lambda c, ch: nn.TransformerEncoderLayer(64, 4, 256, dropout=0, batch_first=True)),
    "perceptron": (ROWS, lambda c, ch: nn.Sequential(nn.Linear(c, c), nn.ReLU(), nn.Linear(c, c), nn.ReLU(), nn.Linear(c, 10))),
    "residual_block": (IMAGES, lambda c, ch: residual(ch)),
}
