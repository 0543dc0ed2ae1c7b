//! `report.xlsx`: verdicts, timeline, evidence and problems as sheets with dates and filters.
//!
//! Every text is written as text, so that no cell is ever a formula. Rows go through a temporary
//! file as they are written, so a long timeline costs no memory; what a sheet or a cell cannot hold
//! goes on in another sheet or is cut with a mark, and each cut is a row of the sheet of problems.

use super::package_names;
use super::text::{clean, clean_case};
use super::words::{self, sheets};
use crate::model::{Case, Event, EvidenceFile, Moment, PackageCase, PackageId, Redownload};
use crate::timeline::Row;
use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};

/// Rows of a sheet, its heading among them: the limit of the format.
const MOST_ROWS: u32 = 1_048_576;
/// UTF-16 units in a cell: the limit of the format.
const MOST_UNITS: usize = 32_767;
/// Days between the zero of the format and 1970.
const DAYS_TO_1970: f64 = 25_569.0;
/// 1900-03-01 to 9999-12-31 in milliseconds since 1970. Before it the format counts a day that never was.
const DATES: std::ops::Range<i64> = -2_203_891_200_000..253_402_300_800_000;
/// Whole numbers up to this are exact in a cell.
const EXACT: u64 = 1 << 53;

/// Writes the workbook. The same case and events give the same bytes.
///
/// # Errors
/// When `out` or the temporary file cannot be written to.
pub fn write(case: &Case, events: &[Event], out: &mut dyn Write) -> io::Result<()> {
    // The library panics where its temporary file cannot be written to, for example on a full disk.
    let made = catch_unwind(AssertUnwindSafe(|| book(case, events, MOST_ROWS)));
    out.write_all(&settled(made)?)
}

/// The bytes, or the error. A panic with another cause goes on.
fn settled(made: std::thread::Result<Result<Vec<u8>, XlsxError>>) -> io::Result<Vec<u8>> {
    match made {
        // Without its chain of causes, which says the same again.
        Ok(made) => made.map_err(|error| io::Error::other(error.to_string())),
        Err(payload) if is_unwritable(payload.as_ref()) => {
            Err(io::Error::other(sheets::NO_TEMPORARY_FILE))
        }
        Err(payload) => resume_unwind(payload),
    }
}

/// Whether a panic is one of those that [`write`] gives back as an error, so that nobody need print it.
pub fn is_told(about: &PanicHookInfo<'_>) -> bool {
    let place = about.location().map_or("", |place| place.file());
    place.contains("rust_xlsxwriter") && is_unwritable(about.payload())
}

/// Whether the library panics because it cannot write, by its words (rust_xlsxwriter 0.102).
fn is_unwritable(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.is_some_and(|text| {
        text.starts_with("Couldn't write to xml file")
            || text.starts_with("called `Result::unwrap()` on an `Err` value: Os {")
    })
}

/// The workbook with at most `most_rows` rows on each sheet.
fn book(case: &Case, events: &[Event], most_rows: u32) -> Result<Vec<u8>, XlsxError> {
    let case = &clean_case(case);
    let mut book = Book {
        workbook: Workbook::new(),
        heading: Format::new().set_bold(),
        second: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        fraction: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
        whole: Format::new().set_num_format("0"),
        most_rows,
        cut: Vec::new(),
    };
    book.workbook.set_properties(&properties(case)?);
    let zone = sheets::zone(&case.zone);
    let mut pages = Pages::begin(&mut book, "Verdicts", sheets::VERDICTS, &zone)?;
    for package in &case.packages {
        for one in &package.redownloads {
            pages.row(&mut book, verdict(case, package, one))?;
        }
        for one in &package.missing_while_ready {
            let mut cells = about(package);
            cells.extend([Cell::Time(one.at), Cell::None, Cell::None]);
            cells.extend([Cell::text(sheets::MISSING), Cell::None]);
            cells.push(Cell::Text(sheets::missing(one)));
            cells.extend([Cell::None, Cell::None, Cell::None]);
            cells.extend([cites(case, &one.sources)]);
            pages.row(&mut book, cells)?;
        }
    }
    pages.end(&mut book)?;
    let mut pages = Pages::begin(&mut book, "Timeline", sheets::TIMELINE, &zone)?;
    let names = package_names(case);
    for event in events {
        pages.row(&mut book, happened(case, &names, event))?;
    }
    pages.end(&mut book)?;
    let mut pages = Pages::begin(&mut book, "Evidence", sheets::EVIDENCE, &zone)?;
    for one in &case.evidence {
        pages.row(&mut book, file(one))?;
    }
    pages.end(&mut book)?;
    let mut pages = Pages::begin(&mut book, "Problems", sheets::PROBLEMS, &zone)?;
    for one in &case.problems {
        let lost = if one.lost {
            sheets::LOST
        } else {
            sheets::NOTED
        };
        let texts = [one.place.to_string(), one.defect.clone(), one.cost.clone()];
        let cells = texts.into_iter().map(Cell::Text).chain([Cell::text(lost)]);
        pages.row(&mut book, cells.collect())?;
    }
    if let Some(narrowed) = words::narrowed(case) {
        let texts = [
            "report.xlsx".to_owned(),
            narrowed,
            sheets::NARROWED_COST.to_owned(),
        ];
        let cells = texts.into_iter().map(Cell::Text);
        let cells = cells.chain([Cell::text(sheets::NOTED)]).collect();
        pages.row(&mut book, cells)?;
    }
    // Also those of the problems themselves, so by number: the list grows while it is written.
    let mut told = 0;
    while let Some((place, units)) = book.cut.get(told).cloned() {
        let cost = sheets::CUT_COST.to_owned();
        let texts = [place, sheets::cut(units, MOST_UNITS), cost];
        let cells = texts.into_iter().map(Cell::Text);
        let cells = cells.chain([Cell::text(sheets::NOTED)]).collect();
        pages.row(&mut book, cells)?;
        told += 1;
    }
    pages.end(&mut book)?;
    book.workbook.save_to_buffer()
}

