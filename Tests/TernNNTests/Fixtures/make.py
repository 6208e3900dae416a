"""Writes layers.safetensors: PyTorch's answers for layers and losses, in Double, always the same.

For every case NAME: NAME/state/KEY before, NAME/x and further inputs NAME/x1 .., NAME/y, its cotangent NAME/g,
the gradients NAME/dx, NAME/dx1 .. and NAME/grad/KEY, and the buffers NAME/after/KEY.
"""
import json
import pathlib
import struct

import numpy as np
import torch
from torch import nn

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
out = {}
R = torch.randn


def put(name, x):
  out[name] = x.detach().clone().contiguous().numpy()


def case(name, m, x, run=None, others=()):
  for p in m.parameters():
    with torch.no_grad():
      p.copy_(R(p.shape) * 0.4)
  for k, v in m.state_dict().items():
    put(f'{name}/state/{k}', v)
  inputs = [t.clone().requires_grad_() if t.is_floating_point() else t for t in (x, *others)]
  y = (run or (lambda m, *x: m(*x)))(m, *inputs)
  g = R(y.shape)
  (y * g).sum().backward()
  put(f'{name}/y', y)
  put(f'{name}/g', g)
  for i, t in enumerate(inputs):
    suffix = str(i) if i else ''
    put(f'{name}/x{suffix}', t)
    if t.is_floating_point() and t.grad is not None:
      put(f'{name}/dx{suffix}', t.grad)
  for k, p in m.named_parameters():
    put(f'{name}/grad/{k}', p.grad)
  for k, b in m.named_buffers():
    put(f'{name}/after/{k}', b)


for nf in (0, 1):
  for act in ('relu', 'gelu'):
    case(
        f'transformer_{"first" if nf else "last"}_{act}',
        nn.TransformerEncoderLayer(6, 2, 10, dropout=0.0, activation=act, batch_first=bool(nf), norm_first=bool(nf)),
        R(3, 5, 6))
case('attention', nn.MultiheadAttention(6, 3), R(4, 2, 6), lambda m, x: m(x, x, x)[0])
case('attention_batch_first', nn.MultiheadAttention(6, 2, bias=False, batch_first=True), R(2, 4, 6),
     lambda m, x: m(x, x, x, need_weights=False)[0])
case('rnn', nn.RNN(3, 4, 2, nonlinearity='relu', bidirectional=True), R(5, 2, 3), lambda m, x: m(x)[0])
case('gru', nn.GRU(3, 4, 2, batch_first=True), R(2, 5, 3), lambda m, x: m(x)[0])
case('lstm', nn.LSTM(3, 4, 2, bidirectional=True), R(5, 2, 3), lambda m, x: m(x)[0])
case('lstm_no_bias', nn.LSTM(3, 4, bias=False), R(5, 3), lambda m, x: m(x)[0])
case('embedding', nn.Embedding(5, 3, padding_idx=2), torch.tensor([[1, 2, 4], [4, 0, 1]]))
case('conv1d', nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2), R(2, 4, 9))
case('conv_transpose1d', nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), R(2, 4, 5))
case('conv_transpose2d', nn.ConvTranspose2d(3, 2, (2, 3), stride=(2, 1), padding=(0, 1), dilation=(1, 2)),
     R(2, 3, 4, 5))
case('group_norm', nn.GroupNorm(2, 6), R(3, 6, 4))
case('instance_norm1d', nn.InstanceNorm1d(3, affine=True), R(2, 3, 5))
case('instance_norm2d', nn.InstanceNorm2d(3, affine=True, track_running_stats=True), R(2, 3, 4, 3))
case('rms_norm', nn.RMSNorm(5), R(3, 5))
case('local_response_norm', nn.LocalResponseNorm(3, alpha=0.3, beta=0.6, k=1.5), R(2, 5, 3))
case('prelu', nn.PReLU(3), R(2, 3, 4))
case('upsample', nn.Upsample(scale_factor=2.0, mode='bilinear', align_corners=True), R(1, 2, 3, 4))
case('pixel_shuffle', nn.PixelShuffle(2), R(1, 8, 2, 3))
case('pixel_unshuffle', nn.PixelUnshuffle(2), R(1, 2, 4, 6))
x = R(2, 3, 8) * 2
for n, m in dict(
    relu6=nn.ReLU6(), hard_tanh=nn.Hardtanh(-0.5, 1.5), hard_sigmoid=nn.Hardsigmoid(), hard_swish=nn.Hardswish(),
    threshold=nn.Threshold(0.3, -2.0), soft_sign=nn.Softsign(), hard_shrink=nn.Hardshrink(0.6),
    soft_shrink=nn.Softshrink(0.4), elu=nn.ELU(0.7), selu=nn.SELU(), celu=nn.CELU(0.5), mish=nn.Mish(),
    soft_plus=nn.Softplus(1.5, 2.0), log_sigmoid=nn.LogSigmoid(), tanh_shrink=nn.Tanhshrink(), glu=nn.GLU(),
    log_softmax=nn.LogSoftmax(1), softmin=nn.Softmin(1), max_pool1d=nn.MaxPool1d(3, stride=2, padding=1),
    avg_pool1d=nn.AvgPool1d(3, padding=1, count_include_pad=False), adaptive_avg_pool1d=nn.AdaptiveAvgPool1d(3),
    adaptive_max_pool1d=nn.AdaptiveMaxPool1d(3)).items():
  case(n, m, x)
