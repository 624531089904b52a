/// The verbs there are.
public enum StepVerbs {
    /// Every verb, in the order in which help and the schema list them.
    public static let all: [any StepVerb.Type] = [
        SayVerb.self, ThinkVerb.self, CallVerb.self, VerifyVerb.self, ChooseVerb.self, ParallelVerb.self,
        ForEachVerb.self, RepeatVerb.self, WhenVerb.self, AskVerb.self, MethodVerb.self, TrainVerb.self, LetVerb.self,
    ]
}

extension StepVerb {
    /// None: most verbs contain no steps.
    public var blocks: [StepBlock] { [] }

    /// None: most verbs give work to nobody.
    public var agents: [String] { [] }
}
