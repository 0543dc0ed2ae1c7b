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

/// How the texts among [`FILES`] begin. A `timesketch.jsonl` begins with evidence, so little is known of it.
const HEADS: [(&str, &str); 5] = [
    (
        "report.html",
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src",
    ),
    ("summary.md", "# Why packages were downloaded again"),
    (
        "timeline.csv",
        "time,time_end,utc,server,package,kind,state,version,path,code,severity,component,process,thread,tick,message,sources,pattern,wording\n",
    ),
    ("timesketch.jsonl", "{\"message\":"),
    ("trace.json", "{\"displayTimeUnit\":\"ms\",\"otherData\":{"),
];

/// Whether a file of this name that begins so is a text of a report of ours: for streams, where nobody
/// knows yet whether our `verdicts.json` lies beside it. The first 512 bytes decide.
pub fn is_own_head(name: &str, head: &[u8]) -> bool {
    let begins = |(known, text): &(&str, &str)| *known == name && head.starts_with(text.as_bytes());
    name == "verdicts.json" && is_verdicts_head(head) || HEADS.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_and_the_beginning_together_make_a_text_ours() {
        for (name, head) in HEADS {
            assert!(FILES.contains(&name));
            let more = format!("{head}...");
            assert!(is_own_head(name, more.as_bytes()), "{name}");
            assert!(!is_own_head("history.csv", more.as_bytes()), "{name}");
            assert!(!is_own_head(name, &more.as_bytes()[1..]), "{name}");
        }
        assert!(is_own_head(
            "verdicts.json",
            b"{\n  \"schema\": \"pkgtrail-verdicts-1\""
        ));
        assert!(!is_own_head("verdicts.json", b"{\"schema\": \"other\"}"));
        assert!(!is_own_head("timeline.csv", b"time,package,state\n"));
    }
}