case('lp_pool2d', nn.LPPool2d(2, (2, 3)), R(1, 2, 6, 7).abs())
case('adaptive_max_pool2d', nn.AdaptiveMaxPool2d((2, 3)), R(1, 2, 5, 7))

# Norms of volumes, and stacks.
case('batch_norm3d', nn.BatchNorm3d(3), R(2, 3, 2, 3, 4))
case('instance_norm3d', nn.InstanceNorm3d(3, affine=True, track_running_stats=True), R(2, 3, 2, 3, 4))
layer = nn.TransformerEncoderLayer(6, 2, 10, dropout=0.0, batch_first=True)
case('transformer_encoder', nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(6), enable_nested_tensor=False),
     R(3, 5, 6))

# Layers without state.
x = R(2, 3, 6) * 2
images = R(2, 4, 5, 3)
for n, m, at in (
    ('relu', nn.ReLU(), x), ('sigmoid', nn.Sigmoid(), x), ('tanh', nn.Tanh(), x), ('silu', nn.SiLU(), x),
    ('leaky_relu', nn.LeakyReLU(0.2), x), ('gelu', nn.GELU(), x), ('gelu_tanh', nn.GELU(approximate='tanh'), x),
    ('softmax', nn.Softmax(-1), x), ('softmax2d', nn.Softmax2d(), images), ('rrelu', nn.RReLU(0.2, 0.4).eval(), x),
    ('rrelu_constant', nn.RReLU(0.3, 0.3), x), ('identity', nn.Identity(), x), ('flatten', nn.Flatten(), images),
    ('unflatten', nn.Unflatten(2, (2, -1)), x), ('channel_shuffle', nn.ChannelShuffle(2), images),
    ('lp_pool1d', nn.LPPool1d(3, 2, stride=1), x.abs()), ('unfold', nn.Unfold((2, 3), padding=1, stride=(2, 1)), images),
    ('fold', nn.Fold((4, 5), (2, 2), stride=2, padding=(0, 1)), R(2, 12, 6)),
    ('zero_pad1d', nn.ZeroPad1d((1, 2)), x), ('zero_pad2d', nn.ZeroPad2d((1, 0, -1, 2)), images),
    ('constant_pad1d', nn.ConstantPad1d((0, 2), 1.5), x), ('constant_pad2d', nn.ConstantPad2d(2, -0.5), images),
    ('reflection_pad1d', nn.ReflectionPad1d((3, 1)), x), ('reflection_pad2d', nn.ReflectionPad2d((1, 2, 3, 0)), images),
    ('replication_pad1d', nn.ReplicationPad1d(2), x), ('replication_pad2d', nn.ReplicationPad2d((4, 1, 0, 2)), images),
    ('circular_pad1d', nn.CircularPad1d((2, 1)), x), ('circular_pad2d', nn.CircularPad2d((1, 2, 0, 3)), images),
    ('max_pool2d', nn.MaxPool2d(2, stride=1, padding=1), images),
    ('avg_pool2d', nn.AvgPool2d((3, 2), stride=(2, 1), ceil_mode=True), images),
    ('adaptive_avg_pool2d', nn.AdaptiveAvgPool2d((2, 3)), images),
):
  case(n, m, at)

# Modules of several inputs.
case('attention_features', nn.MultiheadAttention(6, 2, kdim=5, vdim=3), R(4, 2, 6), lambda m, q, k, v: m(q, k, v)[0],
     (R(3, 2, 5), R(3, 2, 3)))
case('attention_keys', nn.MultiheadAttention(6, 3, bias=False, kdim=4), R(4, 6), lambda m, q, k, v: m(q, k, v)[0],
     (R(5, 4), R(5, 6)))
for nf in (0, 1):
  case(
      f'transformer_decoder_{"first" if nf else "last"}',
      nn.TransformerDecoder(
          nn.TransformerDecoderLayer(6, 2, 10, dropout=0.0, activation='gelu', norm_first=bool(nf)), 2,
          norm=nn.LayerNorm(6) if nf else None), R(3, 2, 6),
      lambda m, t, s: m(t, s, tgt_mask=nn.Transformer.generate_square_subsequent_mask(3)), (R(5, 2, 6),))
