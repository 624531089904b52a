private import StoaCLI

await StoaProgram.main()
