import TernCharts

extension MemoryPlan {
  /// By layer, in MB.
  var layerTable: ReportTable {
    func megabytes(_ bytes: Int) -> ReportTable.Cell { .number(Double(bytes) / 0x1p20, digits: 4) }
    let shown = layers.filter { $0.keptBytes != 0 || $0.forwardPeakBytes > 0 || $0.backwardPeakBytes > 0 }
    return ReportTable(
      "layers",
      caption: "Memory by layer: what it keeps for backward, and the most in use while it runs, all else included.",
      columns: ["layer", "kind", "kept MB", "forward MB", "backward MB"],
      rows: shown.map {
        [
          .text($0.path.isEmpty ? "(model)" : $0.path), .text($0.kind), megabytes($0.keptBytes),
          megabytes($0.forwardPeakBytes), megabytes($0.backwardPeakBytes),
        ]
      })
  }

  /// By kind, at the peak, in MB.
  var kindTable: ReportTable {
    let kinds = [
      ("parameters", parameterBytes), ("gradients", gradientBytes), ("optimizer", optimizerBytes), ("data", dataBytes),
      ("activations", activationBytes), ("workspace", workspaceBytes), ("together", peakBytes),
    ]
    return ReportTable(
      "kinds", caption: "Memory at the peak.", columns: ["kind", "MB"],
      rows: kinds.map { [.text($0.0), .number(Double($0.1) / 0x1p20, digits: 4)] })
  }

  /// The peak, what there is, the largest batch and what checkpointing would save, in sentences.
  public var summary: [String] {
    let place = layer.isEmpty ? "outside of its layers" : "in \(layer)"
    var lines = [
      "batches of \(batchSize): at most \(Self.megabytes(peakBytes)) of tensors, \(phase.rawValue) \(place), \(operation)",
      "\(fits ? "fits" : "does not fit"): \(Self.megabytes(neededBytes)) of the \(Self.megabytes(limit.tensorBytes)) that "
        + "\(limit) leave for tensors",
    ]
    lines.append(
      "the process grows by \(Self.megabytes(poolBytes)) with what is kept for the next step, where there is room")
    switch largestBatchSize {
    case 0: lines.append("no batch fits")
    case Self.mostSamples...: lines.append("every batch fits")
    default: lines.append("largest batch that fits: \(largestBatchSize)")
    }
    if let checkpointing {
      let saved = Double(peakBytes - checkpointing.peakBytes) / Double(max(peakBytes, 1)) * 100
      lines.append(
        "checkpointing in \(checkpointing.segments) segments: \(Self.megabytes(checkpointing.peakBytes)), "
          + "\(Formatting.fixed(saved, 0)) % less; largest batch \(checkpointing.largestBatchSize)")
    }
    return lines
  }

  private static func megabytes(_ bytes: Int) -> String { "\(Formatting.fixed(Double(bytes) / 0x1p20, 1)) MB" }
}

extension MemoryPlan: CustomStringConvertible {
  /// The summary, and tables of at most 60 lines each.
  public var description: String {
    [layerTable.text(most: 60), kindTable.text(most: 60), summary.joined(separator: "\n")].joined(separator: "\n\n")
  }
}
