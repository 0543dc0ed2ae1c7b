//! Finds the records that the viewer copied, of the new form and the old, between any other text.

use super::old_form::{Block, old_key};
use crate::model::{Record, Writer};
use std::collections::VecDeque;
use std::sync::Arc;

/// Hyphens in the line between message and header; 101 in all samples.
const LEAST_HYPHENS: usize = 20;
/// Lines of one message; more above a header are prose.
pub(super) const MOST_LINES: usize = 2_000;
/// Bytes of a record's `Size` that are not its message: at least, and at most.
const LEAST_FRAME: usize = 60;
const MOST_FRAME: usize = 450;

/// A record as copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy<'t> {
    /// The first line of its message, or of its block.
    pub line: u32,
    pub message: String,
    pub date: Option<&'t str>,
    pub tick: Option<u64>,
    pub severity: Option<u8>,
    pub process: &'t str,
    pub thread: Option<u32>,
    pub source: &'t str,
    pub host: Option<&'t str>,
}

impl Copy<'_> {
    /// What stands on the timeline.
    pub fn record(&self) -> Record {
        Record {
            severity: self.severity,
            writer: Arc::new(Writer {
                component: self.source.into(),
                process: self.process.into(),
            }),
            thread: self.thread,
            tick: self.tick,
            tag: None,
        }
    }
}

/// All records in a text, in its order.
pub fn read(text: &str) -> Vec<Copy<'_>> {
    let all: Vec<&str> = text.lines().collect();
    let mut copies = Vec::new();
    // Lines left of a raw record: what its text quotes is no record of the viewer.
    let mut raw = 0_usize;
    // Lines above that may be a message, with their numbers.
    let mut above: VecDeque<(u32, &str)> = VecDeque::new();
    let mut lines = (1_u32..).zip(all.iter().copied()).peekable();
    while let Some((number, line)) = lines.next() {
        let (quote, bare) = unquoted(line);
        if raw > 0 || opens_raw(bare) {
            raw = if bare.contains("</event>") || is_rule(bare) {
                0
            } else if raw == 0 {
                MOST_LINES
            } else {
                raw - 1
            };
            above.clear();
            continue;
        }
        if is_header(bare, above.back().map(|(_, line)| unquoted(line).1)) {
            let mut header = Header::default();
            header.add(bare);
            // Two more lines follow, in one paragraph.
            while let Some((_, next)) = lines.peek() {
                let next = unquoted(next).1;
                if !next.starts_with("Process:") && !next.starts_with("Priority:") {
                    break;
                }
                header.add(next);
                lines.next();
            }
            if let Some((line, message)) = message(&mut above, quote, header.size) {
                copies.push(header.copy(line, message));
            }
            above.clear();
        } else if let Some(key) = old_key(bare) {
            let mut block = Block::default();
            block.add(key.0, key.1);
            let mut end = number;
            while let Some((place, next)) = lines.next_if(|(_, next)| block.takes(next)) {
                end = place;
                block.line(unquoted(next).1);
            }
            if let Some(copy) = block.copy(number) {
                copies.push(copy);
                above.clear();
            } else {
                // Lines of a message that look like keys.
                let passed = all
                    .get(number as usize - 1..end as usize)
                    .unwrap_or_default();
                above.extend((number..).zip(passed.iter().copied()));
            }
        } else {
            above.push_back((number, line));
        }
        while above.len() > MOST_LINES {
            above.pop_front();
        }
    }
    copies
}

/// The marks of a quoted mail and blanks before a line, and the line without them.
pub(super) fn unquoted(line: &str) -> (&str, &str) {
    let line = line.trim_end();
    let bare = line.trim_start_matches(['>', '|', ' ', '\t', '\u{A0}', '\u{FEFF}']);
    (&line[..line.len() - bare.len()], bare)
}

fn opens_raw(line: &str) -> bool {
    line.starts_with("<event") && (line.contains("date=") || line.contains("severity="))
}

pub(super) fn is_rule(line: &str) -> bool {
    line.chars().count() >= LEAST_HYPHENS
        && line
            .chars()
            .all(|one| matches!(one, '-' | '\u{2010}'..='\u{2015}' | '─'))
}

/// Whether a line begins the header below a message.
fn is_header(line: &str, above: Option<&str>) -> bool {
    line.starts_with("Date:") && (line.contains("Tick Count:") || above.is_some_and(is_rule))
}

