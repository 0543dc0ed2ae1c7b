//! What lay on disk: `dir /s`, a table of PowerShell, or a plain list of paths.
//!
//! `dir` is read by its layout and not by its words, which differ with the language of Windows: a
//! folder begins with an indented line around a full path, an entry begins with a date, and an
//! indented count ends the folder. Only that count shows that nothing was cut: a folder proves that
//! a file is absent if its count was seen and agrees.

mod table;

use super::Defects;
use crate::ingest::Defect;
use crate::ingest::stamps::{self, DateOrder};
use crate::model::{ListedFile, ListedFolder, Listing, Stamp, path};
use std::cmp::Ordering;

/// Files of one listing that are used; as many as elements of a document.
const MOST_FILES: usize = 1_000_000;
/// Characters of a line that are quoted.
const MAX_QUOTE: usize = 300;

/// Whether a file is a listing, by its content.
pub fn recognise(prefix: &str) -> bool {
    let prefix = prefix.trim_start_matches('\u{FEFF}');
    if prefix.trim_start().starts_with('<') {
        return false;
    }
    let (mut header, mut proof) = (false, false);
    for line in prefix.lines() {
        header |= folder_name(line).is_some();
        proof |= header && (entry(line, None, None).is_some() || count(line).is_some());
    }
    proof || table::is_csv(prefix) || table::is_list(prefix)
}

/// Reads a listing. `None` if it shows no folder.
pub fn parse(text: &str, option: Option<DateOrder>) -> (Option<Listing>, Vec<Defect>) {
    let text = text.trim_start_matches('\u{FEFF}');
    let (listing, defects) = if table::is_csv(text) {
        table::csv(text, option)
    } else if table::is_list(text) {
        table::list(text)
    } else {
        dir(text, option)
    };
    (
        Some(listing).filter(|listing| !listing.folders.is_empty()),
        defects,
    )
}

/// Told once.
fn too_many(line: u32) -> Defect {
    loss(
        line,
        format!("more than {MOST_FILES} files"),
        "what follows in the listing is not used",
    )
}

fn loss(line: u32, what: String, cost: &str) -> Defect {
    Defect {
        line: Some(line),
        what,
        cost: cost.to_owned(),
        lost: true,
    }
}

/// Where the reading of a `dir` stands.
#[derive(Default)]
struct Dir {
    listing: Listing,
    defects: Defects,
    /// How many files are shown so far.
    files: usize,
    /// The folder whose entries are being read, and the number of its links to files.
    folder: Option<(ListedFolder, usize)>,
    /// Counts since the last folder name, or since the line that announces the total.
    counts: u32,
    headless: bool,
    /// Whether the current folder shows `.` and `..`; where a filter (`dir *.exe`) hides files, it hides them too.
    dotted: bool,
    filtered: bool,
}

fn dir(text: &str, option: Option<DateOrder>) -> (Listing, Vec<Defect>) {
    let dates = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let settled = stamps::settle(dates, option);
    let order = settled.order;
    let column = text.lines().find_map(name_column);
    let mut state = Dir::default();

    state.listing.counted = true;
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if let Some(path) = folder_name(line) {
            state.close(number);
            state.counts = 0;
            state.dotted = false;
            state.folder = Some((
                ListedFolder {
                    path: path.to_owned(),
                    line: number,
                    text: line.trim().chars().take(MAX_QUOTE).collect(),
                    ..ListedFolder::default()
                },
                0,
            ));
        } else if let Some(found) = entry(line, order, column) {
            state.entry(found, number);
        } else if let Some(files) = count(line) {
            state.count(files, number);
        } else if !line.trim().is_empty() {
            if state.folder.is_none() && state.listing.folders.is_empty() {
                state.listing.taken = state.listing.taken.or(stated(line, order));
            } else if state.folder.is_none() {
                // `Total Files Listed:`
                state.counts = 0;
            }
        }
    }
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let whole_line = text.ends_with('\n')
        || ["free", "frei", "libres"]
            .iter()
            .any(|word| text.trim_end().ends_with(word));
    // Two counts in a row, of files and of folders, stand only at the end.
    let ended = state.folder.is_none() && state.counts >= 2 && whole_line;
    state.close(lines);
    state.listing.complete = ended;
    if !ended && !state.listing.folders.is_empty() && state.defects.is_empty() {
        state.defects.push(loss(
            lines,
            "the end of the listing is missing".to_owned(),
            "folders that it does not show may have been there",
        ));
    }
    let mut defects = state.defects.finish();
    defects.extend(settled.is_guess.then(super::guessed_order));
    (state.listing, defects)
}

