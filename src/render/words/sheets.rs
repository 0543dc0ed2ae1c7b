//! Words of `report.xlsx`. In headings `{zone}` stands for [`sheets::zone`].

use super::{count, full, offset};
use crate::model::{MissingWhileReady, Moment, TimeZoneUsed};

/// Headings with the widths of their columns in characters.
pub const VERDICTS: &[(&str, u16)] = &[
    ("Package", 34),
    ("Package id", 38),
    ("Server", 14),
    ("Started, or listed ({zone})", 24),
    ("Completed ({zone})", 24),
    ("Completed before ({zone})", 24),
    ("Verdict", 21),
    ("Grade", 14),
    ("What happened", 60),
    ("Files last seen ({zone})", 24),
    ("First seen missing ({zone})", 24),
    ("Actor", 24),
    ("Sources", 50),
    ("Reasons", 60),
    ("Ruled out", 60),
    ("Missing evidence", 60),
];
pub const TIMELINE: &[(&str, u16)] = &[
    ("Time ({zone})", 24),
    ("Time, end ({zone})", 24),
    ("Time (UTC)", 24),
    ("Server", 14),
    ("Package id", 38),
    ("Package", 30),
    ("Kind", 20),
    ("State", 18),
    ("Version", 14),
    ("Path", 40),
    ("Code", 12),
    ("Severity", 10),
    ("Component", 22),
    ("Process", 24),
    ("Thread", 9),
    ("Tick", 12),
    ("Message", 90),
    ("Sources", 40),
    ("Pattern", 24),
    ("Wording", 12),
];
pub const EVIDENCE: &[(&str, u16)] = &[
    ("Path", 60),
    ("Kind", 16),
    ("SHA-256", 66),
    ("Bytes", 12),
    ("Records", 10),
    ("Wording known", 14),
    ("Wording unknown", 16),
    ("From ({zone})", 24),
    ("To ({zone})", 24),
    ("Gaps", 60),
];
pub const PROBLEMS: &[(&str, u16)] = &[("Where", 60), ("What", 70), ("Cost", 60), ("Evidence", 10)];
/// The column `Evidence` of a problem.
pub const LOST: &str = "lost";
pub const NOTED: &str = "not lost";
/// In place of a verdict, where a listing lacks files of a package that was Ready.
pub const MISSING: &str = "missing while Ready";
pub const CUT_COST: &str = "none: timeline.csv and verdicts.json hold the whole text";
pub const NARROWED_COST: &str = "the sheet of verdicts lacks what was left out";
pub const NO_TEMPORARY_FILE: &str = "the workbook's temporary file cannot be written; is there room in the folder for temporary files?";

/// Which clock the times of a sheet show.
pub fn zone(zone: &TimeZoneUsed) -> String {
    let name = match (&zone.name, zone.offset) {
        (Some(name), _) => name.clone(),
        (None, Some(minutes)) => format!("UTC{}", offset(minutes)),
        (None, None) => "unknown zone".to_owned(),
    };
    format!("server's clock, {name}")
}

/// `12 of 12 files missing`.
pub fn missing(one: &MissingWhileReady) -> String {
    let files = count(one.files_listed as usize, "file");
    format!("{} of {files} missing in a listing", one.files_missing)
}

/// A stretch that a log does not cover.
pub fn gap(from: &Moment, to: &Moment) -> String {
    format!("{} to {}", full(from), full(to))
}

/// At the end of a text that a cell cannot hold: how much of it is left out.
pub fn cut_mark(units: usize) -> String {
    format!("… [cut: {units} more characters]")
}

/// The same, in the list of problems.
pub fn cut(units: usize, most: usize) -> String {
    format!("a text of {units} characters is cut: a cell holds {most}")
}
