import StoaCore
import StoaModel
import Testing

@Suite struct SamplerPropertyTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a wider truncation keeps all that a narrower one keeps`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("monotone")
        let logits = makeLogits(400, spread: 2, stream)
        func kept(_ parameters: SamplingParameters) throws -> Set<Int> {
            Set(try Sampler(parameters, vocabularySize: 400).kept(logits))
        }
        var last: Set<Int> = []
        for p in [0.01, 0.3, 0.6, 0.9, 0.999, 1] {
            let wider = try kept(SamplingParameters(temperature: 1, topP: p))
            #expect(!wider.isEmpty)
            #expect(last.isSubset(of: wider))
            last = wider
        }
        last = []
        for k in [1, 2, 10, 100, 399, 400, 1000] {
            let wider = try kept(SamplingParameters(temperature: 1, topK: k))
            #expect(wider.count == min(k, 400))
            #expect(last.isSubset(of: wider))
            last = wider
        }
        last = []
        for p in [1, 0.5, 0.1, 0.001, 0] {
            let wider = try kept(SamplingParameters(temperature: 1, minP: p))
            #expect(!wider.isEmpty)
            #expect(last.isSubset(of: wider))
            last = wider
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `renaming the tokens renames the kept tokens`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("permutation")
        // Distinct values: among equal ones the lower id wins, which a renaming changes.
        let size = 300
        let values = (0..<size).map { Float($0) / 64 }
        let first = (0..<size).sorted { stream.word(at: UInt64($0)) < stream.word(at: UInt64($1)) }
        let second = (0..<size).sorted { stream.word(at: UInt64(size + $0)) < stream.word(at: UInt64(size + $1)) }
        var parameters = makeParameters(stream, vocabularySize: size)
        parameters.logitBias = [:]
        let sampler = try Sampler(parameters, vocabularySize: size)
        let keptFirst = try sampler.kept(first.map { values[$0] }).map { first[$0] }.sorted()
        let keptSecond = try sampler.kept(second.map { values[$0] }).map { second[$0] }.sorted()
        #expect(keptFirst == keptSecond)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `the same stream and position give the same token whatever the row was used for`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("same")
        let size = 1500
        let logits = makeLogits(size, spread: 2, stream.child("logits"))
        let other = makeLogits(size + 500, spread: 3, stream.child("other"))
        let history = makeHistory(stream, vocabularySize: size)
        let sampler = try Sampler(makeParameters(stream, vocabularySize: size), vocabularySize: size)
        let busy = try Sampler(makeParameters(stream.child("other"), vocabularySize: size), vocabularySize: size + 500)
        let row = LogitRow()
        let fresh = try sampler.sample(logits, history: history, stream: stream, position: 5)
        for _ in 0..<3 {
            _ = try other.withUnsafeBufferPointer {
                try busy.sample($0, history: history, stream: stream, position: 1, using: row)
            }
            let again = try logits.withUnsafeBufferPointer {
                try sampler.sample($0, history: history, stream: stream, position: 5, using: row)
            }
            #expect(again == fresh)
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `temperature zero takes the best token after penalties, the lowest id among equals`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("greedy")
        let size = 500
        let logits = makeLogits(size, spread: 0.3, stream.child("logits"))
        var parameters = makeParameters(stream, vocabularySize: size)
        parameters.temperature = 0
        let history = makeHistory(stream, vocabularySize: size)
        var mask = TokenMask(vocabularySize: size)
        for id in 0..<size where stream.word(at: UInt64(5000 + id)) % 3 == 0 { mask[TokenID(Int32(id))] = true }
        mask[7] = true
        let sampler = try Sampler(parameters, vocabularySize: size)
        for mask in [nil, mask] {
            let reference = ReferenceDistribution(
                logits: logits, parameters: parameters, history: history, mask: mask)
            let token = try sampler.sample(logits, history: history, mask: mask, stream: stream, position: 0)
            #expect([token.id.index] == reference.kept)
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `only allowed tokens are ever drawn`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("mask")
        let size = 130
        let logits = makeLogits(size, spread: 2, stream.child("logits"))
        let parameters = makeParameters(stream, vocabularySize: size)
        let history = makeHistory(stream, vocabularySize: size)
        var mask = TokenMask(vocabularySize: size)
        for _ in 0...stream.integer(at: 1, below: 20) {
            mask[TokenID(Int32(stream.integer(at: UInt64(mask.count + 2), below: size)))] = true
        }
        let sampler = try Sampler(parameters, vocabularySize: size)
        let reference = ReferenceDistribution(logits: logits, parameters: parameters, history: history, mask: mask)
        #expect(try sampler.kept(logits, history: history, mask: mask) == reference.kept)
        for position in 0..<20 {
            let token = try sampler.sample(logits, history: history, mask: mask, stream: stream, position: position)
            #expect(mask[token.id])
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `tokens without a number or at negative infinity are never drawn`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("nan")
        let size = 1100
        var logits = makeLogits(size, spread: 2, stream.child("logits"))
        for id in 0..<size where id != 1000 {
            switch stream.word(at: UInt64(id)) % 3 {
            case 0: logits[id] = .nan
            case 1: logits[id] = -.infinity
            default: break
            }
        }
        var parameters = makeParameters(stream, vocabularySize: size)
        parameters.logProbabilities = 3
        let sampler = try Sampler(parameters, vocabularySize: size)
        for position in 0..<20 {
            let token = try sampler.sample(logits, stream: stream, position: position)
            #expect(logits[token.id.index] > -.infinity)
            #expect(token.logProbability?.logProbability.isFinite == true)
            #expect(token.logProbability?.top.allSatisfy { logits[$0.id.index] > -.infinity } == true)
        }
    }

    @Test func `extreme logits and temperatures do not overflow`() throws {
        for temperature in [0.0001, 0.01, 1, 100] {
            let parameters = SamplingParameters(temperature: temperature, topP: 0.9, minP: 0.01, logProbabilities: 2)
            let sampler = try Sampler(parameters, vocabularySize: 4)
            let logits: [Float] = [3e38, -3e38, 0, 2.9e38]
            let token = try sampler.sample(logits, stream: RandomStream(seed: 1), position: 0)
            #expect(token.id == 0)
            #expect(token.logProbability?.logProbability == 0)
        }
    }
}
