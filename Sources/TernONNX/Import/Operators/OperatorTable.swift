extension NodeCall {
  /// The operators that Tern has, by their names.
  static let operators: [String: GraphOperator] = {
    var table: [String: GraphOperator] = [:]
    for family in [
      elementwise, activations, arithmetic, comparisons, products, convolutions, pooling, normalizations, shaping,
      joining, indexing, scattering, reductions, ordering, making, resizing, recurrent, controlFlow, quantization,
      detection, losses, attention, fourier, regions, folding, sequences,
    ] {
      table.merge(family) { first, _ in first }
    }
    return table
  }()
}
