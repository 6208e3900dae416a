// A server that says which digits pictures show. It trains at its start, in seconds, or loads the model of an earlier start:
//
//   swift run -c release --package-path Examples/Server Server --model digits.safetensors
//   curl localhost:8080/sample | curl --json @- localhost:8080/predict
//
// Requests are answered side by side, all by one predictor.
import Foundation
import Hummingbird
import Tern

/// What is asked: pictures of 8×8 brightnesses from 0 to 16, row by row.
struct Question: Codable, ResponseEncodable { var images: [[Float]] }

/// What is answered: for each picture the likeliest digit, and the probabilities of all ten.
struct Answer: Codable, ResponseEncodable {
  var digits: [Int]
  var probabilities: [[Float]]
}

func makeModel() -> Sequential<Float> {
  Sequential {
    Conv2D(1, 32, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d(32)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(32 * 4 * 4, 10)
  }
}

func train(_ model: Sequential<Float>) throws {
  let digits = Digits.split
  let trainer = try Trainer(
    model, optimizer: AdamW(model, learningRate: 3e-3), train: ImageDataset(digits.train),
    test: ImageDataset(digits.test), batchSize: 64, seed: 7)
  try trainer.run(epochs: 4)
  print("figure: \(trainer.history.epochs.last?.testAccuracy ?? 0)")
}

/// The answer, or an error that the client gets with status 400.
func answer(_ question: Question, by predictor: Predictor<Sequential<Float>>) throws -> Answer {
  let pixels = question.images.flatMap { $0 }
  guard 1...1000 ~= question.images.count, question.images.allSatisfy({ $0.count == 64 }),
    pixels.allSatisfy({ 0...16 ~= $0 })
  else {
    throw HTTPError(.badRequest, message: "images: 1 to 1000 pictures of 64 brightnesses from 0 to 16 are needed")
  }
  let images = Tensor(pixels, shape: [question.images.count, 1, 8, 8]) / 16
  let probabilities = predictor(images).softmax(along: 1)
  return Answer(
    digits: probabilities.argmax(along: 1).scalars, probabilities: probabilities.split(every: 1).map(\.scalars))
}

/// What follows an option among the arguments.
func option(_ name: String) -> String? {
  let words = CommandLine.arguments
  return words.firstIndex(of: name).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
}

Random.seed(7)
let model = makeModel()
let path = option("--model")
if let path, FileManager.default.fileExists(atPath: path) {
  try model.load(from: path)
} else {
  try train(model)
  if let path { try model.save(to: path) }
}
let predictor = Predictor(model)

let router = Router()
// A picture that nobody has trained with, as it is to be asked.
router.get("sample") { _, _ in
  let picture = ImageDataset(Digits.split.test).batch([0]).inputs
  return Question(images: [(picture * 16).scalars])
}
router.post("predict") { request, context in
  try answer(await request.decode(as: Question.self, context: context), by: predictor)
}
let port = option("--port").flatMap { Int($0) } ?? 8080
let server = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
try await server.runService()
