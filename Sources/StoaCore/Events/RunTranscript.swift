public import OrderedCollections

/// What a run's models were asked and said and what its tools came to, read back from a journal in full.
///
/// The runtime reads it; what learns from runs or exports them takes it, without knowing how journals keep things.
public struct RunTranscript: Sendable, Hashable {
    /// The run.
    public var run: RunID
    /// The name of its playbook.
    public var playbook: String
    /// Its parameters, defaults included.
    public var parameters: JSONValue.Members
    /// Its models by the plan's names, with the kernels that computed them.
    public var models: [String: ModelIdentity]
    /// How precisely each of them was asked to compute, by the plan's names, where the playbook says.
    public var precisions: [String: String]
    /// Calls of models that spoke and of tools, those with a result, in the order of their keys.
    public var effects: [RecordedEffect]
    /// What agents posted, in the order of the keys.
    public var messages: [Message]
    /// The trainings that were finished, in the order of their keys.
    public var trainings: [RecordedTraining]

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - playbook: the name of its playbook.
    ///   - parameters: its parameters.
    ///   - models: its models by the plan's names.
    ///   - precisions: how precisely each of them was asked to compute.
    ///   - effects: calls of models and tools.
    ///   - messages: what agents posted.
    ///   - trainings: the trainings that were finished.
    public init(
        run: RunID, playbook: String = "", parameters: JSONValue.Members = [:], models: [String: ModelIdentity] = [:],
        precisions: [String: String] = [:], effects: [RecordedEffect] = [], messages: [Message] = [],
        trainings: [RecordedTraining] = []
    ) {
        self.run = run
        self.playbook = playbook
        self.parameters = parameters
        self.models = models
        self.precisions = precisions
        self.effects = effects
        self.messages = messages
        self.trainings = trainings
    }
}

/// A call that a run made, and what came of it.
public struct RecordedEffect: Sendable, Hashable {
    /// What was called.
    public enum Call: Sendable, Hashable {
        /// A model, by the plan's name for it.
        case model(String, ModelRequest, ModelReply)
        /// A tool.
        case tool(ToolCall, ToolResult)
    }

    /// The call's name in its run; those of one step differ in the turn.
    public var key: EffectKey
    /// What was called.
    public var call: Call

    /// Describes a call.
    ///
    /// - Parameters:
    ///   - key: the call's name in its run.
    ///   - call: what was called.
    public init(key: EffectKey, call: Call) {
        self.key = key
        self.call = call
    }
}
