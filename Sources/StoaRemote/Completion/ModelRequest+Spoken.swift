internal import StoaCore

extension ModelRequest {
    /// The conversation for a server, which takes words only and knows whole messages only.
    ///
    /// What the model has written of a turn that is under way is shown as messages of its own, and what was put in between
    /// as the user's: servers answer users, and refuse tools' messages that answer no call. Pieces without words are left
    /// out, and pieces of one side that follow each other are one message.
    var spokenMessages: [ChatMessage] {
        var spoken: [ChatMessage] = []
        for piece in turn where !piece.text.isEmpty {
            let role: ChatMessage.Role =
                switch piece {
                case .tokens: .assistant
                case .feedback: .user
                }
            if let last = spoken.last, last.role == role {
                spoken[spoken.count - 1].content += piece.text
            } else {
                spoken.append(ChatMessage(role, piece.text))
            }
        }
        return messages + spoken
    }
}
