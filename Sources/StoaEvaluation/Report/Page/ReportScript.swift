internal import StoaCore

/// The page's own lines of script: filters, and a search that forgives the case of letters.
enum ReportScript {
    static let source = """
        (() => {
          const items = [...document.querySelectorAll('.item')];
          const chips = [...document.querySelectorAll('[data-show]')];
          const find = document.getElementById('find');
          const none = document.getElementById('none');
          let show = 'all';
          const texts = items.map(item => item.textContent.toLowerCase());
          const apply = () => {
            const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
            let count = 0;
            items.forEach((item, index) => {
              const isShown = (show === 'all' || item.dataset.outcome === show)
                && words.every(word => texts[index].includes(word));
              item.hidden = !isShown;
              if (isShown) count += 1;
            });
            none.hidden = count > 0;
          };
          chips.forEach(chip => chip.addEventListener('click', () => {
            show = chip.dataset.show;
            chips.forEach(other => other.setAttribute('aria-pressed', String(other === chip)));
            apply();
          }));
          find.addEventListener('input', apply);
        })();
        """

    /// The digest by which the page's policy lets the script run, and nothing else.
    static var digest: String { Base64.encode(SHA256Digest(hashing: source.utf8).bytes) }
}
