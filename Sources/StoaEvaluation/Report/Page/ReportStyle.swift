/// How the page looks: quiet, so that the numbers speak; light or dark as the reader's system is.
enum ReportStyle {
    static let css = """
        :root{color-scheme:light dark;--ink:#1c1f24;--quiet:#656b75;--page:#fbfaf8;--card:#fff;--rule:#e5e2dc;\
        --accent:#22577a;--soft:#22577a26;--right:#2b8a5f;--wrong:#c2512f;--silent:#8d8678;--failed:#8a3ffc;\
        --second:#c98a1b;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        @media (prefers-color-scheme:dark){:root{--ink:#e8e6e1;--quiet:#9a9ea6;--page:#15171a;--card:#1c1f23;\
        --rule:#2e3238;--accent:#7fb7dc;--soft:#7fb7dc2b;--right:#62c296;--wrong:#ee8a68;--silent:#a79f8e;\
        --failed:#bd94ff;--second:#e4b45c}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Helvetica Neue","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:1080px;margin:0 auto;padding:48px 28px 80px}
        h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:0 0 6px;font-weight:680}
        h2{font-size:17px;letter-spacing:-.005em;margin:0 0 14px;font-weight:640}
        p{margin:0}.summary{font-size:17px;max-width:46em;margin-bottom:8px}.quiet,small{color:var(--quiet)}
        code,pre{font-family:var(--mono);font-size:.88em}strong{font-weight:640}
        section{margin-top:44px}
        .hero{display:grid;grid-template-columns:minmax(260px,5fr) 7fr;gap:20px 44px;align-items:center;\
        background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:28px 32px;margin-top:30px}
        .figure{font-size:64px;line-height:1;letter-spacing:-.04em;font-weight:680;font-variant-numeric:tabular-nums}
        .under{margin:8px 0 16px;color:var(--quiet)}.under strong{color:var(--ink);white-space:nowrap}
        .range{position:relative;height:12px;border-radius:6px;background:var(--soft)}
        .range .band{position:absolute;top:0;bottom:0;border-radius:6px;background:var(--accent);opacity:.45;\
        min-width:3px}
        .range .mark{position:absolute;top:-3px;bottom:-3px;width:4px;margin-left:-2px;border-radius:2px;\
        background:var(--accent)}
        .range.small{height:8px;min-width:120px}
        .ends{display:flex;justify-content:space-between;font-size:12px;color:var(--quiet);margin-top:5px}
        .tiles{display:grid;align-items:start;grid-template-columns:repeat(auto-fill,minmax(118px,1fr));gap:18px 22px;margin:0}
        .tiles dt{font-size:12.5px;color:var(--quiet)}.tiles dd{margin:1px 0 0;font-size:21px;font-weight:620;\
        letter-spacing:-.01em;font-variant-numeric:tabular-nums;line-height:1.25}
        .tiles small{display:block;font-size:12px;font-weight:400;letter-spacing:0}
        figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:18px 20px 12px}
        figure svg{display:block;width:100%;height:auto;max-height:430px}
        figcaption{font-size:13px;color:var(--quiet);margin:8px 4px 4px}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:0 28px;align-items:start}
        svg text{fill:var(--quiet);font-size:12px;font-family:inherit}svg .name{fill:var(--ink);font-weight:600}svg .key{fill:var(--ink)}
        svg .grid{stroke:var(--rule)}svg .axis,svg .tickmark{stroke:var(--quiet);stroke-opacity:.6}
        svg .line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
        svg .line.ceiling{stroke:var(--second);stroke-dasharray:5 4}
        svg .dot{fill:var(--accent)}svg .dot.ceiling{fill:var(--second)}
        svg .own circle{fill:var(--accent)}svg .own .whisker{stroke:var(--accent);stroke-width:1.8}
        svg .other circle{fill:var(--card);stroke:var(--quiet);stroke-width:2}
        svg .other .whisker{stroke:var(--quiet);stroke-width:1.3}svg .other .name{fill:var(--quiet);font-weight:500}
        svg .diagonal{stroke:var(--quiet);stroke-dasharray:3 4;stroke-opacity:.7}svg .mass{fill:var(--soft)}
        table{border-collapse:collapse;width:100%;margin-top:16px;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--rule);font-weight:400;\
        vertical-align:middle}
        thead th{font-size:12.5px;color:var(--quiet)}tbody th{font-weight:600}.n{text-align:right;white-space:nowrap}
        td:last-child,th:last-child{padding-right:0}
        .tables{display:grid;gap:26px}.strata{margin:0;table-layout:fixed}.strata .n{width:104px}.strata .n.quiet,.strata th:last-child{width:132px}.strata .wide{width:34%;padding-left:18px}.strata thead .wide{text-align:center}
        .filter{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:center;margin-bottom:12px}
        .filter input{flex:1 1 240px;font:inherit;color:inherit;background:var(--card);border:1px solid var(--rule);\
        border-radius:9px;padding:8px 12px}
        .chips{display:flex;flex-wrap:wrap;gap:6px}
        .chips button{font:inherit;font-size:13.5px;color:inherit;background:none;border:1px solid var(--rule);\
        border-radius:999px;padding:5px 12px;cursor:pointer;display:inline-flex;gap:6px;align-items:center}
        .chips b{font-weight:400;color:var(--quiet);font-variant-numeric:tabular-nums}
        .chips button[aria-pressed=true]{background:var(--soft);border-color:var(--accent)}
        .chips i{width:9px;height:9px;border-radius:50%}
        input:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        .item-grid{display:grid;grid-template-columns:24px minmax(0,5fr) minmax(0,2fr) minmax(0,2fr) 64px 76px;gap:12px;\
        align-items:baseline;font-variant-numeric:tabular-nums}
        .head{padding:4px 12px 6px;color:var(--quiet);font-size:12.5px}
        #items{border:1px solid var(--rule);border-radius:14px;overflow:hidden;background:var(--card)}
        .item+.item{border-top:1px solid var(--rule)}.item[hidden]+.item{border-top:0}
        .item summary{padding:9px 12px;cursor:pointer;list-style:none}.item summary::-webkit-details-marker{display:none}
        .item summary:hover,.item[open] summary{background:var(--soft)}
        .item i{font-style:normal;text-align:center;font-weight:700}
        i.right{color:var(--right)}i.wrong{color:var(--wrong)}i.silent{color:var(--silent)}i.failed{color:var(--failed)}
        .chips i.right{background:var(--right)}.chips i.wrong{background:var(--wrong)}\
        .chips i.silent{background:var(--silent)}.chips i.failed{background:var(--failed)}
        .what,.said{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.what b{font-weight:600;margin-right:4px}
        .what em{font-style:normal;color:var(--quiet)}.said{font-family:var(--mono);font-size:13px}
        .body{padding:6px 20px 22px 48px;border-top:1px solid var(--rule)}
        .facts{display:grid;grid-template-columns:max-content 1fr;gap:5px 18px;margin:14px 0 18px}
        .facts dt{color:var(--quiet);font-size:13.5px}.facts dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
        .talk{display:grid;gap:10px}
        .turn{border-left:3px solid var(--rule);padding:2px 0 2px 14px}.turn.spoken{border-color:var(--accent)}
        .turn.tool{border-color:var(--second)}.turn.thought{border-color:var(--accent);border-left-style:dotted}
        .turn.spoken .who,.turn.thought .who{color:var(--accent)}
        .who{font-size:13px;font-weight:600}.who span{color:var(--quiet);font-weight:400;margin-left:4px}
        pre{margin:4px 0 0;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.5}.given pre{color:var(--quiet)}
        pre.output{border-top:1px dashed var(--rule);padding-top:4px}
        #none{padding:22px;text-align:center;color:var(--quiet)}
        footer{margin-top:52px;padding-top:18px;border-top:1px solid var(--rule);color:var(--quiet);font-size:13.5px;\
        display:grid;gap:6px;max-width:62em}
        @media (max-width:760px){main{padding:28px 16px 60px}.hero{grid-template-columns:1fr;padding:22px}\
        .figure{font-size:52px}.item-grid{grid-template-columns:20px minmax(0,1fr) minmax(0,90px)}\
        .item-grid>:nth-child(n+4){display:none}.body{padding-left:20px}.strata .wide{display:none}}
        @media print{.filter,.head{display:none}.item{break-inside:avoid}body{background:#fff}}
        """
}
