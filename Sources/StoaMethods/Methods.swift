public import StoaRuntime

/// The methods that ship.
///
/// A new method is a folder beside `LatentSeek` and a line here.
public enum Methods {
    /// Every method, in the order in which help lists them.
    public static let all = MethodRegistry([
        LatentSeek.self, ToolLoop.self, Judge.self, PairwiseJudge.self, ProgramCheck.self, SecondOpinion.self,
        Panel.self,
    ])
}
