import Tern
import TernConformance

/// The layers as rows of the vocabulary: what goes in, as in ``VocabularyRow``, and how the layer is made from the extents of a
/// size. They run as they train; backward gives the gradients of input and parameters.
enum VocabularyLayers {
  private typealias Row<Scalar: FloatingScalar> = (name: String, input: String, make: () -> any Layer<Scalar>)

  static func workloads<Scalar: FloatingScalar>(
    _: Scalar.Type, _ extents: [String: Int], layout: VocabularyLayout, backward: Bool, suffix: String
  ) -> [Workload] {
    rows(Scalar.self, extents).map { row in
      Workload(throwing: "vocabulary/layer_\(row.name)/\(suffix)") {
        let input = try VocabularyRow.input(row.input, extents, layout, Scalar.self).typed(Scalar.self)
        guard let input else { throw ConformanceError("\(row.name) takes no \(row.input)") }
        return call(row.make(), input, backward)
      }
    }
  }

  private static func call<L: Layer>(_ layer: L, _ input: Tensor<L.Scalar>, _ backward: Bool) -> (() -> Void)? {
    if !backward { return { withoutGradients { _ = layer(input) } } }
    let variable = input.asVariable()
    let parameters = layer.typedParameters
    let cotangent = Tensor<L.Scalar>(randomNormal: withoutGradients { layer(input) }.shape)
    return {
      _ = gradients(of: layer(variable), at: [variable] + parameters.map(\.value), gradient: cotangent)
    }
  }

  private static func rows<Scalar: FloatingScalar>(_: Scalar.Type, _ extents: [String: Int]) -> [Row<Scalar>] {
    let (c, ch) = (extents["c"] ?? 1, extents["ch"] ?? 1)
    let (rows, images, lines) = ("normal r c", "normal b ch y x", "normal b ch n1")
    return [
      ("dense", rows, { Dense<Scalar>(c, c) }),
      ("conv_1d", lines, { Conv1D<Scalar>(ch, ch, kernelSize: 3, padding: 1) }),
      ("conv_2d", images, { Conv2D<Scalar>(ch, ch, kernelSize: 3, padding: 1) }),
      ("conv_2d_stride_2", images, { Conv2D<Scalar>(ch, 2 * ch, kernelSize: 3, stride: 2, padding: 1) }),
      ("conv_2d_1x1", images, { Conv2D<Scalar>(ch, ch, kernelSize: 1) }),
      ("conv_2d_depthwise", images, { Conv2D<Scalar>(ch, ch, kernelSize: 3, padding: 1, groups: ch) }),
      ("conv_2d_groups", images, { Conv2D<Scalar>(ch, ch, kernelSize: 3, padding: 1, groups: 4) }),
      ("conv_transpose_2d", images, { ConvTranspose2D<Scalar>(ch, ch, kernelSize: 2, stride: 2) }),
      ("batch_norm_2d", images, { BatchNorm2d<Scalar>(ch) }), ("batch_norm_1d", rows, { BatchNorm1d<Scalar>(c) }),
      ("group_norm", images, { GroupNorm<Scalar>(groups: 4, ch) }),
      ("instance_norm", images, { InstanceNorm2d<Scalar>(ch) }), ("layer_norm", rows, { LayerNorm<Scalar>(c) }),
      ("rms_norm", rows, { RMSNorm<Scalar>(c) }), ("local_response_norm", images, { LocalResponseNorm<Scalar>(5) }),
      ("max_pool_2d", images, { MaxPool2D<Scalar>(2) }), ("avg_pool_2d", images, { AvgPool2D<Scalar>(2) }),
      ("adaptive_avg_pool_2d", images, { AdaptiveAvgPool2D<Scalar>(1) }),
      ("upsample", images, { Upsample<Scalar>(scale: 2) }), ("pixel_shuffle", images, { PixelShuffle<Scalar>(2) }),
      ("zero_pad_2d", images, { ZeroPad2D<Scalar>(1) }), ("flatten", images, { Flatten<Scalar>() }),
      ("dropout", rows, { Dropout<Scalar>(0.5) }), ("dropout_2d", images, { Dropout2D<Scalar>(0.5) }),
      ("relu", rows, { ReLU<Scalar>() }), ("gelu", rows, { GELU<Scalar>() }), ("silu", rows, { SiLU<Scalar>() }),
      ("prelu", images, { PReLU<Scalar>(channels: ch) }), ("softmax", rows, { Softmax<Scalar>() }),
      ("rnn", "normal t bt 32", { RNN<Scalar>(32, 64) }), ("gru", "normal t bt 32", { GRU<Scalar>(32, 64) }),
      ("lstm", "normal t bt 32", { LSTM<Scalar>(32, 64) }),
      ("lstm_bidirectional", "normal t bt 32", { LSTM<Scalar>(32, 64, layers: 2, bidirectional: true) }),
      ("multi_head_attention", "normal bt t 64", { MultiHeadAttention<Scalar>(64, heads: 4, batchFirst: true) }),
      (
        "transformer_encoder", "normal bt t 64",
        { TransformerEncoderLayer<Scalar>(64, heads: 4, innerFeatures: 256, dropout: 0, batchFirst: true) }
      ),
      (
        "perceptron", rows, { Sequential<Scalar>([Dense(c, c), ReLU(), Dense(c, c), ReLU(), Dense(c, 10)]) }
      ),
      (
        "residual_block", images,
        {
          Sequential<Scalar>([
            Conv2D(ch, ch, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(ch), ReLU(),
            Conv2D(ch, ch, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(ch), ReLU(), AdaptiveAvgPool2D(1),
            Flatten(), Dense(ch, 10),
          ])
        }
      ),
    ]
  }
}
