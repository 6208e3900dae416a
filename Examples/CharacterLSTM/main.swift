// A recurrent network that learns a text character by character, and goes on with it (Karpathy 2015).
import Tern

enum Poem {
  /// Lewis Carroll, "Jabberwocky" (1871), the first three stanzas.
  static let text = """
    'Twas brillig, and the slithy toves
    Did gyre and gimble in the wabe;
    All mimsy were the borogoves,
    And the mome raths outgrabe.

    "Beware the Jabberwock, my son!
    The jaws that bite, the claws that catch!
    Beware the Jubjub bird, and shun
    The frumious Bandersnatch!"

    He took his vorpal sword in hand:
    Long time the manxome foe he sought,
    So rested he by the Tumtum tree,
    And stood awhile in thought.

    """
  static let alphabet = Set(text).sorted()
  static let codes = text.map { alphabet.firstIndex(of: $0)! }
}

final class CharacterModel: Module {
  let embedding = Embedding(Poem.alphabet.count, 32)
  let recurrent = LSTM(32, 128, batchFirst: true)
  let head = Dense(128, Poem.alphabet.count)

  typealias State = (hidden: Tensor<Float>, cell: Tensor<Float>)

  /// Logits of the characters that follow each of `codes` [N, T], and the state after the last.
  func next(_ codes: Tensor<Int>, after state: State? = nil) -> (logits: Tensor<Float>, state: State) {
    let (features, state) = recurrent(embedding(codes), state: state)
    return (head(features), state)
  }
}

Random.seed(6)
let model = CharacterModel()
let optimizer = Adam(model, learningRate: 5e-3)
let (codes, length) = (Poem.codes, 48)
var last = 0.0
for step in 1...250 {
  let starts = Tensor<Int>(randomIntegers: [16], in: 0..<(codes.count - length)).scalars
  let inputs = Tensor(starts.flatMap { codes[$0..<$0 + length] }, shape: [16, length])
  let targets = Tensor(starts.flatMap { codes[$0 + 1...$0 + length] }, shape: [16 * length])
  let loss = crossEntropy(model.next(inputs).logits.flattened(from: 0, to: 1), targets)
  optimizer.zeroGradients()
  loss.backward()
  clipGradients(of: model, norm: 1)
  optimizer.step()
  last = Double(loss.item)
  if step.isMultiple(of: 50) { print("step \(step): \(last) nats a character") }
}

// Goes on with the poem: the state of the network says where it is.
withoutGradients {
  var (logits, state) = model.next(Tensor(Array(codes[..<12]), shape: [1, 12]))
  var written = codes[..<12].map { Poem.alphabet[$0] }
  for _ in 0..<100 {
    let code = logits[0, -1].argmax().item
    written.append(Poem.alphabet[code])
    (logits, state) = model.next(Tensor([code], shape: [1, 1]), after: state)
  }
  print(String(written))
}
print("figure: \(last)")