/// The end of the evidence as the date of creation: the clock would make every file another one.
fn properties(case: &Case) -> Result<DocProperties, XlsxError> {
    let end = case.period.map(|(_, end)| end.local());
    let end = end.filter(|end| (1900..=9999).contains(&end.year()));
    let created = match end {
        Some(end) => {
            let small = |number: u32| u8::try_from(number).unwrap_or(1);
            let year = u16::try_from(end.year()).unwrap_or(2000);
            ExcelDateTime::from_ymd(year, small(end.month()), small(end.day()))?.and_hms(
                u16::from(small(end.hour())),
                small(end.minute()),
                end.second(),
            )?
        }
        None => ExcelDateTime::from_ymd(2000, 1, 1)?,
    };
    Ok(DocProperties::new()
        .set_title(words::report_title(case))
        .set_author(words::TOOL)
        .set_creation_datetime(&created))
}

struct Book {
    workbook: Workbook,
    heading: Format,
    second: Format,
    fraction: Format,
    whole: Format,
    most_rows: u32,
    /// Cells whose text was cut, and how many units it had.
    cut: Vec<(String, usize)>,
}

/// What stands in a cell.
enum Cell {
    None,
    Text(String),
    /// A size or count.
    Count(u64),
    Number(i64),
    /// The server's clock.
    Time(Moment),
    /// The end of a stretch by the server's clock.
    TimeEnd(Moment),
    Utc(Moment),
}

impl Cell {
    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    /// Text from an event, which is not clean yet.
    fn raw(text: Option<&str>) -> Cell {
        text.map_or(Cell::None, |text| Cell::Text(clean(text)))
    }

    fn time(at: Option<Moment>) -> Cell {
        at.map_or(Cell::None, Cell::Time)
    }
}

/// A sheet, and those that follow it when it is full.
struct Pages<'a> {
    title: &'static str,
    columns: &'a [(&'static str, u16)],
    zone: &'a str,
    /// How many sheets there are of it, and the place of the last in the workbook.
    count: u32,
    place: usize,
    /// The next row.
    next: u32,
}

