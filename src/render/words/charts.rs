//! Words of the charts.

use super::*;

/// Over the table beside a chart.
pub const CHART_NUMBERS: &str = "The numbers";

/// Under the title of a chart: how to read it. The pictures are drawn on white.
pub const CHART_DOWNLOADS_READING: &str = "Each field is the number of downloads of one package that started then, the first one included; the darker, the more.";
pub const CHART_CYCLE: &str = "The cycle: from complete to the next start";
pub const CHART_CYCLE_READING: &str = "Each dot is a re-download: how long after the completion of the download before it started; the bar stands at the median. Many at one place may point to a fixed interval, such as that of a scheduled job; equal ones share a dot.";
pub const CHART_CYCLE_AXIS: &str =
    "time from complete to the next start, the scale grows by factors";
pub const CHART_HOURS: &str = "Hours of the day in which files were removed";
pub const CHART_HOURS_AXIS: &str = "hour of the day, by the server's clock";
pub const CHART_VAIN_READING: &str = "Bytes of re-downloads of packages that were whole and had not changed: their files or metadata were removed or cleaned up.";
pub const CHART_VAIN_TOLD: &str =
    "by the bytes that the log states, or by its blocks as a share of the newest snapshot's size";
pub const CHART_VAIN_AT_MOST: &str =
    "at most: the log states neither, so the whole package is counted, by its newest snapshot";
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
        "{} {are} not shown: the evidence does not state when the download before was complete, or not before the start",
        count(number, "re-download")
    )
}

/// `3 times, median 23 h 50 min, between 23 h and 24 h`.
pub fn cycle(lasted: &[i64]) -> String {
    let (Some(first), Some(last)) = (lasted.first(), lasted.last()) else {
        return String::new();
    };
    match lasted.len() {
        1 => cycle_in_short(lasted),
        _ => format!(
            "{}, between {} and {}",
            cycle_in_short(lasted),
            lasting(*first),
            lasting(*last)
        ),
    }
}

/// The median of ascending values; of an even number, the middle between the two.
pub fn median(ascending: &[i64]) -> Option<i64> {
    let half = ascending.len() / 2;
    let upper = *ascending.get(half)?;
    Some(match ascending.len() % 2 {
        1 => upper,
        _ => ascending[half - 1].midpoint(upper),
    })
}

/// The same beside the dots, which show the rest: `3 times, median 23 h 50 min`.
pub fn cycle_in_short(lasted: &[i64]) -> String {
    let Some(middle) = median(lasted) else {
        return String::new();
    };
    match lasted.len() {
        1 => format!("once, {}", lasting(middle)),
        times => format!("{times} times, median {}", lasting(middle)),
    }
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
            "{} that {lasts} a day or longer, or whose length the clock does not tell, left out: any hour would fit",
            count(number, "window")
        )
    })
}

/// What was downloaded in vain, in all.
pub fn vain_total(redownloads: usize, unknown: usize, told: u64, at_most: u64) -> String {
    let sum = match (told, at_most) {
        (told, 0) => bytes(told),
        (0, most) => format!("at most {}", bytes(most)),
        (told, most) => format!("{} and at most {} more", bytes(told), bytes(most)),
    };
    let all = count(redownloads, "re-download");
    match unknown {
        0 => format!("{all} in vain: {sum}"),
        some if some == redownloads => format!("{all} in vain"),
        some => format!("{all} in vain, {} of known size: {sum}", redownloads - some),
    }
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

/// Those whose cause is only likely.
pub fn vain_likely(number: usize) -> Option<String> {
    let are = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| format!("{number} of them {are} only likely to have been in vain"))
}

/// Those that are not called in vain, although nothing changed as far as is known.
pub fn vain_others(orders: usize, failed: usize, undetermined: usize) -> Option<String> {
    let mut parts = vec![];
    if orders > 0 {
        parts.push(format!("{orders} that an operator asked for"));
    }
    if failed > 0 {
        parts.push(format!("{failed} after a download that had failed"));
    }
    if undetermined > 0 {
        parts.push(format!("{undetermined} undetermined"));
    }
    (!parts.is_empty()).then(|| format!("not counted: {}", parts.join(", ")))
}

/// Files that differ and are too many to be laid side by side.
pub fn files_beyond(number: usize) -> Option<String> {
    let are = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| {
        format!(
            "{} more that differ {are} not in this chart; `pkgtrail snapshots` lists them",
            count(number, "file")
        )
    })
}

/// Under a chart that --since and --until do not narrow.
pub fn whole_period(narrowed: &str) -> String {
    format!("{narrowed}; this chart shows the whole period")
}

/// How many re-downloads have a snapshot on both sides.
pub fn files_compared(number: usize) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!(
        "{} {have} a snapshot before and one after to compare",
        count(number, "re-download")
    )
}
