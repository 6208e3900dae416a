import Foundation

/// Where this command was built: the folder of the build, and the checkout around it.
struct Checkout {
  /// The folder with the command, the modules and their objects.
  let build: String
  /// The folder with Package.swift.
  let root: String

  /// The checkout that built this command; `nil` where it was installed elsewhere.
  static let current: Checkout? = {
    guard let command = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let build = (command as NSString).deletingLastPathComponent
    var root = build
    while root != "/" && !root.isEmpty {
      root = (root as NSString).deletingLastPathComponent
      if FileManager.default.fileExists(atPath: root + "/Sources/Tern/Tern.swift") {
        return Checkout(build: build, root: root)
      }
    }
    return nil
  }()
}