impl<'a> Pages<'a> {
    fn begin(
        book: &mut Book,
        title: &'static str,
        columns: &'a [(&'static str, u16)],
        zone: &'a str,
    ) -> Result<Pages<'a>, XlsxError> {
        let mut pages = Pages {
            title,
            columns,
            zone,
            count: 0,
            place: 0,
            next: 0,
        };
        pages.sheet(book)?;
        Ok(pages)
    }

    fn name(&self) -> String {
        match self.count {
            1 => self.title.to_owned(),
            more => format!("{} {more}", self.title),
        }
    }

    fn sheet(&mut self, book: &mut Book) -> Result<(), XlsxError> {
        self.count += 1;
        let name = self.name();
        self.place = book.workbook.worksheets().len();
        let sheet = book.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for ((title, width), column) in self.columns.iter().zip(0_u16..) {
            let title = title.replace("{zone}", self.zone);
            sheet.set_column_width(column, f64::from(*width))?;
            sheet.write_string_with_format(0, column, title, &book.heading)?;
        }
        self.next = 1;
        Ok(())
    }

    fn end(&mut self, book: &mut Book) -> Result<(), XlsxError> {
        let last = (0_u16..)
            .zip(self.columns)
            .last()
            .map_or(0, |(last, _)| last);
        let sheet = book.workbook.worksheet_from_index(self.place)?;
        sheet.autofilter(0, 0, self.next.saturating_sub(1), last)?;
        Ok(())
    }

    fn row(&mut self, book: &mut Book, cells: Vec<Cell>) -> Result<(), XlsxError> {
        if self.next >= book.most_rows {
            self.end(book)?;
            self.sheet(book)?;
        }
        let row = self.next;
        self.next += 1;
        let name = self.name();
        let (formats, sheet) = (
            (&book.second, &book.fraction, &book.whole),
            book.workbook.worksheet_from_index(self.place)?,
        );
        for (cell, column) in cells.into_iter().zip(0_u16..) {
            let text = match put(sheet, (row, column), cell, formats)? {
                Some(text) => text,
                None => continue,
            };
            let (text, units) = held(text);
            if let Some(units) = units {
                let cell = rust_xlsxwriter::utility::row_col_to_cell(row, column);
                book.cut
                    .push((format!("report.xlsx, {name}!{cell}"), units));
            }
            sheet.write_string(row, column, text)?;
        }
        Ok(())
    }
}

/// Writes a number or a date; gives back what is to be written as text.
fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: Cell,
    (second, fraction, whole): (&Format, &Format, &Format),
) -> Result<Option<String>, XlsxError> {
    let mut date = |ms: i64, at: &Moment, shown: String| -> Result<Option<String>, XlsxError> {
        if !DATES.contains(&ms) {
            return Ok(Some(shown));
        }
        // A spreadsheet rounds what it does not show: a stretch of a second ends within that second.
        let (ms, format) = if at.fraction {
            (ms, fraction)
        } else {
            (ms - ms.rem_euclid(1_000), second)
        };
        #[allow(
            clippy::cast_precision_loss,
            reason = "milliseconds up to the year 9999 are exact"
        )]
        let days = ms as f64 / 86_400_000.0 + DAYS_TO_1970;
        sheet.write_number_with_format(row, column, days, format)?;
        Ok(None)
    };
    let local = |at: &Moment| at.local().and_utc().timestamp_millis();
    match cell {
        Cell::None => Ok(None),
        Cell::Text(text) => Ok(Some(text)),
        Cell::Time(at) => date(local(&at), &at, at.shown()),
        Cell::TimeEnd(at) => {
            let end = Moment {
                start: at.end - 1,
                ..at
            };
            date(local(&end), &at, at.shown_end())
        }
        Cell::Utc(at) => match at.utc() {
            Some(shown) => date(at.start, &at, shown),
            None => Ok(None),
        },
        Cell::Count(number) if number > EXACT => Ok(Some(number.to_string())),
        Cell::Number(number) if number.unsigned_abs() > EXACT => Ok(Some(number.to_string())),
        Cell::Count(_) | Cell::Number(_) => {
            #[allow(
                clippy::cast_precision_loss,
                reason = "larger numbers are written as text"
            )]
            let number = match cell {
                Cell::Count(number) => number as f64,
                Cell::Number(number) => number as f64,
                _ => 0.0,
            };
            sheet.write_number_with_format(row, column, number, whole)?;
            Ok(None)
        }
    }
}

/// Text as long as a cell holds, with a mark if it was cut, and how many units it had.
fn held(text: String) -> (String, Option<usize>) {
    // Bytes are never fewer than units, so most texts need no count.
    if text.len() <= MOST_UNITS {
        return (text, None);
    }
    let all = text.encode_utf16().count();
    if all <= MOST_UNITS {
        return (text, None);
    }
    // No more units are left out than there are, so the mark gets no longer than this.
    let room = MOST_UNITS - sheets::cut_mark(all).encode_utf16().count();
    let mut used = 0;
    let mut kept = String::new();
    for one in text.chars() {
        if used + one.len_utf16() > room {
            break;
        }
        used += one.len_utf16();
        kept.push(one);
    }
    (kept + &sheets::cut_mark(all - used), Some(all))
}

