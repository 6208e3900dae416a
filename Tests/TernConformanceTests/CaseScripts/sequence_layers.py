"""Cases of the family sequence_layers: recurrent networks over sequences of several lengths and with projections, and
attention with keys that are appended."""
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from cases import Family

family = Family("sequence_layers", folder="Layers", seed=32)


def ints(*values):
    return torch.tensor(values, dtype=torch.int64)


def recurrent(kind):
    def run(x, lengths, *rest, bidirectional=False, batch_first=False, has_biases=True, projection=False):
        states, weights = (rest[:2], rest[2:]) if kind == "lstm" else (rest[:1], rest[1:])
        layers = states[0].shape[0] // (2 if bidirectional else 1)
        flags = (has_biases, layers, 0.0, False, bidirectional)
        function = {"lstm": torch.lstm, "gru": torch.gru, "rnn_tanh": torch.rnn_tanh, "rnn_relu": torch.rnn_relu}[kind]
        if lengths is None:
            return function(x, states if kind == "lstm" else states[0], weights, *flags, batch_first)
        packed = pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=False)
        states = [s.index_select(1, packed.sorted_indices) for s in states]
        y, *ends = function(packed.data, packed.batch_sizes, states if kind == "lstm" else states[0], weights, *flags)
        padded, _ = pad_packed_sequence(
            torch.nn.utils.rnn.PackedSequence(y, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices),
            batch_first=batch_first, total_length=x.shape[1 if batch_first else 0])
        return (padded, *[e.index_select(1, packed.unsorted_indices) for e in ends])
    return run


def case(kind, name, times, lengths, *, layers=1, directions=1, batch_first=False, biases=True, projection=None,
         inputs=3, features=2, views=None):
    gates = {"lstm": 4, "gru": 3}.get(kind, 1)
    count = len(lengths) if lengths is not None else 2
    x = family.randn(*((count, times, inputs) if batch_first else (times, count, inputs)))
    hidden = projection or features
    states = [family.randn(layers * directions, count, hidden)]
    if kind == "lstm":
        states.append(family.randn(layers * directions, count, features))
    weights = []
    for layer in range(layers):
        for _ in range(directions):
            width = inputs if layer == 0 else directions * hidden
            weights += [family.randn(gates * features, width) * 0.5, family.randn(gates * features, hidden) * 0.5]
            if biases:
                weights += [family.randn(gates * features) * 0.5, family.randn(gates * features) * 0.5]
            if projection:
                weights.append(family.randn(projection, features) * 0.5)
    family.add(f"{kind}/{name}", kind, recurrent(kind),
               [x, None if lengths is None else ints(*lengths), *states, *weights],
               {"bidirectional": directions == 2, "batch_first": batch_first, "has_biases": biases,
                "projection": projection is not None}, single=layers == 1 and kind in ("lstm", "gru"))


for kind in ["lstm", "gru", "rnn_tanh", "rnn_relu"]:
    case(kind, "lengths", 4, [2, 4, 1])
    case(kind, "lengths in both directions", 3, [1, 3, 2], directions=2)
    case(kind, "lengths batch first", 4, [4, 2, 2], batch_first=True)
    case(kind, "lengths of two layers", 3, [3, 1], layers=2, directions=2, biases=False)
    case(kind, "lengths below the padding", 5, [1, 3, 3])
    case(kind, "one sequence", 3, [2], directions=2)
    if kind != "rnn_relu":
        case(kind, "equal lengths", 2, [2, 2])
case("lstm", "projection", 3, None, projection=1, features=3)
case("lstm", "projection in both directions", 2, None, projection=2, features=3, directions=2)
case("lstm", "projection of two layers", 2, None, projection=2, features=3, layers=2, directions=2, batch_first=True)
case("lstm", "projection without biases", 2, None, projection=2, features=3, biases=False)
case("lstm", "projection and lengths", 3, [1, 3, 2], projection=2, features=3, directions=2)


def attention(query, key, value, projection, bias, weight, output_bias, bias_k, bias_v, key_mask, mask, *, num_heads,
              add_zero_attn=False, average_attn_weights=True, need_weights=True):
    with sdpa_kernel(SDPBackend.MATH):  # which has derivatives of both orders
        output, weights = F.multi_head_attention_forward(
            query, key, value, query.shape[-1], num_heads, projection, bias, bias_k, bias_v, add_zero_attn, 0.0,
            weight, output_bias, training=False, key_padding_mask=key_mask, need_weights=need_weights, attn_mask=mask,
            average_attn_weights=average_attn_weights)
    return (output, weights) if need_weights else output


def heads(name, *, length=3, sources=4, batch=2, features=4, bias=False, mask=None, key_mask=None, same=False, **more):
    shape = lambda n: (n, features) if batch is None else (n, batch, features)
    query = family.randn(*shape(length))
    key, value = family.randn(*shape(sources)), family.randn(*shape(sources))
    rest = [family.randn(3 * features, features) * 0.5, family.randn(3 * features), family.randn(features, features),
            family.randn(features), family.randn(1, 1, features) if bias else None,
            family.randn(1, 1, features) if bias else None, key_mask, mask]
    family.add(f"attention/{name}", "multi_head_attention_forward", attention, [query, key, value, *rest],
               {"num_heads": 2, **more}, single="zeros" in name)


causal = torch.triu(torch.ones(3, 4, dtype=torch.bool), 1)
padding = torch.tensor([[False, False, True, True], [False, False, False, True]])
for weights in [True, False]:
    word = "with weights" if weights else "without weights"
    heads(f"bias {word}", bias=True, need_weights=weights)
    heads(f"zeros {word}", add_zero_attn=True, need_weights=weights)
    heads(f"bias and zeros {word}", bias=True, add_zero_attn=True, need_weights=weights)
    heads(f"bias and a mask {word}", bias=True, mask=causal, need_weights=weights)
    heads(f"bias, zeros and padding {word}", bias=True, add_zero_attn=True, key_mask=padding, need_weights=weights)
    heads(f"bias, mask and padding {word}", bias=True, mask=causal, key_mask=padding, need_weights=weights)
    heads(f"bias and a bias of scores {word}", bias=True, mask=family.randn(3, 4), need_weights=weights)
    heads(f"zeros and biases of each head {word}", add_zero_attn=True, mask=family.randn(4, 3, 4), need_weights=weights)
    heads(f"all keys hidden but zeros {word}", add_zero_attn=True, key_mask=torch.ones(2, 4, dtype=torch.bool),
          need_weights=weights)
    heads(f"without a batch {word}", batch=None, bias=True, add_zero_attn=True, need_weights=weights)
heads("weights of each head", bias=True, add_zero_attn=True, average_attn_weights=False)


def padded(*sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    return pad_sequence(list(sequences), batch_first, padding_value, padding_side)


for name, shapes, more in [("rows", [(2, 3), (4, 3), (1, 3)], {}), ("batch first", [(2, 3), (4, 3)], {"batch_first": True}),
                           ("left", [(2,), (3,), (1,)], {"padding_side": "left", "padding_value": -1.5}),
                           ("left, batch first", [(1, 2), (3, 2)], {"padding_side": "left", "batch_first": True}),
                           ("an empty sequence", [(0, 2), (3, 2)], {"padding_value": 2.0})]:
    family.add(f"padding/{name}", "pad_sequence", padded, [family.randn(*s) for s in shapes], more)
family.write()
