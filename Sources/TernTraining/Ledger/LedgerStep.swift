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

  var bytes: [UInt8] {
    var parcel = Parcel()
    parcel.add(number)
    parcel.add(samples)
    parcel.add(values)
    parcel.add(loss)
    parcel.add(learningRate)
    parcel.add(settings)
    var bytes = parcel.bytes
    bytes.reserveCapacity(bytes.count + 12 * entries.count)
    for entry in entries {
      withUnsafeBytes(of: (UInt32(entry.kind.rawValue) << 30 | UInt32(entry.name)).littleEndian) { bytes += $0 }
      withUnsafeBytes(of: entry.hash.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  /// A step of these bytes; `nil` where they are none.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 48, (bytes.count - 48).isMultiple(of: 12) else { return nil }
    var reader = ParcelReader(Array(bytes.prefix(48)))
    number = reader.int()
    (samples, values) = (reader.word(), reader.word())
    (loss, learningRate) = (reader.double(), reader.double())
    settings = reader.word()
    guard number >= 1 else { return nil }
    var found: [Entry] = []
    found.reserveCapacity((bytes.count - 48) / 12)
    let isWhole = bytes.withUnsafeBytes { raw in
      for at in stride(from: 48, to: raw.count, by: 12) {
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
