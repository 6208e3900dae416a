import ArgumentParser
import Foundation
import Tern
import TernBackend

/// `tern info`: what the library runs on.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Tells versions, OpenBLAS's core, the CPU's level, threads and memory.")

  func run() {
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
      ("threads", "\(info.threads) of \(info.processors) processors"),
      (
        "pool",
        "\(info.pool.bytesInUse >> 20) MB in use, \(info.pool.bytesCached >> 20) MB kept, at most \(info.poolLimit >> 20) MB"
      ),
    ]
    for (name, value) in rows {
      print(name.padding(toLength: 15, withPad: " ", startingAt: 0) + value)
    }
    if let warning = info.warning { print("warning: \(warning)") }
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