case('transformer', nn.Transformer(4, 2, 1, 2, 8, dropout=0.0, batch_first=True), R(2, 3, 4), None, (R(2, 5, 4),))
case('bilinear', nn.Bilinear(3, 4, 2), R(5, 2, 3), None, (R(5, 2, 4),))
case('cosine_similarity', nn.CosineSimilarity(dim=-1), R(3, 4), None, (R(2, 3, 4),))
case('pairwise_distance', nn.PairwiseDistance(3, keepdim=True), R(3, 4), None, (R(3, 4),))
case('rnn_cell', nn.RNNCell(3, 4, nonlinearity='relu'), R(2, 3), None, (R(2, 4),))
case('gru_cell', nn.GRUCell(3, 4, bias=False), R(2, 3), None, (R(2, 4),))
case('lstm_cell', nn.LSTMCell(3, 4), R(2, 3), lambda m, x, h, c: torch.cat(m(x, (h, c))), (R(2, 4), R(2, 4)))

# Losses: x is the prediction, x1 and x2 what else is differentiated, or constants.
x, y = R(4, 3), R(4, 3)
labels = torch.tensor([2, 0, 1, 2])
weight = torch.tensor([0.5, 2.0, 1.0])
signs = torch.tensor([1.0, -1.0, -1.0, 1.0])
p, q = torch.rand(4, 3) * 0.8 + 0.1, torch.rand(4, 3) * 0.8 + 0.1


def fixed(t):
  """Targets are constants."""
  return lambda m, x, *others: m(x, t, *others)


def loss(name, m, x, target, others=()):
  put(f'{name}/target', target)
  case(name, m, x, fixed(target), others)


loss('l1_loss', nn.L1Loss(), x, y)
loss('mse_loss', nn.MSELoss(reduction='sum'), x, y)
loss('huber_loss', nn.HuberLoss(reduction='none', delta=0.4), x, y)
loss('smooth_l1_loss', nn.SmoothL1Loss(beta=0.4), x, y)
loss('cross_entropy_loss', nn.CrossEntropyLoss(weight=weight, label_smoothing=0.1), x, labels)
loss('cross_entropy_loss_probabilities', nn.CrossEntropyLoss(), x, y.softmax(1))
loss('nll_loss', nn.NLLLoss(weight=weight, ignore_index=0), x, labels)
loss('bce_loss', nn.BCELoss(weight=weight), p, q)
loss('bce_with_logits_loss', nn.BCEWithLogitsLoss(weight=weight, pos_weight=weight.flip(0)), x, q)
loss('kl_div_loss', nn.KLDivLoss(reduction='sum', log_target=True), x, y)
loss('poisson_nll_loss', nn.PoissonNLLLoss(full=True), x, q * 5)
loss('gaussian_nll_loss', nn.GaussianNLLLoss(full=True), x, y, (p,))
loss('hinge_embedding_loss', nn.HingeEmbeddingLoss(margin=0.8), p[:, 0], signs)
loss('soft_margin_loss', nn.SoftMarginLoss(), x[:, 0], signs)
loss('multi_margin_loss', nn.MultiMarginLoss(p=2, margin=0.7, weight=weight), x, labels)
loss('multi_label_margin_loss', nn.MultiLabelMarginLoss(reduction='none'), x,
     torch.tensor([[1, -1, 2], [0, 2, -1], [-1, 0, 0], [2, 1, 0]]))
loss('multi_label_soft_margin_loss', nn.MultiLabelSoftMarginLoss(weight=weight, reduction='sum'), x, q)
put('ctc_loss/target', torch.tensor([[1, 2, 2], [3, 1, 0]]))
case('ctc_loss', nn.CTCLoss(zero_infinity=True), R(6, 2, 4),
     lambda m, x: m(x.log_softmax(2), torch.tensor([[1, 2, 2], [3, 1, 0]]), torch.tensor([6, 4]), torch.tensor([3, 2])))
put('cosine_embedding_loss/target', signs)
case('cosine_embedding_loss', nn.CosineEmbeddingLoss(margin=0.2), x, lambda m, x, y: m(x, y, signs), (y,))
put('margin_ranking_loss/target', signs)
case('margin_ranking_loss', nn.MarginRankingLoss(margin=0.3), x[:, 0], lambda m, x, y: m(x, y, signs), (y[:, 0],))
case('triplet_margin_loss', nn.TripletMarginLoss(margin=2.0, p=3, swap=True), x, None, (y, R(4, 3)))
case('triplet_margin_with_distance_loss',
     nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(-1), margin=3.0), x, None,
     (y, R(4, 3)))

names = {np.dtype('float64'): 'F64', np.dtype('int64'): 'I64'}
header, data = {}, b''
for k in sorted(out):
  a = np.ascontiguousarray(out[k])
  header[k] = {'dtype': names[a.dtype], 'shape': list(out[k].shape), 'data_offsets': [len(data), len(data) + a.nbytes]}
  data += a.tobytes()
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)
path = pathlib.Path(__file__).with_name('layers.safetensors')
path.write_bytes(struct.pack('<Q', len(text)) + text + data)
