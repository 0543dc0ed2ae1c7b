//! `captures.csv`: when the captures beside it were taken: `path,captured_at`.

use super::{csv, guessed_order};
use crate::ingest::Defect;
use crate::ingest::stamps::{self, DateOrder};
use crate::model::Stamp;

/// Whether a file begins with the header of a `captures.csv`.
pub fn recognise(prefix: &str) -> bool {
    columns(prefix).is_some()
}

/// The paths as written, each with its time, in the order of the file. Rows without either are left out.
///
/// ```
/// use pkgtrail::ingest::parsers::captures_csv::parse;
/// let (captures, _) = parse("path,captured_at\nset01/snapshot.xml,2022-04-08T02:19:00+02:00\n", None);
/// assert_eq!(captures[0].0, "set01/snapshot.xml");
/// assert_eq!(captures[0].1.offset, Some(120));
/// ```
pub fn parse(text: &str, option: Option<DateOrder>) -> (Vec<(String, Stamp)>, Vec<Defect>) {
    let Some((separator, path, time)) = columns(text) else {
        return (Vec::new(), Vec::new());
    };
    let records = csv::records(text, separator);
    let rows: Vec<(&str, &str)> = records
        .iter()
        .skip(1)
        .filter_map(|row| Some((row.cells.get(path)?.trim(), row.cells.get(time)?.trim())))
        .collect();
    let settled = stamps::settle(rows.iter().map(|(_, time)| time), option);
    let defects = settled.is_guess.then(guessed_order).into_iter().collect();
    let rows = rows
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .filter_map(|(path, time)| Some(((*path).to_owned(), stamps::parse(time, settled.order)?)))
        .collect();
    (rows, defects)
}

/// The separator, and where path and time stand.
fn columns(text: &str) -> Option<(char, usize, usize)> {
    let header = text.trim_start_matches('\u{FEFF}').lines().next()?;
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let records = csv::records(header, separator);
        let cells = &records.first()?.cells;
        let place = |names: &[&str]| {
            cells
                .iter()
                .position(|cell| names.contains(&cell.trim().to_lowercase().as_str()))
        };
        let path = place(&["path", "file"])?;
        Some((
            separator,
            path,
            place(&["captured_at", "captured", "capturedat"])?,
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_any_order_and_days_are_settled_by_the_file() {
        let text = "Captured_At;Path\r\n02.03.2025 04:05;\"a;b.xml\"\r\n03/02/2025 04:05;c\r\n13/02/2025 04:05;d\r\nlater;e\r\n";
        assert!(recognise(text));
        let read: Vec<String> = parse(text, None)
            .0
            .into_iter()
            .map(|(path, stamp)| format!("{path} {}", stamp.local))
            .collect();
        assert_eq!(
            read,
            [
                "a;b.xml 2025-03-02 04:05:00",
                "c 2025-02-03 04:05:00",
                "d 2025-02-13 04:05:00"
            ]
        );
    }

    #[test]
    fn other_tables_are_left_alone() {
        for text in [
            "",
            "path",
            "FullName,Length,LastWriteTime\n",
            "Date,GUID,State\n",
            "a path,captured_at\n",
        ] {
            assert!(!recognise(text), "{text}");
            assert_eq!(parse(text, None).0, []);
        }
    }
}
