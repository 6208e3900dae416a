// swift-tools-version: 6.2
import PackageDescription

// Programs to read and to begin with, each in one file: `swift run -c release --package-path Examples Digits`, or
// `tern run Examples/Digits/main.swift` with the command that is built.
let names = [
  "CartPole", "CharacterLSTM", "DCGAN", "Digits", "FineTuning", "GaussianProcess", "MetricLearning", "PhysicsInformed",
  "PictureFolder", "Segmentation", "SentenceVectors", "SmallGPT", "SpeechCTC", "TabularRegression",
  "VariationalAutoencoder",
  "WassersteinGAN",
]

let package = Package(
  name: "Examples",
  dependencies: [.package(name: "tern", path: "..")],
  targets: names.map { name in
    .executableTarget(
      name: name,
      dependencies: [.product(name: "Tern", package: "tern")]
        + (name == "PictureFolder" ? [.product(name: "TernVision", package: "tern")] : [])
        + (name == "SentenceVectors" ? [.product(name: "TernModels", package: "tern")] : []),
      path: name)
  }
)
