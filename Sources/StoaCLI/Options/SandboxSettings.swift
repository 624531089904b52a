internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

extension CommandContext {
    /// What keeps code on this machine: the user's setting `sandbox`, `{engine, image}`; bubblewrap where there is none.
    ///
    /// - Throws: `CLIError` for a setting of another form.
    var sandboxBackend: SandboxBackend {
        get throws {
            let expected = "{engine: podman or docker, image: an image with Python}"
            guard let setting = try structured("sandbox", expected: expected) else { return .bubblewrap }
            guard let members = setting.document.objectValue, Set(members.keys) == ["engine", "image"],
                let engine = members["engine"]?.stringValue, let image = members["image"]?.stringValue,
                !engine.isEmpty, !image.isEmpty, !image.hasPrefix("-")
            else { throw CLIError.invalidSetting(setting.place, value: setting.document.text, expected: expected) }
            return .container(engine: engine, image: image)
        }
    }

    /// A setting that is a list or a mapping, and where it stands.
    func structured(_ name: String, expected: String) throws -> (document: JSONValue, place: String)? {
        for layer in settings.layers {
            guard let text = layer.value(name) else { continue }
            guard let document = try? JSONParser.parse(text), document.arrayValue != nil || document.objectValue != nil
            else { throw CLIError.invalidSetting(layer.place(name), value: text, expected: expected) }
            return (document, layer.place(name))
        }
        return nil
    }
}
