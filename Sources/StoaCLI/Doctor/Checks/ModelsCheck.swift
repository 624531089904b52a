internal import StoaHub

/// The bundled models: a missing one is fetched when it is needed, a damaged one is not mended by itself.
struct ModelsCheck: DoctorCheck {
    let name = "models"

    func run(in context: CommandContext) async -> DoctorFinding {
        do {
            let store = try context.modelStore()
            let states = store.list().compactMap { entry, installed -> String? in
                guard let name = entry?.name ?? installed?.name else { return nil }
                return installed == nil ? "\(name) is fetched when first used" : "\(name) installed"
            }
            return .fine("\(states.joined(separator: ", ")); in \(store.location.models)")
        } catch {
            return .broken("\(error)", fix: "set STOA_CACHE to a folder for models")
        }
    }
}
