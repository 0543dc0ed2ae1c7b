//! What a report folder is called by: its files have fixed names, and `verdicts.json` tells that it is ours.

/// The fixed names of the files of a report (`contract.md`).
pub const FILES: [&str; 10] = [
    "report.html",
    "timeline.png",
    "timeline.svg",
    "summary.md",
    "verdicts.json",
    "timeline.parquet",
    "timeline.csv",
    "report.xlsx",
    "timesketch.jsonl",
    "trace.json",
];

/// The folders in it.
pub const FOLDERS: [&str; 2] = ["pictures", "charts"];

/// Whether a file that begins so is a `verdicts.json` of ours. The first 200 bytes decide.
pub fn is_verdicts_head(head: &[u8]) -> bool {
    let head = &head[..head.len().min(200)];
    String::from_utf8_lossy(head).contains("\"schema\": \"pkgtrail-verdicts-")
}
