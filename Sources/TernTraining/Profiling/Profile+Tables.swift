import TernCharts

extension Profile {
  /// A layer's line in the tables.
  struct LayerLine {
    let layer: Layer
    let forward: Double, backward: Double, other: Double
    var seconds: Double { forward + backward + other }
  }

  /// The layers with their times, the longest first; what is in none is left out.
  var layerLines: [LayerLine] {
    var times: [String: [Phase: Double]] = [:]
    for row in rows { times[row.layer, default: [:]][row.phase, default: 0] += row.seconds }
    return layers.map { layer in
      let time = times[layer.path] ?? [:]
      let (forward, backward) = (time[.forward] ?? 0, time[.backward] ?? 0)
      // What is outside of all layers has the path of the model itself.
      let all = layer.path.isEmpty ? forward + backward : time.values.reduce(0, +)
      return LayerLine(layer: layer, forward: forward, backward: backward, other: all - forward - backward)
    }.sorted { ($0.seconds, $1.layer.path) > ($1.seconds, $0.layer.path) }
  }

  /// The operations with their times in all layers, the longest first.
  var operationLines: [(operation: String, phase: Phase, count: Int, seconds: Double)] {
    var sums: [String: [Phase: (Int, Double)]] = [:]
    for row in rows {
      let old = sums[row.operation]?[row.phase] ?? (0, 0)
      sums[row.operation, default: [:]][row.phase] = (old.0 + row.count, old.1 + row.seconds)
    }
    return sums.flatMap { name, phases in
      phases.map { (name.isEmpty ? "(between operations)" : name, $0.key, $0.value.0, $0.value.1) }
    }.sorted { ($0.3, $1.0) > ($1.3, $0.0) }
  }

  /// The kinds of memory at the peak, in bytes.
  var memoryLines: [(kind: String, bytes: Int)] {
    [
      ("parameters", memory.parameterBytes), ("gradients", memory.gradientBytes), ("optimizer", memory.optimizerBytes),
      ("activations", memory.activationBytes), ("workspace", memory.workspaceBytes), ("other", memory.otherBytes),
    ]
  }

  private var perCall: Double { 1e3 / Double(max(steps, 1)) }

  /// By layer: milliseconds a step, or of all where there are no steps.
  var layerTable: ReportTable {
    ReportTable(
      "layers", caption: "Time by layer, without the layers below it.",
      columns: [
        "layer", "kind", "calls", "forward ms", "backward ms", "share %", "effective GFLOP/s", "of the peak %",
        "kept MB",
      ],
      rows: layerLines.map { line in
        let rate = line.seconds > 0 ? Double(line.layer.flops) / line.seconds : 0
        return [
          .text(line.layer.path.isEmpty ? "(model)" : line.layer.path), .text(line.layer.kind),
          .integer(line.layer.calls), .number(line.forward * perCall), .number(line.backward * perCall),
          .number(seconds > 0 ? line.seconds / seconds * 100 : 0, digits: 3), .number(rate * 1e-9, digits: 3),
          .number(peakFLOPS > 0 ? rate / peakFLOPS * 100 : 0, digits: 3),
          .number(Double(line.layer.keptBytes) / 0x1p20, digits: 3),
        ]
      })
  }

  /// By operation and phase: milliseconds a step, or of all where there are no steps.
  var operationTable: ReportTable {
    ReportTable(
      "operations", caption: "Time by operation, in all layers.",
      columns: ["operation", "phase", "count", "ms", "share %"],
      rows: operationLines.map { line in
        [
          .text(line.operation), .text(line.phase.rawValue), .integer(line.count), .number(line.seconds * perCall),
          .number(seconds > 0 ? line.seconds / seconds * 100 : 0, digits: 3),
        ]
      })
  }

  /// By kind, when most was in use.
  var memoryTable: ReportTable {
    ReportTable(
      "memory", caption: "Memory when most was in use, \(place).", columns: ["kind", "MB"],
      rows: (memoryLines + [("together", memory.peakBytes)]).map {
        [.text($0.kind), .number(Double($0.bytes) / 0x1p20, digits: 4)]
      })
  }

  /// Where most was in use.
  private var place: String {
    let layer = memory.layer.isEmpty ? "outside of its layers" : "in \(memory.layer)"
    return "\(memory.phase.rawValue) \(layer)" + (memory.operation.isEmpty ? "" : ", \(memory.operation)")
  }

  /// The time, what it went to, and how much of the machine was used, in sentences.
  var summary: [String] {
    let share = Phase.allCases.map { phase in
      "\(phase.rawValue) \(Formatting.fixed(seconds > 0 ? seconds(phase) / seconds * 100 : 0, 1)) %"
    }
    let step = steps > 0 ? "\(steps) step\(steps == 1 ? "" : "s") of \(milliseconds(seconds / Double(steps)))" : ""
    var lines = [
      "\(steps > 0 ? "\(step), " : "")\(milliseconds(seconds)) on \(threads) thread\(threads == 1 ? "" : "s")",
      share.joined(separator: ", "),
    ]
    if flops > 0, seconds > 0 {
      lines.append(
        "\(Formatting.fixed(Double(flops) / seconds * 1e-9, 1)) effective GFLOP/s, \(Formatting.fixed(shareOfPeak * 100, 1)) % of the "
          + "\(Formatting.fixed(peakFLOPS * 1e-9, 1)) GFLOP/s of a matrix product")
    }
    lines.append("at most \(Formatting.fixed(Double(memory.peakBytes) / 0x1p20, 1)) MB in use, \(place)")
    return lines
  }

  private func milliseconds(_ seconds: Double) -> String {
    "\(Formatting.fixed(seconds * 1e3, seconds < 0.1 ? 3 : 1)) ms"
  }
}

extension Profile: CustomStringConvertible {
  /// Tables of at most 30 lines each.
  public var description: String {
    var parts = [summary.joined(separator: "\n")]
    for table in [layerTable, operationTable, memoryTable] where !table.rows.isEmpty {
      parts.append(table.text(most: 30))
    }
    return parts.joined(separator: "\n\n")
  }
}

extension ReportTable {
  /// The table as lines of columns; of many rows the first.
  func text(most: Int) -> String {
    let shown = [columns] + rows.prefix(most).map { $0.map(\.shown) }
    let widths = columns.indices.map { column in shown.map { $0[column].count }.max() ?? 0 }
    let isText = columns.indices.map { column in rows.allSatisfy { if case .text = $0[column] { true } else { false } }
    }
    var lines = shown.map { line in
      let cells = line.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - line[column].count)
        return isText[column] ? line[column] + gap : gap + line[column]
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
    if rows.count > most { lines.append("and \(rows.count - most) more") }
    return lines.joined(separator: "\n")
  }
}
