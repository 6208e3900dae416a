// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the other examples do without the packages of a web server:
// `swift run -c release --package-path Examples/Server`, or `scripts/examples Server` for a test of it.
let package = Package(
  name: "Server",
  dependencies: [
    .package(name: "tern", path: "../.."),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    .executableTarget(
      name: "Server",
      dependencies: [
        .product(name: "Tern", package: "tern"), .product(name: "Hummingbird", package: "hummingbird"),
      ],
      path: ".", sources: ["main.swift"])
  ]
)