fn about(package: &PackageCase) -> Vec<Cell> {
    vec![
        Cell::Text(words::title(package)),
        Cell::Text(package.id.to_string()),
        package.server.as_deref().map_or(Cell::None, Cell::text),
    ]
}

fn verdict(case: &Case, package: &PackageCase, one: &Redownload) -> Vec<Cell> {
    let lines = |texts: Vec<String>| match texts.is_empty() {
        true => Cell::None,
        false => Cell::Text(texts.join(" ")),
    };
    let mut reasons: Vec<String> = one.reasons.iter().map(|one| one.text.clone()).collect();
    reasons.extend(one.doubts.iter().map(words::doubt));
    reasons.extend(one.assumed_wording.then(|| words::ASSUMED.to_owned()));
    let sources: Vec<_> = one.reasons.iter().flat_map(|one| &one.sources).collect();
    let sources: std::collections::BTreeSet<_> = sources.into_iter().copied().collect();
    let ruled_out = one.ruled_out.iter();
    let ruled_out = ruled_out.map(|one| format!("{}: {}", one.verdict.name(), one.text));
    let missing = one.missing_evidence.iter().map(|one| format!("{one}."));
    let mut cells = about(package);
    cells.extend([
        Cell::Time(one.started_at),
        Cell::time(one.completed_at),
        Cell::time(one.previous_completed_at),
        Cell::text(one.verdict.name()),
        Cell::text(one.grade.name()),
        Cell::text(&one.summary),
        Cell::time(one.window.map(|window| window.after)),
        Cell::time(one.window.map(|window| window.before)),
        one.actor.as_deref().map_or(Cell::None, Cell::text),
        cites(case, &sources.into_iter().collect::<Vec<_>>()),
        lines(reasons),
        lines(ruled_out.collect()),
        lines(missing.collect()),
    ]);
    cells
}

fn cites(case: &Case, sources: &[crate::model::SourceRef]) -> Cell {
    let sources = super::argument::raw_first(case, sources);
    let places: Vec<String> = sources.iter().map(|one| case.cite(*one)).collect();
    Cell::Text(places.join("; "))
}

fn happened(case: &Case, names: &BTreeMap<PackageId, &str>, event: &Event) -> Vec<Cell> {
    let cite = |source| case.cite(source);
    let row = Row::new(event, &cite);
    let number = |number: Option<i64>| number.map_or(Cell::None, Cell::Number);
    let count = |number: Option<u64>| number.map_or(Cell::None, Cell::Count);
    let name = event.package.and_then(|id| names.get(&id).copied());
    vec![
        Cell::Time(event.at),
        Cell::TimeEnd(event.at),
        Cell::Utc(event.at),
        Cell::raw(row.server),
        Cell::raw(row.package.as_deref()),
        Cell::raw(name),
        Cell::raw(Some(row.kind)),
        Cell::raw(row.state),
        number(row.version),
        Cell::raw(row.path),
        Cell::raw(row.code.as_deref()),
        number(row.severity.map(i64::from)),
        Cell::raw(row.component),
        Cell::raw(row.process),
        number(row.thread.map(i64::from)),
        count(row.tick),
        Cell::raw(Some(row.message)),
        Cell::Text(row.sources.join("; ")),
        Cell::raw(row.pattern),
        Cell::raw(row.wording),
    ]
}

