//! Words of the interactive timeline of the page.

use super::*;

/// Where the script cannot run to its end.
pub const LANES_FAILED: &str = "This browser cannot show the interactive timeline. The picture shows the same lanes, and the tables below hold the same facts.";
/// Above it.
pub const LANES_HINT: &str = "One lane per package, the sick ones first. Point at something to read what it is and the record behind it; click to keep it. Where several states share a pixel, the worst one is drawn. The tables below hold the same facts.";
/// For readers who do not see it.
pub const LANES_CANVAS: &str = "Interactive timeline. Arrow down selects the first item, arrow left and right go along a row, plus and minus zoom, N goes to the next re-download. The tables below hold the same facts.";
pub const LANES_OVERVIEW: &str =
    "Overview of the whole period; the frame is what the timeline shows. Drag it to move.";
pub const LANES_WINDOW: &str = "Files gone within this window";

pub const LANES_GONE: &str = "Ready, but files missing";

/// What each key does.
pub const LANES_KEYS: [(&str, &str); 13] = [
    (
        "Wheel, + and -",
        "zoom in and out, once the timeline was clicked or with Ctrl; with Shift the wheel moves in time, over the names it scrolls the lanes",
    ),
    ("Drag, Shift + arrow left and right", "move in time"),
    (
        "Arrow left and right",
        "previous and next item of the row; without a selection, move in time",
    ),
    ("Arrow up and down", "row above and below, across lanes"),
    ("Page up and Page down", "previous and next lane"),
    ("N and P", "next and previous re-download"),
    (
        "Enter, Space, click",
        "keep what is selected below the timeline, with its record and links",
    ),
    ("Escape", "let it go; again: select nothing"),
    ("Home and End", "begin and end of the period"),
    ("0", "show the whole period"),
    ("Double click", "zoom in there"),
    ("Click on a name, E", "unfold or fold a lane"),
    (
        "Address bar",
        "it names the view and the selection: copy it to show somebody else the same",
    ),
];

/// The sentences of its script, by the names that it uses; `{}` is filled in.
pub const LANES: &[(&str, &str)] = &[
    ("all_kinds", "all kinds"),
    ("all_packages", "all packages"),
    ("all_verdicts", "all verdicts"),
    ("close", "Close"),
    ("count", "{} of {} items in {} of {} lanes match."),
    ("count_all", "In all: {} items in {} lanes."),
    ("disk", row(Row::Disk)),
    ("download", "Downloads"),
    ("error", row(Row::Error)),
    ("from_to", "{} to {}"),
    ("gone", LANES_GONE),
    (
        "here",
        "and {} more of this row at this place; zoom in to tell them apart",
    ),
    ("item", "{}, {} of {}"),
    ("jump", "a re-download"),
    ("link", "Link to this view"),
    ("no_end", "{}, end not known"),
    ("no_more", "No more re-downloads in this direction."),
    ("no_place", "no single record: see the proof"),
    ("no_raw", "the record is not kept for this place"),
    ("nothing", "Nothing matches; change the filters above."),
    ("nothing_selected", "Nothing selected."),
    ("on", "{} on {}"),
    ("proof", "Proof of this re-download"),
    ("proof_package", "All about this package"),
    ("range", "Shown: {} to {}."),
    ("snapshot", row(Row::Snapshot)),
    ("state", "States"),
    ("status", row(Row::Status)),
    ("verdict", "Verdicts"),
    ("wait", "The records are still being unpacked."),
    ("window", "Removal windows"),
];

/// English, whatever the language of the reader's browser.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// On a listing that lacks files while the package was Ready.
pub fn lanes_gone(missing: u32, listed: u32) -> String {
    format!(
        "Ready, but {missing} of {} missing",
        count(listed as usize, "file")
    )
}

/// At the end of a raw text that is too long for the tooltip.
pub fn lanes_cut(left: usize, place: &str) -> String {
    format!(
        " […cut here: {} more stand at {place}]",
        count(left, "character")
    )
}