impl Dir {
    fn entry(&mut self, found: Entry<'_>, line: u32) {
        let Some((folder, file_links)) = &mut self.folder else {
            if !self.headless {
                self.headless = true;
                self.defects.push(loss(
                    line,
                    "entries of a folder whose name is missing".to_owned(),
                    "they are not used",
                ));
            }
            return;
        };
        match found.kind {
            Kind::Folder if matches!(found.name, "." | "..") => self.dotted = true,
            Kind::Folder => folder.folders.push(found.name.to_owned()),
            Kind::Link { to_file } => {
                *file_links += usize::from(to_file);
                // `name [target]`
                let (name, target) = found.name.split_once(" [").unwrap_or((found.name, ""));
                folder.links.push(name.to_owned());
                let target = target.trim_end().trim_end_matches(']');
                folder.targets.push(target.to_owned());
            }
            Kind::File(size) => {
                self.files += 1;
                match self.files.cmp(&(MOST_FILES + 1)) {
                    Ordering::Less => folder.files.push(ListedFile {
                        name: found.name.to_owned(),
                        size,
                        modified: Some(found.stamp),
                        line,
                    }),
                    Ordering::Equal => self.defects.push(too_many(line)),
                    Ordering::Greater => {}
                }
            }
        }
    }

    /// `3 File(s)  37,606,345 bytes` ends a folder.
    fn count(&mut self, files: usize, line: u32) {
        self.counts += 1;
        let Some((mut folder, file_links)) = self.folder.take() else {
            return;
        };
        let shown = folder.files.len();
        folder.complete = files == shown || files == shown + file_links;
        if !folder.complete {
            self.defects.push(loss(
                line,
                format!("`{}` has {files} files, but {shown} are shown", folder.path),
                "this folder proves no absence",
            ));
        } else if !self.dotted && !path::is_root(&path::fold(&folder.path, None)) {
            folder.complete = false;
            if !self.filtered {
                self.filtered = true;
                self.defects.push(Defect {
                    line: Some(folder.line),
                    what: format!(
                        "`{}` is shown without `.` and `..`, as where a filter hides files",
                        folder.path
                    ),
                    cost: "such folders prove no absence; list with dir /s /a".to_owned(),
                    lost: false,
                });
            }
        }
        self.listing.folders.push(folder);
    }

    /// A folder that ends without a count.
    fn close(&mut self, line: u32) {
        if let Some((folder, _)) = self.folder.take() {
            self.defects.push(loss(
                line,
                format!("the number of files in `{}` is missing", folder.path),
                "this folder proves no absence",
            ));
            self.listing.folders.push(folder);
        }
    }
}

/// A time that somebody wrote above the listing: `Date: 2026-11-03 02:40`.
fn stated(line: &str, order: Option<DateOrder>) -> Option<Stamp> {
    let line = line.trim().trim_start_matches(['#', ' ']);
    let labelled = line.split_once(": ").map(|(_, rest)| rest);
    [Some(line), labelled]
        .into_iter()
        .flatten()
        .find_map(|text| stamps::parse(text, order))
        .filter(|stamp| stamp.has_year)
}

/// Words that stand behind the path, where the language wants it.
const BEHIND: [&str; 5] = [
    " のディレクトリ",
    "のディレクトリ",
    " 디렉터리",
    " 的目录",
    " 的目錄",
];

/// The path in ` Directory of D:\PkgShare`, ` Répertoire de D:\PkgShare`, ` D:\PkgShare のディレクトリ`.
fn folder_name(line: &str) -> Option<&str> {
    if !line.starts_with([' ', '\t']) && !line.starts_with("Directory of ") {
        return None;
    }
    let line = line.trim_end();
    let line = BEHIND
        .iter()
        .find_map(|words| line.strip_suffix(words))
        .unwrap_or(line);
    let start = line
        .char_indices()
        .filter(|(_, letter)| matches!(letter, ' ' | '\t' | '\u{A0}'))
        .map(|(at, letter)| at + letter.len_utf8())
        .find(|at| is_absolute(&line[*at..]))?;
    Some(line[start..].trim_end())
}

