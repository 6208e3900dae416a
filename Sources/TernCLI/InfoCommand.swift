import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern info`: what the library runs on.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Tells versions, OpenBLAS's core, the CPU's level, threads and memory.")

  @Option(
    help: ArgumentHelp(
      """
      Tells instead which algorithm each pass of a convolution runs in Float, and why: input and weight in their \
      shapes, then stride, padding, dilation and groups where they are not 1, 0, 1 and 1, for example \
      8x64x56x56:128x64x3x3:stride=2,padding=1.
      """, valueName: "shape"))
  var convolution: ConvolutionShape?

  func run() {
    if let convolution {
      for line in convolution.lines { printRow(line.name, line.explanation, width: 17) }
      return
    }
    let info = SystemInfo.current
    let level =
      info.level == info.supportedLevel
      ? info.level.rawValue : "\(info.level.rawValue) (the processor has \(info.supportedLevel.rawValue))"
    let rows = [
      ("Tern", ternVersion),
      ("Swift", swiftVersion),
      ("processor", info.processor),
      ("kernels", level),
      ("OpenBLAS core", info.openBLASCore),
      ("OpenBLAS", info.openBLASConfiguration),
      ("bfloat16", info.bfloat16),
      ("threads", "\(info.threads) of \(info.processors) processors"),
      (
        "pool",
        "\(info.pool.bytesInUse >> 20) MB in use, \(info.pool.bytesCached >> 20) MB kept, at most \(info.poolLimit >> 20) MB"
      ),
    ]
    for (name, value) in rows { printRow(name, value) }
    if let warning = info.warning { print("warning: \(warning)") }
  }

  private func printRow(_ name: String, _ value: String, width: Int = 15) {
    print(name.padding(toLength: width, withPad: " ", startingAt: 0) + value)
  }

  private var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
