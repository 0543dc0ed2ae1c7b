//! Patterns that are tried only where a word of theirs stands: most texts have none of them.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;
use std::sync::OnceLock;

/// One pattern as it stands in a table.
pub struct Rule<T> {
    /// Words in lower case, of which one must stand in the text.
    pub words: &'static [&'static str],
    /// Every named group that takes part is a find.
    pub pattern: &'static str,
    /// What is found.
    pub what: T,
}

/// A table that is ready to be used. It holds at most 128 rules.
pub struct Rules<T: 'static> {
    words: AhoCorasick,
    /// For each word, the rules that it belongs to, as bits.
    of_word: Vec<u128>,
    /// Built when they are asked for the first time: most runs need none.
    rules: Vec<(OnceLock<Option<Regex>>, &'static Rule<T>)>,
}

impl<T> Rules<T> {
    /// Builds the table. A pattern that is none finds nothing; a test holds every pattern.
    pub fn new(table: &'static [Rule<T>]) -> Option<Rules<T>> {
        let mut words = vec![];
        let mut of_word = vec![];
        let mut rules = vec![];
        for rule in table {
            for word in rule.words {
                words.push(*word);
                of_word.push(1 << rules.len());
            }
            rules.push((OnceLock::new(), rule));
        }
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .ok()?;
        Some(Rules {
            words,
            of_word,
            rules,
        })
    }

    /// The rules of which a word stands in the text, as bits: 0 for most texts.
    pub fn worth(&self, text: &str) -> u128 {
        let mut found = 0;
        // Nearly always there is not one, and that is told fastest.
        if !self.words.is_match(text) {
            return found;
        }
        for word in self.words.find_overlapping_iter(text) {
            found |= self.of_word[word.pattern().as_usize()];
        }
        found
    }

    /// The rules among those bits.
    pub fn among(&self, bits: u128) -> impl Iterator<Item = (&Regex, &'static T)> {
        let is_among = move |(place, _): &(usize, _)| bits & (1 << place) != 0;
        let all = self.rules.iter().enumerate().filter(is_among);
        all.filter_map(|(_, (regex, rule))| {
            let regex = regex.get_or_init(|| Regex::new(rule.pattern).ok());
            Some((regex.as_ref()?, &rule.what))
        })
    }

    /// How many patterns there are.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.among(u128::MAX).count()
    }
}