/// `D:\...` or `\\server\...`.
fn is_absolute(path: &str) -> bool {
    match path.as_bytes() {
        [b'\\', b'\\', server, ..] => *server != b'\\' && !server.is_ascii_whitespace(),
        [drive, b':', b'\\', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

struct Entry<'a> {
    stamp: Stamp,
    kind: Kind,
    name: &'a str,
}

enum Kind {
    Folder,
    Link { to_file: bool },
    File(Option<u64>),
}

/// `05/29/2025  06:03 AM    <DIR>          bin`, `01/05/2025  10:21  3 686 249 data.cab`.
fn entry(line: &str, order: Option<DateOrder>, column: Option<usize>) -> Option<Entry<'_>> {
    let (stamp, rest) = time(line, order)?;
    let rest_at = line.len() - rest.len();
    let rest = rest.trim_start();
    if let Some((marker, name)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let kind = match marker {
            "DIR" | "REP" | "RÉP" => Kind::Folder,
            "SYMLINK" => Kind::Link { to_file: true },
            _ => Kind::Link { to_file: false },
        };
        let name = name.trim();
        return (!name.is_empty()).then_some(Entry { stamp, kind, name });
    }
    // The names of all entries stand in one column, which tells `3 686 249 data.cab` apart.
    let in_column = column
        .and_then(|column| line.char_indices().nth(column))
        .and_then(|(at, _)| Some((line.get(rest_at..at)?, &line[at..])))
        .filter(|(size, _)| size.ends_with(' ') && number(size.trim()).is_some());
    let (size, name) = in_column.or_else(|| split_number(rest))?;
    let name = name.trim();
    (!name.is_empty()).then_some(Entry {
        stamp,
        kind: Kind::File(number(size.trim())),
        name,
    })
}

/// The date and time at the beginning of a line, and the rest.
fn time(line: &str, order: Option<DateOrder>) -> Option<(Stamp, &str)> {
    if !line.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut ends = [0; 4];
    let (mut words, mut in_word) = (0, false);
    for (at, letter) in line.char_indices() {
        let blank = matches!(letter, ' ' | '\t');
        if in_word && blank {
            ends[words] = at;
            words += 1;
            if words == ends.len() {
                break;
            }
        }
        in_word = !blank;
    }
    // The longest that is a time: `06:03`, `06:03 AM`, `06:03 p. m.`
    ends[..words]
        .iter()
        .rev()
        .find_map(|end| Some((stamps::parse(&line[..*end], order)?, &line[*end..])))
}

/// The column of the names, from a line with `<DIR>`: 15 characters behind the bracket.
fn name_column(line: &str) -> Option<usize> {
    let (_, rest) = time(line, None)?;
    rest.trim_start().starts_with('<').then_some(())?;
    Some(line.chars().take_while(|letter| *letter != '<').count() + 15)
}

/// What languages put between thousands. `ÿ` is a no-break blank of DOS read as Windows text,
/// and `?` one that the code page of the console does not have.
fn is_separator(letter: char) -> bool {
    matches!(
        letter,
        ',' | '.' | '\'' | '’' | '?' | '\u{A0}' | '\u{202F}' | '\u{2009}' | 'ÿ' | '\u{FFFD}'
    )
}

/// A whole number with or without separators.
fn number(text: &str) -> Option<u64> {
    let mut value = 0_u64;
    let mut digits = 0;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
            digits += 1;
        } else if !is_separator(letter) && letter != ' ' {
            return None;
        }
    }
    (digits > 0).then_some(value)
}

/// Splits off a leading number; a blank within it stands before exactly three digits.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    loop {
        let group = text[end..]
            .find(|letter: char| !letter.is_ascii_digit() && !is_separator(letter))
            .map_or(text.len(), |length| end + length);
        let length = text[end..group].trim_start().len();
        if length == 0 || end > 0 && length != 3 {
            break;
        }
        end = group;
        // Past the blank, to see whether three more digits follow.
        match text[end..].strip_prefix(' ') {
            Some(rest) if rest.starts_with(|next: char| next.is_ascii_digit()) => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let closed = rest[digits..].starts_with(' ');
                if digits != 3 || !closed {
                    break;
                }
                end += 1;
            }
            _ => break,
        }
    }
    let (number, rest) = text.split_at(end);
    (end > 0 && rest.starts_with(' ')).then_some((number, rest))
}

/// The number of files in `               3 File(s)     37,606,345 bytes`, in any language.
fn count(line: &str) -> Option<usize> {
    if !line.starts_with([' ', '\t']) {
        return None;
    }
    let (files, rest) = split_number(line.trim())?;
    let rest = rest.trim_start();
    let word = rest.starts_with(|first: char| !first.is_ascii_digit());
    // The second number shows that the first one is whole.
    let second = rest.contains(|letter: char| letter.is_ascii_digit());
    (word && second).then_some(())?;
    usize::try_from(number(files)?).ok()
}

#[cfg(test)]
mod tests;
