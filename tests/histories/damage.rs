//! What happens to evidence before it reaches us.

use super::paper::{Form, Sheet, Sort, write};
use super::product::{Chance, DAY, HOUR, History};
use super::wording::{Say, of_cleanup, of_download};

/// Something that happened to the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// Documents of one kind were not collected.
    NoDocumentsOf(Sort),
    /// Some documents were not collected.
    FewerDocuments,
    /// The logs lack a stretch.
    Gap,
    /// The logs begin late, or end early.
    LateLogs,
    EarlyEnd,
    /// One log file was not collected.
    NoOldLog,
    /// The log level leaves out some kinds of records. Not those of the product's own clean-up, of
    /// downloads and of missing files: without just these, no reader can tell the evidence from one
    /// where there was nothing of the kind.
    FewerKindsOfRecords,
    /// Lines are lost.
    LostLines,
    /// A file was cut.
    Cut,
    /// Nothing but copies.
    Doubled,
    /// The same records in another order within their seconds.
    Shuffled,
    /// Files by other names.
    Renamed,
}

use Damage as D;

pub const WITHHOLDING: &[Damage] = &[
    D::NoDocumentsOf(Sort::Snapshot),
    D::NoDocumentsOf(Sort::Status),
    D::NoDocumentsOf(Sort::Listing),
    D::NoDocumentsOf(Sort::Setting),
    D::FewerDocuments,
    D::Gap,
    D::LateLogs,
    D::EarlyEnd,
    D::NoOldLog,
    D::FewerKindsOfRecords,
    D::LostLines,
    D::Cut,
    D::Shuffled,
];

/// Writes a history down and damages it.
pub fn damaged(
    history: &History,
    form: &Form,
    damages: &[Damage],
    chance: &mut Chance,
) -> Vec<Sheet> {
    let mut history = history.clone();
    for damage in damages {
        before_writing(&mut history, *damage, chance);
    }
    let mut sheets = write(&history, form);
    for damage in damages {
        after_writing(&mut sheets, form, *damage, chance);
    }
    sheets
}

fn before_writing(history: &mut History, damage: Damage, chance: &mut Chance) {
    let span = history.end - history.begin;
    match damage {
        D::Gap => {
            let from = history.begin + chance.between(3 * HOUR, span - 4 * HOUR);
            let to = from + chance.between(2 * HOUR, 30 * HOUR);
            history
                .entries
                .retain(|entry| !(from..to).contains(&entry.at));
        }
        D::LateLogs => {
            let from = history.begin + chance.between(3 * HOUR, span - DAY);
            history.entries.retain(|entry| entry.at >= from);
        }
        D::EarlyEnd => {
            let to = history.end - chance.between(3 * HOUR, span - DAY);
            history.entries.retain(|entry| entry.at < to);
        }
        D::FewerKindsOfRecords if !history.entries.is_empty() => {
            let kinds: Vec<_> = (0..3)
                .map(|_| chance.below(history.entries.len()))
                .collect();
            let kinds: Vec<_> = kinds
                .into_iter()
                .map(|place| history.entries[place].say.clone())
                .filter(|say| !of_cleanup(say) && !of_download(say) && !matches!(say, Say::Chatter))
                .map(|say| std::mem::discriminant(&say))
                .collect();
            history
                .entries
                .retain(|entry| !kinds.contains(&std::mem::discriminant(&entry.say)));
        }
        D::Shuffled => {
            let mut keyed: Vec<(i64, u64, _)> = std::mem::take(&mut history.entries)
                .into_iter()
                .map(|entry| (entry.at / 1_000, chance.0.next(), entry))
                .collect();
            keyed.sort_by_key(|(second, place, _)| (*second, *place));
            history.entries = keyed.into_iter().map(|(_, _, entry)| entry).collect();
        }
        _ => {}
    }
}

fn after_writing(sheets: &mut Vec<Sheet>, form: &Form, damage: Damage, chance: &mut Chance) {
    match damage {
        D::NoDocumentsOf(sort) => sheets.retain(|sheet| sheet.sort != sort),
        D::FewerDocuments => sheets.retain(|sheet| sheet.sort == Sort::Log || chance.percent(60)),
        D::NoOldLog => sheets.retain(|sheet| !sheet.path.ends_with("Agent1.log")),
        D::LostLines if form.has_records_of_several_lines() => {
            for sheet in sheets.iter_mut().filter(|sheet| sheet.sort == Sort::Log) {
                sheet.bytes = thinned(&sheet.bytes, form, chance);
            }
        }
        D::Cut if !sheets.is_empty() => {
            let place = chance.below(sheets.len());
            let length = sheets[place].bytes.len();
            sheets[place].bytes.truncate(chance.below(length));
        }
        D::Doubled => {
            let copies: Vec<Sheet> = sheets
                .iter()
                .filter(|_| chance.percent(60))
                .map(|sheet| Sheet {
                    path: sheet.path.replacen("bundle/", "bundle/again/", 1),
                    ..sheet.clone()
                })
                .collect();
            sheets.extend(copies);
        }
        D::Renamed => {
            for (number, sheet) in sheets.iter_mut().enumerate() {
                if sheet.sort == Sort::Log
                    && let Some((folder, _)) = sheet.path.rsplit_once('/')
                {
                    let letter = (b'z' - (number % 26) as u8) as char;
                    sheet.path = format!("{folder}/{letter}{number}.txt");
                }
            }
        }
        _ => {}
    }
}

/// A tenth of the lines is lost.
fn thinned(bytes: &[u8], form: &Form, chance: &mut Chance) -> Vec<u8> {
    let unit = form.bytes_of_a_letter();
    let mut kept = Vec::new();
    let mut line = Vec::new();
    for letter in bytes.chunks(unit) {
        line.extend_from_slice(letter);
        let end = letter.contains(&b'\n') && letter.iter().all(|byte| matches!(byte, 0 | b'\n'));
        if end {
            if !chance.percent(10) {
                kept.append(&mut line);
            }
            line.clear();
        }
    }
    kept.append(&mut line);
    kept
}

/// A tenth of the lines of all files is lost.
pub fn without_a_tenth(sheets: &[Sheet], form: &Form, chance: &mut Chance) -> Vec<Sheet> {
    let mut thin = |sheet: &Sheet| match sheet.sort {
        Sort::Log => thinned(&sheet.bytes, form, chance),
        _ => sheet
            .bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|_| !chance.percent(10))
            .flatten()
            .copied()
            .collect(),
    };
    sheets
        .iter()
        .map(|sheet| Sheet {
            bytes: thin(sheet),
            ..sheet.clone()
        })
        .collect()
}
