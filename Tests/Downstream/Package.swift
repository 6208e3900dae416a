// swift-tools-version: 6.2
import PackageDescription

// Programs as their authors would write them: Tern by git URL and version. The test names a tagged clone in TERN_URL.
let package = Package(
  name: "LearnXOR",
  dependencies: [
    .package(url: Context.environment["TERN_URL"] ?? "https://github.com/tern-swift/tern", from: "0.1.0")
  ],
  targets: [
    .executableTarget(name: "LearnXOR", dependencies: [.product(name: "Tern", package: "tern")]),
    .executableTarget(name: "Habits", dependencies: [.product(name: "Tern", package: "tern")]),
    .executableTarget(name: "Costs", dependencies: [.product(name: "Tern", package: "tern")]),
  ],
  swiftLanguageModes: [.v6]
)
