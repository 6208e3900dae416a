/// What a ledger has of one step.
public struct LedgerStep: Sendable, Equatable {
  /// What is hashed.
  public enum Kind: UInt8, Sendable {
    /// A layer's output.
    case output
    /// The gradient of a layer's output.
    case gradient
    /// A parameter after the step.
    case update
    /// Random numbers that were drawn, of the layer that drew them; outside of layers, of the model.
    case draw
  }

  /// A hash.
  public struct Entry: Sendable, Equatable {
    /// What is hashed.
    public var kind: Kind
    /// The number of the layer or parameter among the ledger's names.
    public var name: Int
    /// The hash.
    public var hash: UInt64
  }

  /// The number of the step, from 1.
  public var number: Int
  /// The hash of the places of its samples in the data set.
  public var samples: UInt64
  /// The hash of the values of its batches, labels included.
  public var values: UInt64
  /// The loss.
  public var loss: Double
  /// The learning rate of the first group.
  public var learningRate: Double
  /// The hash of the random numbers' position at its beginning, of momenta and of all rates.
  public var settings: UInt64
  /// The hashes in the order in which they were made.
  public var entries: [Entry] = []

  /// The number of a step with nothing yet.
  init(number: Int) {
    (self.number, samples, values, settings) = (number, 0, 0, 0)
    (loss, learningRate) = (.nan, .nan)
  }

  /// How many bytes are before the entries, and how many an entry has.
  static let headSize = 48, entrySize = 12

  /// Appends the step as a frame of a ledger.
  func append(to bytes: inout [UInt8], _ kind: Character) {
    Ledger.append(kind, count: Self.headSize + Self.entrySize * entries.count, to: &bytes) { contents in
      func put(_ word: UInt64, _ place: Int) {
        contents.storeBytes(of: word.littleEndian, toByteOffset: 8 * place, as: UInt64.self)
      }
      put(UInt64(bitPattern: Int64(number)), 0)
      put(samples, 1)
      put(values, 2)
      put(loss.bitPattern, 3)
      put(learningRate.bitPattern, 4)
      put(settings, 5)
      var at = Self.headSize
      for entry in entries {
        let word = UInt32(entry.kind.rawValue) << 30 | UInt32(entry.name)
        contents.storeBytes(of: word.littleEndian, toByteOffset: at, as: UInt32.self)
        contents.storeBytes(of: entry.hash.littleEndian, toByteOffset: at + 4, as: UInt64.self)
        at += Self.entrySize
      }
    }
  }

  /// A step of these bytes; `nil` where they are none.
  init?(_ bytes: ArraySlice<UInt8>) {
    let (head, size) = (Self.headSize, Self.entrySize)
    guard bytes.count >= head, (bytes.count - head).isMultiple(of: size) else { return nil }
    var reader = ParcelReader(Array(bytes.prefix(head)))
    number = reader.int()
    (samples, values) = (reader.word(), reader.word())
    (loss, learningRate) = (reader.double(), reader.double())
    settings = reader.word()
    guard number >= 1 else { return nil }
    var found: [Entry] = []
    found.reserveCapacity((bytes.count - head) / size)
    let isWhole = bytes.withUnsafeBytes { raw in
      for at in stride(from: head, to: raw.count, by: size) {
        let word = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        let hash = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at + 4, as: UInt64.self))
        guard let kind = Kind(rawValue: UInt8(word >> 30)) else { return false }
        found.append(Entry(kind: kind, name: Int(word & 0x3FFF_FFFF), hash: hash))
      }
      return true
    }
    if !isWhole { return nil }
    entries = found
  }
}
