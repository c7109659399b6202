"""The detector: YOLOX-Nano (Ge et al. 2021) with one joint score a class instead of objectness times class.

The convolutions carry their batch normalisation folded in, as in the ONNX file the weights start from.
"""

import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)


class Conv(nn.Module):
    """Convolution whose weight is stored divided by its own size (root mean square of each output channel).

    Folded weights differ by orders of magnitude between channels; stored this way one learning rate of Adam means the same
    relative change everywhere. `scale` is fixed when the weights are loaded.
    """

    def __init__(self, inputs, outputs, kernel=1, stride=1, groups=1, act=True):
        super().__init__()
        self.stride, self.groups, self.act, self.padding = stride, groups, act, kernel // 2
        self.weight = nn.Parameter(torch.randn(outputs, inputs // groups, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        fan = inputs // groups * kernel * kernel
        self.register_buffer("scale", torch.full((outputs, 1, 1, 1), fan**-0.5))

    def load(self, weight, bias, scale=None):
        """Takes plain weights [out, in, k, k] and biases [out]; other shapes raise ValueError."""
        if weight.shape != self.weight.shape or bias.shape != self.bias.shape:
            raise ValueError(f"weights {tuple(weight.shape)} do not fit {tuple(self.weight.shape)}")
        with torch.no_grad():
            rms = weight.pow(2).mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-3)
            self.scale.copy_(rms if scale is None else scale)
            self.weight.copy_(weight / self.scale)
            self.bias.copy_(bias)

    def forward(self, x):
        x = F.conv2d(x, self.weight * self.scale, self.bias, self.stride, self.padding, groups=self.groups)
        return F.silu(x) if self.act else x


class DepthwiseConv(nn.Sequential):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__(Conv(inputs, inputs, 3, stride, inputs), Conv(inputs, outputs))


class Bottleneck(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.conv1, self.conv2, self.shortcut = Conv(channels, channels), DepthwiseConv(channels, channels), shortcut

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return x + y if self.shortcut else y


class Csp(nn.Module):
    def __init__(self, inputs, outputs, count, shortcut):
        super().__init__()
        half = outputs // 2
        self.conv1, self.conv2 = Conv(inputs, half), Conv(inputs, half)
        self.blocks = nn.Sequential(*(Bottleneck(half, shortcut) for _ in range(count)))
        self.conv3 = Conv(outputs, outputs)

    def forward(self, x):
        a, b = self.conv1(x), self.conv2(x)
        return self.conv3(torch.cat((self.blocks(a), b), 1))


class Spp(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = Conv(channels, channels // 2), Conv(channels * 2, channels)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(torch.cat([x] + [F.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13)], 1))


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.frozen = True
        self.stem = Conv(12, 16, 3)
        self.dark2 = nn.Sequential(DepthwiseConv(16, 32, 2), Csp(32, 32, 1, True))
        self.dark3 = nn.Sequential(DepthwiseConv(32, 64, 2), Csp(64, 64, 3, True))
        self.dark4 = nn.Sequential(DepthwiseConv(64, 128, 2), Csp(128, 128, 3, True))
        self.dark5 = nn.Sequential(DepthwiseConv(128, 256, 2), Spp(256), Csp(256, 256, 1, False))

    def forward(self, x):
        x = torch.cat((x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]), 1)
        # Without `--thaw` stem and first stage stay as they are: edges and colours are much the same everywhere, and on a CPU
        # their backward pass alone takes more than half of the time of a step.
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            x = self.dark2(self.stem(x))
        c3 = self.dark3(x)
        c4 = self.dark4(c3)
        return c3, c4, self.dark5(c4)


class Neck(nn.Module):
    def __init__(self):
        super().__init__()
        self.lateral5, self.up4 = Conv(256, 128), Csp(256, 128, 1, False)
        self.lateral4, self.up3 = Conv(128, 64), Csp(128, 64, 1, False)
        self.down3, self.out4 = DepthwiseConv(64, 64, 2), Csp(128, 128, 1, False)
        self.down4, self.out5 = DepthwiseConv(128, 128, 2), Csp(256, 256, 1, False)

    def forward(self, c3, c4, c5):
        p5 = self.lateral5(c5)
        p4 = self.lateral4(self.up4(torch.cat((F.interpolate(p5, scale_factor=2.0), c4), 1)))
        p3 = self.up3(torch.cat((F.interpolate(p4, scale_factor=2.0), c3), 1))
        n4 = self.out4(torch.cat((self.down3(p3), p4), 1))
        n5 = self.out5(torch.cat((self.down4(n4), p5), 1))
        return p3, n4, n5


class Head(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.stem = Conv(channels, 64)
        self.class_convs = nn.Sequential(DepthwiseConv(64, 64), DepthwiseConv(64, 64))
        self.class_score = Conv(64, classes, act=False)
        self.box_convs = nn.Sequential(DepthwiseConv(64, 64), DepthwiseConv(64, 64))
        self.box = Conv(64, 4, act=False)
        # What was objectness: the box branch says how well it sees a thing, now for each class by itself.
        self.box_score = Conv(64, classes, act=False)

    def forward(self, x):
        x = self.stem(x)
        score = self.class_score(self.class_convs(x))
        x = self.box_convs(x)
        return self.box(x), score + self.box_score(x)


class Detector(nn.Module):
    """BGR 0..255 [n, 3, h, w], h and w multiples of 32 → boxes [n, cells, 4] (grid units) and logits [n, cells, classes]."""

    def __init__(self, classes):
        super().__init__()
        self.backbone, self.neck = Backbone(), Neck()
        self.heads = nn.ModuleList(Head(c, classes) for c in (64, 128, 256))

    def forward(self, x):
        pairs = [head(level) for head, level in zip(self.heads, self.neck(*self.backbone(x)))]
        return tuple(torch.cat([p[i].flatten(2) for p in pairs], 2).transpose(1, 2) for i in (0, 1))

    def convs(self):
        return [m for m in self.modules() if isinstance(m, Conv)]


def grid(height, width):
    """Corner and stride of every cell, [cells, 3] (x, y, stride), in the order of the network's rows."""
    rows = []
    for stride in STRIDES:
        ys, xs = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        rows.append(torch.stack((xs.flatten(), ys.flatten(), torch.full((xs.numel(),), stride)), 1).float())
    return torch.cat(rows)


def decode(raw, cells):
    """Raw boxes [..., cells, 4] → left, top, right, bottom in pixels of the input."""
    centre = (raw[..., :2] + cells[:, :2]) * cells[:, 2:]
    half = raw[..., 2:].clamp(max=7).exp() * cells[:, 2:] / 2
    return torch.cat((centre - half, centre + half), -1)