fn file(file: &EvidenceFile) -> Vec<Cell> {
    let gap = |gap: &crate::model::Gap| sheets::gap(&gap.from, &gap.to);
    let gaps: Vec<String> = file.gaps.iter().map(gap).collect();
    vec![
        Cell::text(&file.path),
        Cell::text(file.kind),
        Cell::text(&file.sha256),
        Cell::Count(file.bytes),
        Cell::Count(file.records),
        Cell::Count(file.matched),
        Cell::Count(file.unmatched),
        Cell::time(file.from),
        Cell::time(file.to),
        Cell::Text(gaps.join("; ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    type Read = Xlsx<io::Cursor<Vec<u8>>>;

    fn read(bytes: Vec<u8>) -> Read {
        Xlsx::new(io::Cursor::new(bytes)).unwrap()
    }

    fn made(case: &Case, events: &[Event], most_rows: u32) -> Read {
        read(book(case, events, most_rows).unwrap())
    }

    fn event(message: &str) -> Event {
        Event {
            at: fixture::at("2026-11-03 02:40:00"),
            server: None,
            sources: [fixture::source(0, 7)].into(),
            record: None,
            said: crate::model::Said {
                message: message.into(),
                ..Default::default()
            }
            .into(),
        }
    }

    /// The cell in `row` below the heading, in the column whose heading begins so.
    fn cell(sheets: &mut Read, sheet: &str, row: usize, column: &str) -> Data {
        let range = sheets.worksheet_range(sheet).unwrap();
        let heads = range.rows().next().unwrap();
        let begins = |head: &Data| head.to_string().starts_with(column);
        let place = heads.iter().position(begins).unwrap();
        range.get((row, place)).cloned().unwrap_or(Data::Empty)
    }

    fn rows(sheets: &mut Read, sheet: &str) -> usize {
        sheets.worksheet_range(sheet).unwrap().height() - 1
    }

    #[test]
    fn every_table_has_its_sheet_and_every_row_is_there() {
        let case = fixture::case();
        let mut sheets = made(&case, &[event("a"), event("b")], MOST_ROWS);
        let names = ["Verdicts", "Timeline", "Evidence", "Problems"];
        assert_eq!(sheets.sheet_names(), names);
        let missing = case
            .packages
            .iter()
            .map(|one| one.missing_while_ready.len());
        let verdicts = case.redownloads().count() + missing.sum::<usize>();
        assert_eq!(rows(&mut sheets, "Verdicts"), verdicts);
        assert_eq!(rows(&mut sheets, "Timeline"), 2);
        assert_eq!(rows(&mut sheets, "Evidence"), case.evidence.len());
        assert_eq!(rows(&mut sheets, "Problems"), case.problems.len());
        let verdict = cell(&mut sheets, "Verdicts", 1, "Verdict");
        assert_eq!(verdict.to_string(), "external-removal");
    }

    #[test]
    fn times_are_dates_of_the_clock_that_the_heading_names() {
        let mut sheets = made(&fixture::case(), &[event("a")], MOST_ROWS);
        let shown = |data: Data| match data {
            Data::DateTime(at) => {
                let (year, month, day, hour, minute, second, ms) = at.to_ymd_hms_milli();
                format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}")
            }
            other => panic!("{other:?} is no date"),
        };
        let zoned = "Time (server's clock, W. Europe Standard Time)";
        let time = cell(&mut sheets, "Timeline", 1, zoned);
        assert_eq!(shown(time), "2026-11-03 02:40:00.000");
        let end = cell(&mut sheets, "Timeline", 1, "Time, end");
        assert_eq!(shown(end), "2026-11-03 02:40:00.000", "not rounded up");
        let utc = cell(&mut sheets, "Timeline", 1, "Time (UTC)");
        assert_eq!(shown(utc), "2026-11-03 01:40:00.000");
        // A listing that lacks files has its own time there.
        let heading = "Started, or listed (server's clock, W. Europe Standard Time)";
        let started = cell(&mut sheets, "Verdicts", 1, heading);
        assert_eq!(shown(started), "2026-11-02 03:00:05.000");
        let from = cell(&mut sheets, "Evidence", 1, "From");
        assert_eq!(shown(from), "2026-10-28 00:00:12.000");
        let mut unknown = event("a");
        unknown.at = Moment::exact(1_762_131_600_250, None);
        let mut sheets = made(&Case::default(), &[unknown], MOST_ROWS);
        let time = cell(
            &mut sheets,
            "Timeline",
            1,
            "Time (server's clock, unknown zone)",
        );
        assert_eq!(shown(time), "2025-11-03 01:00:00.250");
        assert_eq!(cell(&mut sheets, "Timeline", 1, "Time (UTC)"), Data::Empty);
        let mut early = event("a");
        early.at = Moment::exact(-3_000_000_000_000, None);
        let mut sheets = made(&Case::default(), &[early], MOST_ROWS);
        let time = cell(&mut sheets, "Timeline", 1, "Time (").to_string();
        assert!(time.starts_with("1874-12-07T"), "{time}");
    }

    #[test]
    fn no_text_becomes_a_formula_or_markup() {
        let payloads = [
            "=1+1",
            "+1",
            "-2+3+cmd|' /C calc'!A0",
            "@SUM(1)",
            "\t=1",
            "{=1+1}",
            "=HYPERLINK(\"http://x\")",
            "http://example.com",
            "<r><t>rich</t></r>",
            "_x0041_",
            "&lt;b&gt;",
            "0012",
            "1e5",
        ];
        let events: Vec<Event> = payloads.iter().map(|text| event(text)).collect();
        let bytes = book(&Case::default(), &events, MOST_ROWS).unwrap();
        let mut sheets = read(bytes);
        let formulas = sheets.worksheet_formula("Timeline").unwrap();
        assert!(formulas.used_cells().next().is_none());
        for (payload, row) in payloads.iter().zip(1..) {
            let read = cell(&mut sheets, "Timeline", row, "Message");
            assert!(matches!(read, Data::String(_)), "{payload}: {read:?}");
            // calamine leaves the escape of the format as it is; Excel shows `_x0041_`.
            let text = read.to_string().replace("_x005F_", "_");
            assert_eq!(text, clean(payload).replace("_x005F_", "_"));
        }
    }

    #[test]
    fn a_full_sheet_goes_on_in_another() {
        let events: Vec<Event> = (0..25).map(|at| event(&format!("m{at}"))).collect();
        let mut sheets = made(&Case::default(), &events, 11);
        let names: Vec<String> = sheets.sheet_names();
        assert_eq!(
            names,
            [
                "Verdicts",
                "Timeline",
                "Timeline 2",
                "Timeline 3",
                "Evidence",
                "Problems"
            ]
        );
        let counts = ["Timeline", "Timeline 2", "Timeline 3"].map(|one| rows(&mut sheets, one));
        assert_eq!(counts, [10, 10, 5]);
        let first = cell(&mut sheets, "Timeline 2", 1, "Message");
        assert_eq!(first.to_string(), "m10");
        // A sheet that is just full has no empty one behind it.
        assert_eq!(
            made(&Case::default(), &events[..10], 11)
                .sheet_names()
                .len(),
            4
        );
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_told() {
        let whole = "x".repeat(MOST_UNITS);
        // Two units each, so that the cut falls between characters.
        let long = "\u{1f600}".repeat(MOST_UNITS);
        let mut sheets = made(&Case::default(), &[event(&whole), event(&long)], MOST_ROWS);
        assert_eq!(
            cell(&mut sheets, "Timeline", 1, "Message").to_string(),
            whole
        );
        let cut = cell(&mut sheets, "Timeline", 2, "Message").to_string();
        let units = cut.encode_utf16().count();
        assert!((MOST_UNITS - 1..=MOST_UNITS).contains(&units), "{units}");
        let (kept, mark) = cut.split_once("… [cut: ").unwrap();
        let kept = kept.encode_utf16().count();
        assert_eq!(mark, format!("{} more characters]", 65_534 - kept));
        assert_eq!(rows(&mut sheets, "Problems"), 1);
        let place = cell(&mut sheets, "Problems", 1, "Where");
        assert_eq!(place.to_string(), "report.xlsx, Timeline!Q3");
    }

    #[test]
    fn only_a_panic_over_an_unwritable_file_is_an_error() {
        let full = "Couldn't write to xml file: Os { code: 28, kind: StorageFull }";
        let rewound = "called `Result::unwrap()` on an `Err` value: Os { code: 28 }";
        for text in [full, rewound] {
            // As a formatted panic carries it.
            let error = settled(Err(Box::new(text.to_owned()))).unwrap_err();
            assert_eq!(error.to_string(), sheets::NO_TEMPORARY_FILE);
        }
        for payload in [
            "index out of bounds",
            "called `Option::unwrap()` on a `None` value",
        ] {
            let passed = catch_unwind(|| settled(Err(Box::new(payload))));
            assert_eq!(passed.unwrap_err().downcast_ref::<&str>(), Some(&payload));
        }
    }

    #[test]
    fn a_narrowed_report_says_so() {
        let case = Case {
            narrowed: Some("from 2026-11-03".to_owned()),
            ..Case::default()
        };
        let mut sheets = made(&case, &[], MOST_ROWS);
        assert_eq!(rows(&mut sheets, "Problems"), 1);
        let what = cell(&mut sheets, "Problems", 1, "What").to_string();
        assert_eq!(what, "the report is narrowed: from 2026-11-03");
    }

    #[test]
    fn a_problem_too_long_for_a_cell_is_told_too() {
        let case = Case {
            problems: vec![crate::model::Problem::loss(
                "a",
                None,
                "x".repeat(40_000),
                "b",
            )],
            ..Case::default()
        };
        let mut sheets = made(&case, &[], MOST_ROWS);
        assert_eq!(rows(&mut sheets, "Problems"), 2);
        let place = cell(&mut sheets, "Problems", 2, "Where");
        assert_eq!(place.to_string(), "report.xlsx, Problems!B2");
    }
}
