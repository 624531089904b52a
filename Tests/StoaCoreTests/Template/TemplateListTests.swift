import OrderedCollections
import StoaCore
import Testing

/// Lists of records in expressions, as playbooks compute with them.
@Suite struct TemplateListTests {
    private static let context: OrderedDictionary<String, TemplateValue> = [
        "tried": TemplateValue(
            .array([
                [
                    "id": "a", "zone": "learning", "s": 0.5,
                    "attempts": [["text": "1", "ok": true], ["text": "2", "ok": false]],
                ],
                ["id": "b", "zone": "mastered", "s": 1, "attempts": [["text": "3", "ok": true]]],
                ["id": "c", "zone": "learning", "s": 0.25, "attempts": []],
                ["id": "a", "zone": "too_hard", "s": 0, "attempts": [["text": "4", "ok": false]]],
            ])),
        "pool": TemplateValue(.array([["id": "x"], ["id": "y"]])), "round": 2,
    ]

    private static func value(_ source: String) throws -> String {
        try TemplateExpression(source).evaluate(context: context).json?.text ?? "nothing"
    }

    @Test(
        arguments: [
            // Expected values are Python's, with jinja2 3.1.
            ("pool + tried[:1]|map(attribute='id')|list", #"[{"id":"x"},{"id":"y"},"a"]"#),
            ("(pool + [{'id': 'z', 'round': round}])|length", "3"),
            ("tried|selectattr('zone', 'equalto', 'learning')|map(attribute='id')|list", #"["a","c"]"#),
            ("tried|selectattr('s', 'gt', 0.3)|map(attribute='id')|join('+')", #""a+b""#),
            ("tried|rejectattr('zone', 'in', ['mastered', 'too_hard'])|list|length", "2"),
            ("tried|map(attribute='attempts')|sum(start=[])|map(attribute='text')|list", #"["1","2","3","4"]"#),
            ("tried|sum(attribute='attempts', start=[])|selectattr('ok')|list|length", "2"),
            ("tried|sum(attribute='s')", "1.75"), ("[[1], [2, 3], []]|sum(start=[0])", "[0,1,2,3]"),
            ("[]|sum(start=[])", "[]"), ("[1, 2]|sum(start=10)", "13"),
            ("tried|unique(attribute='id')|map(attribute='id')|list", #"["a","b","c"]"#),
            ("tried|sort(attribute='s', reverse=true)|map(attribute='s')|list", "[1,0.5,0.25,0]"),
            ("tried|sort(attribute='zone,s')|map(attribute='s')|list", "[0.25,0.5,1,0]"),
            ("(tried|max(attribute='s')).id", #""b""#), ("(tried|min(attribute='s')).zone", #""too_hard""#),
            ("tried|groupby('zone')|map(attribute='grouper')|list", #"["learning","mastered","too_hard"]"#),
            ("tried|groupby('zone')|map('last')|map('length')|list", "[2,1,1]"),
            ("tried|map(attribute='note', default='-')|unique|list", #"["-"]"#),
            ("tried|batch(3)|map('length')|list", "[3,1]"), ("tried|slice(2)|map('length')|list", "[2,2]"),
            (
                "{'zones': {'learning': tried|selectattr('zone', 'eq', 'learning')|list|length}, 'round': round}",
                #"{"zones":{"learning":2},"round":2}"#
            ),
            ("dict(pool[0], weight=0.5)", #"{"id":"x","weight":0.5}"#),
            ("dict({'a': 1}, **pool[1])", #"{"a":1,"id":"y"}"#),
            ("tried[-1].id ~ tried[1:3]|length", #""a2""#),
            ("(tried|first).attempts[0].ok and not (tried|last).attempts[0].ok", "true"),
            ("range(3)|map('string')|list + ['x']", #"["0","1","2","x"]"#),
            ("tried|map(attribute='s')|map('float')|map('round', 1)|list", "[0.5,1,0.2,0]"),
        ])
    func `an expression over records has the value that it has in Jinja`(source: String, expected: String) throws {
        #expect(try Self.value(source) == expected)
    }

    @Test(arguments: ["[[1], 2]|sum(start=[])", "[[1], 'a']|sum(start=[])", "[(1, 2)]|sum(start=[])", "[[1]]|sum"])
    func `what cannot be added to a list is an error`(source: String) throws {
        let error = #expect(throws: TemplateError.self) { try Self.value(source) }
        #expect(error?.reason.contains("unsupported operand types for +") == true, "\(error?.reason ?? "")")
    }

    @Test func `thousands of lists are put together within the bounds of one evaluation`() throws {
        let lists = TemplateValue(.array((0..<5000).map { .array([.integer(Int64($0)), .string("x"), .null]) }))
        let joined = try TemplateExpression("lists|sum(start=[])").evaluate(context: ["lists": lists])
        #expect(joined.json?.arrayValue?.count == 15_000)
        let records = TemplateValue(
            .array(
                (0..<2000).map {
                    ["id": .integer(Int64($0)), "zone": .string("z\($0 % 3)"), "s": .number(Double($0 % 9) / 8)]
                }))
        for source in [
            "records|selectattr('s', 'gt', 0.2)|rejectattr('zone', 'eq', 'z1')|sort(attribute='s')|list",
            "records|groupby('zone')|map('last')|sum(start=[])", "records|unique(attribute='zone')|list",
            "records + records",
        ] {
            #expect(
                try TemplateExpression(source).evaluate(context: ["records": records]).json?.arrayValue?.isEmpty
                    == false)
        }
    }
}