/// The message above a header: the last paragraph, or more if the stated size says so.
fn message(
    above: &mut VecDeque<(u32, &str)>,
    quote: &str,
    size: Option<usize>,
) -> Option<(u32, String)> {
    let bare = |line: &str| unquoted(line).1.is_empty();
    let pop_blank = |above: &mut VecDeque<(u32, &str)>| {
        let mut any = false;
        while above.back().is_some_and(|(_, line)| bare(line)) {
            above.pop_back();
            any = true;
        }
        any
    };
    pop_blank(above);
    if above
        .back()
        .is_some_and(|(_, line)| is_rule(unquoted(line).1))
    {
        above.pop_back();
    }
    pop_blank(above);
    let mut lines: VecDeque<(u32, String)> = VecDeque::new();
    let mut length = 0;
    loop {
        while let Some((number, line)) = above.back().filter(|(_, line)| !bare(line)) {
            if is_entry(unquoted(line).1) {
                above.clear();
                break;
            }
            let line = line.strip_prefix(quote).unwrap_or(line).trim_end();
            length += line.chars().count() + 1;
            lines.push_front((*number, line.to_owned()));
            above.pop_back();
        }
        // A message may hold blank lines. Prose above it looks the same, but makes it too long.
        let paragraph: usize = above
            .iter()
            .rev()
            .skip_while(|(_, line)| bare(line))
            .take_while(|(_, line)| !bare(line))
            .map(|(_, line)| line.chars().count() + 1)
            .sum();
        let more = size.is_some_and(|size| {
            length + MOST_FRAME < size && length + paragraph + LEAST_FRAME <= size
        });
        if !more || paragraph == 0 || !pop_blank(above) {
            break;
        }
        let before = lines
            .front()
            .map_or(1, |(number, _)| number.saturating_sub(1));
        lines.push_front((before, String::new()));
    }
    if let Some(size) = size {
        while length + LEAST_FRAME > size && lines.len() > 1 {
            let first = lines.pop_front();
            length -= first.map_or(0, |(_, line)| line.chars().count() + 1);
        }
    }
    let (number, _) = lines.front()?;
    let number = *number;
    let text: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    Some((number, text.join("\n").trim().to_owned()))
}

/// `Entry 1:`
fn is_entry(line: &str) -> bool {
    line.strip_prefix("Entry ")
        .and_then(|rest| rest.strip_suffix(':'))
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What stands below a message.
#[derive(Default)]
struct Header<'t> {
    date: Option<&'t str>,
    tick: Option<u64>,
    size: Option<usize>,
    process: &'t str,
    thread: Option<u32>,
    severity: Option<u8>,
    source: &'t str,
}

/// The keys of the header. A value goes up to the next key, because a date may hold a comma.
const KEYS: [&str; 8] = [
    "Date:",
    "Tick Count:",
    "Size:",
    "Process:",
    "Thread ID:",
    "Module:",
    "Priority:",
    "Source:",
];

impl<'t> Header<'t> {
    fn add(&mut self, line: &'t str) {
        let mut places: Vec<(usize, &str)> = KEYS
            .iter()
            .filter_map(|key| {
                let at = line.find(key)?;
                let alone = at == 0 || line[..at].trim_end().ends_with(',');
                alone.then_some((at, *key))
            })
            .collect();
        places.sort_unstable();
        for (place, (at, key)) in places.iter().enumerate() {
            let end = places.get(place + 1).map_or(line.len(), |(next, _)| *next);
            let value = line[at + key.len()..end]
                .trim()
                .trim_end_matches(',')
                .trim();
            match *key {
                "Date:" => self.date = Some(value),
                "Tick Count:" => self.tick = leading(value),
                "Size:" => self.size = leading(value).and_then(|size| size.try_into().ok()),
                "Process:" => self.process = value,
                "Thread ID:" => self.thread = leading(value).and_then(|id| id.try_into().ok()),
                "Priority:" => self.severity = severity(value),
                "Source:" => self.source = value,
                _ => {}
            }
        }
    }

    fn copy(self, line: u32, message: String) -> Copy<'t> {
        Copy {
            line,
            message,
            date: self.date,
            tick: self.tick,
            severity: self.severity,
            process: self.process,
            thread: self.thread,
            source: self.source,
            host: None,
        }
    }
}

/// The number at the beginning of a value: `1918530156 (22.04:55:30.1560000)`.
pub(super) fn leading(value: &str) -> Option<u64> {
    let end = value
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(value.len());
    value[..end].parse().ok()
}

/// `4`, `Error`, `Warning (2)`.
pub(super) fn severity(value: &str) -> Option<u8> {
    let word = value.to_ascii_lowercase();
    let named = [
        ("error", 1),
        ("warn", 2),
        ("info", 4),
        ("trace", 8),
        ("verb", 16),
    ];
    value.parse().ok().or_else(|| {
        named
            .iter()
            .find(|(name, _)| word.starts_with(name))
            .map(|(_, level)| *level)
    })
}
