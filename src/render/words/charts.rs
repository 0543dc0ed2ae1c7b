//! Words of the charts.

use super::*;

/// Over the table beside a chart.
pub const CHART_NUMBERS: &str = "The numbers";

/// Under the title of a chart: how to read it. The pictures are drawn on white.
pub const CHART_DOWNLOADS_READING: &str = "Each field is the number of downloads of one package that started then, the first one included; the darker, the more.";
pub const CHART_CYCLE: &str = "The cycle: from complete to the next start";
pub const CHART_CYCLE_READING: &str = "Each dot is one re-download: how long after the completion of the download before it started; the bar stands at the median. Dots at one place mean a fixed interval, such as that of a scheduled job.";
pub const CHART_CYCLE_AXIS: &str =
    "time from complete to the next start, the scale grows by factors";
pub const CHART_HOURS: &str = "Hours of the day in which files were removed";
pub const CHART_HOURS_AXIS: &str = "hour of the day, by the server's clock";
pub const CHART_VAIN_READING: &str = "Bytes of re-downloads of packages that had not changed: all verdicts but new version, changed files, changed path, an operator's order and undetermined.";
pub const CHART_VAIN_TOLD: &str = "by the bytes or blocks that the log states";
pub const CHART_VAIN_AT_MOST: &str =
    "at most: the log states neither, so the whole package is counted";
pub const CHART_FILES: &str = "Files that differ around each re-download";
pub const CHART_FILES_READING: &str = "Each column is a re-download, each row a file: what the snapshot after it has otherwise than the one before it. No sign means no difference, or no snapshots to compare.";
/// The row of what listings lack; they say how many, not which.
pub const CHART_FILES_MISSING: &str = "(files missing in a listing)";
/// Added, gone, changed, missing.
pub const CHART_FILES_LEGEND: [&str; 4] = [
    "+ new",
    "− gone",
    "≠ changed",
    "number of files that a listing before the re-download lacks",
];
pub const CHART_ERRORS: &str = "Errors by code";
pub const CHART_ERRORS_READING: &str = "Each bar is the number of records about packages that report this error. What a code means is that of public lists; a code that none of them names stands alone.";
/// An error whose record gives no code.
pub const NO_CODE: &str = "without a code";

/// `Downloads per day and package`.
pub fn chart_downloads(unit: &str) -> String {
    format!("Downloads per {unit} and package")
}

/// `Bytes downloaded in vain per day`.
pub fn chart_vain(unit: &str) -> String {
    format!("Bytes downloaded in vain per {unit}")
}

/// `and 3 packages more`.
pub fn more(number: usize, one: &str) -> String {
    format!("and {} more", count(number, one))
}

/// `3 packages more are not shown`.
pub fn left_out(number: usize, one: &str) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} more {are} not shown", count(number, one))
}

/// Years for which there is no room.
pub fn years_left_out(number: usize) -> Option<String> {
    (number > 0).then(|| format!("{} before these are not shown", count(number, "year")))
}

/// Re-downloads for which there is no room.
pub fn earlier_left_out(number: usize) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} before these {are} not shown",
        count(number, "re-download")
    )
}

/// Re-downloads of which no cycle is known.
pub fn cycle_unknown(number: usize) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} {are} not shown: the evidence does not state when the download before was complete",
        count(number, "re-download")
    )
}

/// `3 times, median 23 h 50 min, between 23 h and 24 h`.
pub fn cycle(lasted: &[i64]) -> String {
    let (Some(first), Some(last)) = (lasted.first(), lasted.last()) else {
        return String::new();
    };
    let middle = lasted[(lasted.len() - 1) / 2];
    match lasted.len() {
        1 => format!("once, {}", lasting(middle)),
        times => format!(
            "{times} times, median {}, between {} and {}",
            lasting(middle),
            lasting(*first),
            lasting(*last)
        ),
    }
}

/// The same beside the dots, which show the rest: `3 times, median 23 h 50 min`.
pub fn cycle_in_short(lasted: &[i64]) -> String {
    let told = cycle(lasted);
    told.split(", between")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A stretch of time in at most two units: `45 s`, `9 min 36 s`, `23 h 50 min`, `4 d 23 h`.
pub fn lasting(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let two = |large: i64, name: &str, small: i64, small_name: &str| match small {
        0 => format!("{large} {name}"),
        small => format!("{large} {name} {small} {small_name}"),
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

/// `122 MiB`, `1.5 GiB`, `900 bytes`: with three digits at most, rounded.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if number < 1024 {
        return format!("{number} bytes");
    }
    let mut value = number as f64;
    let mut unit = "";
    for name in UNITS {
        value /= 1024.0;
        unit = name;
        if value < 999.5 {
            break;
        }
    }
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// How to read the hours of removal.
pub fn hours_reading(windows: usize) -> String {
    format!(
        "Each bar is the number of removal windows, of {windows}, that touch this hour: a high bar is where to look for a scheduled job. The files went somewhere in a window, not all through it."
    )
}

/// Windows that say nothing about the hour.
pub fn windows_left_out(number: usize) -> Option<String> {
    let lasts = if number == 1 { "lasts" } else { "last" };
    (number > 0).then(|| {
        format!(
            "{} that {lasts} a day or longer left out: any hour would fit",
            count(number, "window")
        )
    })
}

/// What was downloaded in vain, in all.
pub fn vain_total(redownloads: usize, told: u64, at_most: u64) -> String {
    let sum = match (told, at_most) {
        (told, 0) => bytes(told),
        (0, most) => format!("at most {}", bytes(most)),
        (told, most) => format!("{} and at most {} more", bytes(told), bytes(most)),
    };
    format!("{} in vain: {sum}", count(redownloads, "re-download"))
}

/// One column of it.
pub fn vain_cell(told: u64, at_most: u64) -> String {
    match (told, at_most) {
        (told, 0) => bytes(told),
        (0, most) => format!("at most {}", bytes(most)),
        (told, most) => format!("{}, and at most {} more", bytes(told), bytes(most)),
    }
}

/// Those of which no size is known.
pub fn vain_unknown(number: usize) -> Option<String> {
    let are = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| {
        format!(
            "{} {are} of unknown size and not in the sum",
            count(number, "re-download")
        )
    })
}

/// Those that are not called in vain, although nothing changed as far as is known.
pub fn vain_others(orders: usize, undetermined: usize) -> Option<String> {
    let mut parts = vec![];
    if orders > 0 {
        parts.push(format!("{orders} that an operator asked for"));
    }
    if undetermined > 0 {
        parts.push(format!("{undetermined} undetermined"));
    }
    (!parts.is_empty()).then(|| format!("not counted: {}", parts.join(", ")))
}

/// How many re-downloads have a snapshot on both sides.
pub fn files_compared(number: usize) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!(
        "{} {have} a snapshot before and one after to compare",
        count(number, "re-download")
    )
}
