import StoaCore
import StoaModel
import StoaTestKit

@testable import StoaTraining

/// A trainer of a tiny model with a library of its own, and things for it to learn.
struct TinyTraining {
    let folder: TemporaryFolder
    let model: String

    init(_ model: String = "qwen3") throws {
        folder = try TemporaryFolder()
        self.model = goldenPath("models/\(model)")
    }

    var library: AdapterLibrary { AdapterLibrary(root: "\(folder.path)/adapters") }
    var checkpoints: String { "\(folder.path)/checkpoints" }

    func trainer(
        time: any TimeSource = SystemTimeSource(), _ change: (inout LocalTrainer.Options) -> Void = { _ in }
    ) throws -> LocalTrainer {
        var options = LocalTrainer.Options()
        change(&options)
        return try LocalTrainer(model: model, name: "tiny", adapters: library, options: options, time: time)
    }

    /// Tokens that follow a prompt: ten stand for what is to be said, the others for what is not.
    static func examples(_ count: Int, seed: UInt64 = 1, pairs: Bool = false) -> [TrainingExample] {
        let stream = RandomStream(seed: seed)
        return (0..<count).map { index in
            let numbers = stream.child(index)
            func token(_ place: UInt64, _ range: Range<Int>) -> TokenID {
                TokenID(Int32(range.lowerBound + numbers.integer(at: place, below: range.count)))
            }
            let prompt = (0..<4 + UInt64(index % 3)).map { token($0, 20..<90) }
            return TrainingExample(
                chosen: .tokens(prompt: prompt, completion: [token(20, 5..<15), 2]),
                rejected: pairs ? .tokens(prompt: prompt, completion: [token(21, 20..<90), 3, 2]) : nil)
        }
    }

    static func request(
        _ examples: [TrainingExample], loss: String = "sft", _ change: (inout TrainingRequest) -> Void = { _ in }
    ) -> TrainingRequest {
        var request = TrainingRequest(examples: examples, seed: SeedPath(seed: 7).child("training"))
        request.settings.loss = loss
        request.settings.rank = 4
        request.settings.alpha = 8
        request.settings.learningRate = 0.01
        request.settings.batch = 5
        request.settings.precision = "fp32"
        change(&request)
        return request
    }
}

extension LocalTrainer {
    func train(_ request: TrainingRequest) async throws -> TrainingReply { try await train(request) { _ in } }
}

extension TrainingReply {
    /// All but how long it took.
    var logical: TrainingReply {
        var reply = self
        reply.duration = .zero
        return reply
    }
}
