public import OrderedCollections
internal import StoaRuntime

/// The files of a new playbook.
public enum PlaybookTemplate {
    /// A small playbook that works as it is: one agent answers, a second one looks at the answer.
    ///
    /// - Parameter name: the playbook's name: a letter followed by letters, digits, `_` and `-`.
    /// - Returns: the files' contents by their names within the playbook's folder.
    /// - Throws: `PlaybookError` for a name that no playbook can have.
    public static func files(named name: String) throws(PlaybookError) -> OrderedDictionary<String, String> {
        guard PlanFields.isName(name) else {
            throw PlaybookError(
                code: .notFound, message: "'\(name)' is no name for a playbook",
                hint: "use a letter followed by letters, digits, '_' and '-'")
        }
        return ["playbook.yaml": playbook(name), "README.md": readme(name)]
    }

    private static func playbook(_ name: String) -> String {
        """
        stoa: 1
        name: \(name)
        description: One agent answers a question, a second one looks at the answer and gives the final one.

        parameters:
          question:
            type: string
            description: The question to answer.

        agents:
          writer:
            system: You answer questions shortly and clearly.
            max_tokens: 160
          editor:
            role: teacher
            system: You correct mistakes in answers.
            max_tokens: 160

        budget:
          decoded_tokens: 1000

        steps:
          - id: draft
            say: writer
            prompt: "{{ question }}"
          - id: final
            say: editor
            prompt: |
              Question: {{ question }}
              Answer: {{ draft.text }}
              Write the answer again, without mistakes.

        output: "{{ final.text }}"

        """
    }

    private static func readme(_ name: String) -> String {
        """
        # \(name)

        One agent answers a question, a second one looks at the answer and gives the final one.

        ```sh
        stoa playbook validate playbooks/\(name)
        stoa run \(name) --question "How many days are there in three weeks?"
        ```

        | parameter | type | default | meaning |
        |---|---|---|---|
        | `question` | string | required | the question to answer |

        """
    }
}
