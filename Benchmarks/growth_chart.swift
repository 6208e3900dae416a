// Draws how the time of training steps grows, from what `scripts/bench --growth` wrote:
//   tern run Benchmarks/growth_chart.swift runs/growth.json FOLDER
// writes one chart for each network into FOLDER, growth-NAME.svg, with Tern's times and PyTorch's.
import Foundation
import Tern

struct Row: Decodable {
  let name: String
  let a_us: Double
  let b_us: Double
}

let arguments = CommandLine.arguments
let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: URL(fileURLWithPath: arguments[1])))
let titles = [
  "mlp_batch": ("MLP 256-512-512-10", "batch"), "mlp_depth": ("MLP of layers 256-256, batch 64", "layers"),
  "mlp_width": ("MLP of three layers, batch 64", "width"), "cnn_batch": ("CNN for Fashion-MNIST", "batch"),
  "transformer_length": ("Transformer block of 128 features, batch 4", "length"),
  "lstm_length": ("LSTM 64-128, batch 16", "length"),
]
for (name, (title, axis)) in titles {
  let found = rows.filter { $0.name.hasPrefix("growth/\(name)/") }
  func line(_ label: String, _ time: (Row) -> Double) -> LineSeries {
    LineSeries(
      label, points: found.map { ChartPoint(Double($0.name.split(separator: "/")[2])!, time($0) / 1000) }, hasDots: true)
  }
  let chart = Chart(
    title, x: ChartAxis(axis, scale: .logarithmic), y: ChartAxis("ms a step", scale: .logarithmic),
    .line(line("Tern", \.a_us)), .line(line("PyTorch", \.b_us)))
  try chart.svg.write(toFile: "\(arguments[2])/growth-\(name.replacing("_", with: "-")).svg", atomically: true, encoding: .utf8)
}
