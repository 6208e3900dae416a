import Tern

extension Workload {
  /// Recurrent networks at growing sizes, in training and inference. Names tell hidden features, steps and sequences:
  /// `recurrent/lstm_h128_t64_b16/step`.
  static var recurrent: [Workload] {
    networks.flatMap { name, make in
      sizes.flatMap { hidden, steps, batch in
        let row = "recurrent/\(name)_h\(hidden)_t\(steps)_b\(batch)"
        let (model, x) = (make(hidden), { random(batch, steps, hidden) })
        return [
          Workload("\(row)/step") {
            let (layer, input) = (model(), x())
            let target = withoutGradients { Tensor<Float>(randomNormal: layer(input).shape) }
            return step(layer, input, SGD(layer, learningRate: 0.01, momentum: 0.9)) { meanSquaredError($0, target) }
          },
          Workload("\(row)/inference") {
            let (layer, input) = (model(), x())
            layer.eval()
            return unrecorded { _ = layer(input) }
          },
        ]
      }
    }
  }

  private static let sizes = [32, 128, 512].flatMap { hidden in
    [16, 64, 256].flatMap { steps in [1, 16, 64].map { (hidden, steps, $0) } }
  }

  private typealias Make = (_ hidden: Int) -> () -> any Layer<Float>

  private static var networks: [(name: String, make: Make)] {
    [
      ("rnn", { hidden in { RNN(hidden, hidden, batchFirst: true) } }),
      ("gru", { hidden in { GRU(hidden, hidden, batchFirst: true) } }),
      ("lstm", { hidden in { LSTM(hidden, hidden, batchFirst: true) } }),
      ("lstm_bidirectional", { hidden in { LSTM(hidden, hidden, batchFirst: true, bidirectional: true) } }),
      ("gru_2_layers", { hidden in { GRU(hidden, hidden, layers: 2, batchFirst: true) } }),
    ]
  }
}
