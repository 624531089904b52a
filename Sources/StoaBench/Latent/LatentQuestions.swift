extension LatentBenchmark {
    /// Short word problems, as a playbook would be asked them.
    public static let builtInQuestions = [
        "A baker makes 12 trays of 8 rolls each. She sells 70 rolls and gives 6 to her neighbour. How many rolls are left?",
        "Tom reads 15 pages on every weekday and 30 pages on each day of the weekend. How many pages does he read in 2 weeks?",
        "A bus starts with 24 people. At the first stop 9 get off and 5 get on, at the second stop half of the people get "
            + "off. How many people are on the bus then?",
        "Anna buys 3 notebooks for $4 each and 2 pens for $1.50 each. She pays with a $20 note. How much change does she "
            + "get?",
        "A garden is 14 m long and 6 m wide. A fence around it costs $5 per metre. What does the whole fence cost?",
        "Ben has 40 marbles, which is 8 more than twice as many as Carl has. How many marbles do the two have together?",
        "A tank holds 180 litres. It is filled with 12 litres a minute and loses 3 litres a minute through a leak. After "
            + "how many minutes is it full?",
        "A class of 28 pupils goes on a trip. Each pupil pays $7, and the school adds $54. The bus costs $150. How much "
            + "money is left for lunch?",
    ]
}
