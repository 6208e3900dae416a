import Synchronization
import TernTensor
import Testing

@testable import TernNN

/// What is found follows every change of a module's properties, however they are stored.
@Suite struct ModuleFieldsTests {
  class Head: Module {
    let gain = Parameter(Tensor<Float>(1))
  }

  final class WideHead: Head {
    var offset: Parameter<Float>? = Parameter(Tensor<Float>(0))
  }

  struct Pair {
    var first: Head
    var second: Parameter<Double>
  }

  enum Choice {
    case none
    case one(Parameter<Float>)
  }

  final class Changing: Module {
    var head = Head()
    var optional: Head?
    var layers: [any Layer<Float>] = [Dense(1, 1)]
    var heads = [Head()]
    var byName = ["a": Head()]
    var pair = Pair(first: Head(), second: Parameter(Tensor<Double>(0)))
    var tuple = (1, Head())
    var anything: Any = 3
    var some: any Module = Head()
    var many: [any Module]? = nil
    var nested = [[Head()], []]
    let choice = Choice.one(Parameter(Tensor<Float>(0)))
    let action: () -> Void = {}
    let metatype: Any.Type = Head.self
    let numbers = (1, 2.5, "text")
    let lock = Mutex(0)
    var step = 0
  }

  private func found(_ module: any Module) -> [ObjectIdentifier] {
    module.namedParameters.map { ObjectIdentifier($0.parameter as AnyObject) }
  }

  @Test func namesAreThoseOfTheProperties() {
    #expect(
      Changing().namedParameters.map(\.name) == [
        "head.gain", "layers.0.weight", "layers.0.bias", "heads.0.gain", "by_name.a.gain", "pair.first.gain",
        "pair.second", "tuple.1.gain", "some.gain", "nested.0.0.gain",
      ])
  }

  /// Every kind of property, changed after the parameters were read once.
  @Test func changedPropertiesAreSeen() {
    let model = Changing()
    var before = found(model)
    func changes(_ gained: Int, _ change: () -> Void, _ line: Int = #line) {
      change()
      let after = found(model)
      #expect(Set(after).subtracting(before).count == gained, "line \(line)")
      #expect(Set(after).count == after.count)
      before = after
    }
    changes(1) { model.head = Head() }
    changes(2) { model.head = WideHead() }
    changes(0) { (model.head as! WideHead).offset = nil }
    changes(1) { (model.head as! WideHead).offset = Parameter(Tensor<Float>(2)) }
    changes(1) { model.optional = Head() }
    changes(0) { model.optional = nil }
    changes(2) { model.layers[0] = Dense(2, 2) }
    changes(2) { model.layers.append(Dense(2, 2)) }
    changes(0) { model.layers.removeFirst() }
    changes(1) { model.heads[0] = Head() }
    changes(1) { model.byName["a"] = Head() }
    changes(1) { model.byName["b"] = Head() }
    changes(1) { model.pair.first = Head() }
    changes(1) { model.pair.second = Parameter(Tensor<Double>(1)) }
    changes(1) { model.tuple.1 = Head() }
    changes(1) { model.anything = Head() }
    changes(1) { model.anything = [Head()] }
    changes(0) { model.anything = 4 }
    changes(1) { model.some = Head() }
    changes(1) { model.many = [Head(), model.head] }
    changes(1) { model.nested[1].append(Head()) }
    changes(0) { model.step += 1 }
    // The same object in two places counts once.
    changes(0) { model.heads.append(model.heads[0]) }
  }

  @Test func fieldsAreReadWithoutMirrors() {
    #expect(StoredField.fields(of: Dense(1, 1), Dense<Float>.self)?.map(\.pathName) == ["weight", "bias"])
    let names = StoredField.fields(of: Changing(), Changing.self)?.map(\.name.property)
    #expect(
      names == [
        "head", "optional", "layers", "heads", "byName", "pair", "tuple", "anything", "some", "many", "nested",
      ])
    let owner = Head()
    withExtendedLifetime(owner) { #expect(StoredField.fields(of: Child(owner), Child.self) == nil) }
    #expect(StoredField.fields(of: Told(), Told.self) == nil)
  }

  @Test func addressesUsedAgainAreNotMistaken() {
    let model = Changing()
    for _ in 0..<100 {
      model.head = Head()
      model.heads = [Head(), Head()]
      let parameters = model.parameters.map { ObjectIdentifier($0 as AnyObject) }
      #expect(parameters.contains(ObjectIdentifier(model.head.gain)))
      #expect(model.heads.allSatisfy { parameters.contains(ObjectIdentifier($0.gain)) })
      #expect(parameters.count == 11)
    }
  }

  final class Child: Module {
    weak var parent: Parent?
    unowned let owner: Head
    let gain = Parameter(Tensor<Float>(1))
    init(_ owner: Head) { self.owner = owner }
  }

  final class Parent: Module {
    let head = Head()
    var child: Child?
  }

  @Test func weakReferencesAreReadAsMirrorsReadThem() {
    let owner = Head()
    withExtendedLifetime(owner) {
      let child = Child(owner)
      #expect(child.namedParameters.map(\.name).suffix(1) == ["gain"])
      child.parent = nil
      #expect(child.parameters.count == child.namedParameters.count)
    }
  }

  final class Told: Module, CustomReflectable {
    let hidden = Head()
    let shown = Head()
    var customMirror: Mirror { Mirror(self, children: ["face": shown]) }
  }

  @Test func ownMirrorsAreHeeded() {
    let told = Told()
    #expect(told.namedParameters.map(\.name) == ["face.gain"])
    #expect(told.namedModules.map(\.name) == ["", "face"])
  }

  final class Generic<Value: Module>: Module {
    var value: Value
    let scale = Parameter(Tensor<Float>(1))
    init(_ value: Value) { self.value = value }
  }

  @Test func everyInstanceOfAGenericClassIsItsOwn() {
    #expect(Generic(Head()).namedParameters.map(\.name) == ["value.gain", "scale"])
    #expect(Generic(WideHead()).namedParameters.map(\.name) == ["value.gain", "value.offset", "scale"])
    #expect(Generic(Generic(Head())).namedParameters.map(\.name) == ["value.value.gain", "value.scale", "scale"])
    let held = Generic<Head>(WideHead())
    #expect(held.parameters.count == 3)
  }

  @Test func manyThreadsMayAskAtOnce() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { Generic(Generic(WideHead())).parameters.count } }
      for await count in group { #expect(count == 4) }
    }
  }
}
