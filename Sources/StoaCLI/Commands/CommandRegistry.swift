internal import ArgumentParser

/// Every command of the program, in the order in which help lists them.
///
/// A new command is a file beside this one and a line here.
enum CommandRegistry {
    static let commands: [any ParsableCommand.Type] = [
        RunCommand.self,
        ReplayCommand.self,
        ResumeCommand.self,
        ForkCommand.self,
        DiffCommand.self,
        EvalCommand.self,
        CompareCommand.self,
        EvolveCommand.self,
        LogCommand.self,
        PlaybookCommand.self,
        SandboxCommand.self,
        ToolCommand.self,
        ModelCommand.self,
        DoctorCommand.self,
        GenerateCommand.self,
        ScoreCommand.self,
        TokenizeCommand.self,
        DetokenizeCommand.self,
        TemplateCommand.self,
        VerifyCommand.self,
        TrainCommand.self,
        BenchCommand.self,
        CompletionCommand.self,
    ]
}
