//! Blocks of the old viewer: `Process:`, `Thread:`, `Module:`, `Source:`, `Description:`, a line each.

use super::forms::{Copy, MOST_LINES, is_rule, leading, severity, unquoted};

/// A block of the old viewer: one key on each line, the text at or below the last.
#[derive(Default)]
pub struct Block<'t> {
    values: Vec<(&'static str, &'t str)>,
    text: Option<Vec<&'t str>>,
}

/// The keys of the old viewer, the text last.
const OLD: [&str; 11] = [
    "Process:",
    "Thread:",
    "Thread ID:",
    "Module:",
    "Source:",
    "Date:",
    "Tick Count:",
    "Host Name:",
    "Priority:",
    "Log File Name:",
    "Description:",
];

/// The key that a line begins with, and its value.
pub fn old_key(line: &str) -> Option<(&'static str, &str)> {
    OLD.iter()
        .find_map(|key| Some((*key, line.strip_prefix(key)?.trim())))
}

impl<'t> Block<'t> {
    /// Takes a key with its value.
    pub fn add(&mut self, key: &'static str, value: &'t str) {
        if key == "Description:" {
            self.text = Some(if value.is_empty() {
                Vec::new()
            } else {
                vec![value]
            });
        } else {
            self.values.push((key, value));
        }
    }

    /// Whether a line still belongs to this block.
    pub fn takes(&self, line: &str) -> bool {
        let line = unquoted(line).1;
        let stars = line.len() >= 3 && line.bytes().all(|byte| byte == b'*');
        let blank_inside = line.is_empty() && self.text.as_ref().is_some_and(Vec::is_empty);
        if stars || is_rule(line) || line.is_empty() && !blank_inside {
            return false;
        }
        match (&self.text, old_key(line)) {
            // The first key again begins the next block.
            (_, Some((key, _))) => self.values.iter().all(|(known, _)| *known != key),
            (None, None) => false,
            (Some(text), None) => text.len() < MOST_LINES,
        }
    }

    /// Takes the next line.
    pub fn line(&mut self, line: &'t str) {
        let inside = self.text.as_ref().is_some_and(|text| !text.is_empty());
        match (old_key(line), &mut self.text) {
            // Below the text only what no message says.
            (Some((key @ ("Date:" | "Host Name:" | "Tick Count:"), value)), _) => {
                self.add(key, value);
            }
            (Some((key, value)), _) if !inside => self.add(key, value),
            (_, Some(text)) => {
                text.push(line);
            }
            _ => {}
        }
    }

    /// The record, if the block is one.
    pub fn copy(self, line: u32) -> Option<Copy<'t>> {
        let value = |names: &[&str]| {
            self.values
                .iter()
                .find(|(key, _)| names.contains(key))
                .map(|(_, value)| *value)
                .filter(|value| !value.is_empty())
        };
        let message = self.text.as_ref()?.join("\n").trim().to_owned();
        // A sentence that begins with "Description:" is no record.
        let known = ["Process:", "Module:", "Source:"]
            .iter()
            .filter(|key| value(&[key]).is_some())
            .count();
        if known < 2 || message.is_empty() {
            return None;
        }
        Some(Copy {
            line,
            message,
            date: value(&["Date:"]),
            tick: value(&["Tick Count:"]).and_then(leading),
            severity: value(&["Priority:"]).and_then(severity),
            process: value(&["Process:"]).unwrap_or_default(),
            thread: value(&["Thread:", "Thread ID:"])
                .and_then(leading)
                .and_then(|id| id.try_into().ok()),
            source: value(&["Source:"]).unwrap_or_default(),
            host: value(&["Host Name:"]),
        })
    }
}
