public import StoaCore

/// One position's input.
public enum ModelInput: Sendable, Hashable {
    /// A token, embedded by the model's table.
    case token(TokenID)
    /// A vector that enters the first layer as it is (E2): width of the model, in the scale of scaled embeddings.
    case embedding([Float])

    /// The token; nil for a vector.
    public var token: TokenID? {
        guard case .token(let id) = self else { return nil }
        return id
    }
}

/// Which rows of a pass something is wanted for.
package enum RowSelection: Sendable, Hashable {
    /// No row.
    case none
    /// The last row only.
    case last
    /// Every row.
    case all

    func contains(_ row: Int, of count: Int) -> Bool {
        switch self {
        case .none: false
        case .last: row == count - 1
        case .all: true
        }
    }
}

/// What a pass is to bring back (E1).
package struct OutputRequest: Sendable, Hashable {
    /// Rows whose logits are wanted.
    package var logits: RowSelection
    /// Rows whose hidden state after the final norm is wanted.
    package var hidden: RowSelection
    /// Program slots whose residual stream (after the slot's layer) is wanted, for the rows of `hidden`.
    package var residuals: [Int]
    /// How many of the last inputs are to tell where their attention goes.
    package var attention: Int

    /// Creates a request; by default nothing is wanted.
    package init(
        logits: RowSelection = .none, hidden: RowSelection = .none, residuals: [Int] = [], attention: Int = 0
    ) {
        self.logits = logits
        self.hidden = hidden
        self.residuals = residuals
        self.attention = attention
    }

    /// Whether something is wanted for a row.
    func wantsAny(_ row: Int, of count: Int) -> Bool {
        logits.contains(row, of: count) || hidden.contains(row, of: count) || row >= count - attention
    }

    /// What is wanted of a part of the inputs behind which `rest` more are to come.
    func part(of count: Int, before rest: Int) -> OutputRequest {
        guard rest > 0 else { return self }
        // "Last" means the last of all inputs.
        return OutputRequest(
            logits: logits == .last ? .none : logits, hidden: hidden == .last ? .none : hidden, residuals: residuals,
            attention: min(count, max(0, attention - rest)))
    }
}

/// One sequence's part of a pass.
struct ForwardSlice {
    /// What the sequence remembers; grows by the inputs.
    var cache: KVCache
    /// What the model answers with; nil for the model as it is.
    var adapter: PackedAdapter?
    /// New inputs, in order.
    var inputs: ArraySlice<ModelInput>
    /// The position of each input; nil for the next ones.
    var positions: ArraySlice<Int32>?
    /// How token rows are labelled.
    var origin: KVCache.Origin
    /// Who writes the rows.
    var author: String
    /// What is to come back.
    var outputs: OutputRequest
    /// The attention mask override (E9): for every input, which earlier rows it sees; nil for all of them.
    var mask: AttentionMask?
}

/// Which cached rows each new input of a slice sees, besides itself (E9).
package struct AttentionMask: Sendable, Hashable {
    /// Rows of the mask: one per input, each as long as the cache is after the pass.
    package var rows: [[Bool]]

    /// Creates a mask.
    package init(rows: [[Bool]]) { self.rows = rows }
}

/// What a pass brings back for one row; valid inside the closure that receives it.
package struct RowOutput {
    /// The slice.
    package let slice: Int
    /// The row among the slice's inputs.
    package let row: Int
    /// The hidden state after the final norm, [width]; nil where not wanted.
    package let hidden: UnsafeBufferPointer<Float>?
    /// The logits, [vocabulary], which the receiver may overwrite; nil where not wanted.
    package let logits: UnsafeMutableBufferPointer<Float>?
    /// The residual stream after each requested slot, [width] each.
    package let residuals: [[Float]]
    /// The attention that the row pays to each row up to itself, summed over all heads of all slots; empty where not
    /// wanted.
    package let attention: [Double]

    /// The same output with its row counted from an earlier input.
    func offset(by inputs: Int) -> RowOutput {
        RowOutput(
            slice: slice, row: row + inputs, hidden: hidden, logits: logits, residuals: residuals, attention: attention)
    }
}
