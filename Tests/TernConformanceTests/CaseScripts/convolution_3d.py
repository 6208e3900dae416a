"""Convolutions and transposed convolutions of volumes."""
import torch
import torch.nn.functional as F

from cases import Family

family = Family("convolution_3d", folder="Layers", seed=31)
r = family.randn
# Those that are run in single precision too.
SINGLE = {"plain", "strides", "same", "groups", "depthwise", "permuted", "output_paddings"}
# Those whose second derivatives are those of another case with other numbers.
FIRST_ORDER = {"whole", "stride", "same_even", "valid", "dilation", "one_volume", "plane_only", "without_bias",
               "stride_over_padding", "output_padding", "groups_of_three", "dilation_output_padding"}


def conv(name, x, w, b=None, *, views=None, **attributes):
    function = lambda x, w, b, **a: F.conv3d(x, w, b, **a)
    family.add(f"conv3d/{name}", "conv3d", function, [x, w, b], attributes, views=views, second=name not in FIRST_ORDER,
               single=name in SINGLE)


def transposed(name, x, w, b=None, *, views=None, **attributes):
    function = lambda x, w, b, **a: F.conv_transpose3d(x, w, b, **a)
    family.add(f"conv_transpose3d/{name}", "conv_transpose3d", function, [x, w, b], attributes, views=views, second=name not in FIRST_ORDER,
               single=name in SINGLE)


conv("plain", r(2, 2, 3, 4, 3), r(3, 2, 2, 3, 2), r(3))
conv("without_bias", r(1, 3, 3, 3, 4), r(2, 3, 2, 2, 2))
conv("one_volume", r(2, 4, 3, 4), r(3, 2, 2, 3, 2), r(3))
conv("pointwise", r(2, 3, 2, 3, 2), r(4, 3, 1, 1, 1), r(4))
conv("depth_only", r(1, 2, 5, 2, 3), r(2, 2, 3, 1, 1), r(2), padding=[1, 0, 0])
conv("plane_only", r(1, 2, 3, 4, 4), r(2, 2, 1, 3, 3), r(2), padding=[0, 1, 1])
conv("whole", r(2, 2, 3, 2, 4), r(3, 2, 3, 2, 4), r(3))
conv("one_channel", r(1, 1, 4, 4, 4), r(2, 1, 3, 3, 3), r(2), padding=1)
conv("stride", r(1, 2, 5, 6, 5), r(2, 2, 2, 2, 2), r(2), stride=2)
conv("strides", r(1, 2, 5, 4, 6), r(2, 2, 2, 3, 3), r(2), stride=[2, 1, 3], padding=[1, 0, 2])
conv("stride_over_padding", r(1, 1, 4, 5, 3), r(2, 1, 2, 2, 2), r(2), stride=[3, 3, 2], padding=[2, 2, 2])
conv("same", r(1, 2, 4, 3, 5), r(2, 2, 3, 3, 3), r(2), padding="same")
conv("same_even", r(1, 2, 4, 3, 5), r(2, 2, 2, 4, 2), r(2), padding="same")
conv("same_dilated", r(1, 1, 5, 6, 5), r(2, 1, 2, 3, 2), r(2), padding="same", dilation=[2, 1, 3])
conv("valid", r(1, 2, 3, 3, 4), r(2, 2, 2, 2, 2), r(2), padding="valid")
conv("dilation", r(1, 2, 5, 5, 6), r(2, 2, 2, 2, 3), r(2), dilation=2)
conv("dilations", r(1, 2, 7, 4, 5), r(2, 2, 3, 2, 2), r(2), dilation=[3, 1, 2], padding=[2, 0, 1], stride=[2, 1, 1])
conv("groups", r(1, 4, 3, 3, 3), r(6, 2, 2, 2, 2), r(6), groups=2)
conv("groups_of_three", r(1, 6, 3, 3, 3), r(3, 2, 2, 3, 2), r(3), groups=3, padding=1, stride=2)
conv("depthwise", r(1, 3, 4, 3, 3), r(3, 1, 3, 3, 3), r(3), groups=3, padding=1)
conv("depthwise_dilated", r(1, 2, 6, 5, 5), r(4, 1, 3, 2, 2), r(4), groups=2, padding=[2, 1, 1], dilation=[2, 2, 1],
     stride=[2, 1, 2])
conv("empty_batch", r(0, 2, 3, 3, 3), r(2, 2, 2, 2, 2), r(2))
conv("permuted", r(4, 5, 3, 2, 1), r(2, 3, 2, 2, 2).permute(2, 3, 4, 1, 0).contiguous(), r(2),
     views=[{"permute": [4, 2, 0, 1, 3]}, {"permute": [4, 3, 0, 1, 2]}, None], padding=1)
conv("sliced", r(2, 3, 5, 3, 4), r(2, 4, 2, 2, 2), r(4),
     views=[{"slice": [[0, 2, 1], [1, 3, 1], [0, 5, 2], [0, 3, 1], [1, 4, 1]]},
            {"slice": [[0, 2, 1], [0, 4, 2], [0, 2, 1], [0, 2, 1], [0, 2, 1]]}, {"slice": [[0, 4, 2]]}])

transposed("plain", r(2, 2, 2, 2, 2), r(2, 3, 2, 2, 2), r(3))
transposed("without_bias", r(1, 3, 2, 3, 2), r(3, 2, 2, 2, 2))
transposed("one_volume", r(2, 2, 3, 2), r(2, 3, 2, 2, 3), r(3))
transposed("stride", r(1, 2, 2, 3, 2), r(2, 2, 2, 2, 2), r(2), stride=2)
transposed("stride_above_kernel", r(1, 2, 2, 3, 2), r(2, 2, 1, 2, 1), r(2), stride=[3, 3, 2])
transposed("strides", r(1, 2, 3, 2, 3), r(2, 2, 3, 2, 3), r(2), stride=[2, 1, 3], padding=[1, 0, 1])
transposed("output_padding", r(1, 2, 3, 2, 2), r(2, 2, 3, 3, 3), r(2), stride=2, padding=1, output_padding=1)
transposed("output_paddings", r(1, 2, 3, 2, 2), r(2, 2, 2, 2, 2), r(2), stride=[3, 2, 2], padding=[1, 0, 1],
           output_padding=[2, 0, 1])
transposed("dilation", r(1, 2, 2, 3, 2), r(2, 2, 2, 3, 2), r(2), dilation=[3, 1, 2])
transposed("dilation_output_padding", r(1, 1, 3, 3, 2), r(1, 2, 2, 2, 1), r(2), stride=2, padding=1, output_padding=[1, 1, 1],
           dilation=[2, 3, 2])
transposed("groups", r(1, 4, 2, 2, 2), r(4, 3, 2, 2, 2), r(6), groups=2)
transposed("depthwise", r(1, 3, 3, 3, 2), r(3, 1, 3, 2, 2), r(3), groups=3, stride=[2, 1, 2], padding=[1, 0, 1])
transposed("depthwise_multiplied", r(1, 2, 3, 2, 2), r(2, 2, 2, 2, 3), r(4), groups=2, stride=2)
transposed("permuted", r(3, 2, 4, 2, 1), r(2, 2, 2, 2, 2), r(2),
           views=[{"permute": [4, 3, 0, 1, 2]}, {"permute": [1, 0, 2, 4, 3]}, None], stride=2, padding=1)

family.write()
